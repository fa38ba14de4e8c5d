import { randomBytes } from "node:crypto";
import type { Ids } from "./world.ts";

// What a request of each operation carries, so that it gets past the parser and up to the permission. Ids come from
// `ids` only: the matrix swaps each of them, one at a time, for another school's.

type Body = (ids: Ids) => unknown;

const some = (): string => randomBytes(6).toString("hex");

/** A body for every operation that takes one. An operation that is missing here is a finding. */
export const bodies: Readonly<Record<string, Body>> = {
  "PATCH /me": () => ({ department: "Physics" }),
  "PUT /me/password": () => ({ current: "not the password", next: `correct horse ${some()}` }),
  "PUT /me/email": () => ({ email: `${some()}@check.test`, password: "not the password" }),
  "PUT /users/{userId}/email": () => ({ email: `${some()}@check.test` }),
  "POST /permissions/check": (ids) => ({
    checks: [
      { permission: "course.edit", resource: { type: "course", id: ids.courseId } },
      { permission: "course.read", resource: { type: "lesson", id: ids.lessonId } },
      { permission: "user.manage", resource: { type: "user", id: ids.userId } },
    ],
  }),
  "PATCH /settings": () => ({ signUp: { mode: "open", domains: [] } }),
  "PUT /legal/{legalPage}": () => ({ text: "# Terms" }),
  "PATCH /school/brand": () => ({ radius: "soft" }),
  "POST /school/logo": () => ({ fileName: "a.png", contentType: "image/png" }),
  "POST /domains": () => ({ host: `${some()}.check.edu` }),
  "POST /users": () => ({ email: `${some()}@check.test`, givenName: "New", roles: ["learner"] }),
  "POST /users/{userId}/owner": () => ({ ownPassword: "not the password" }),
  "POST /users/{userId}/owner/reinstate": () => ({ ownPassword: "not the password" }),
  "PATCH /users/{userId}": () => ({ department: "Physics" }),
  "POST /role-requests": () => ({ message: "May I?" }),
  "POST /role-requests/{roleRequestId}/decision": () => ({ approve: false }),
  "POST /invitations": () => ({ email: `${some()}@check.test`, roles: ["learner"] }),
  "POST /invitations/bulk": (ids) => ({ addresses: [`${some()}@check.test`], courseId: ids.courseId }),
  // A password that is refused: making accounts is not what is asked here, and a good one takes long by design.
  "POST /registration": () => ({ email: `${some()}@check.test`, password: "short", givenName: "New" }),
  "POST /registration/verification": () => ({ email: `${some()}@check.test` }),
  "POST /registration/verification/confirm": () => ({ token: some(), password: some() }),
  "POST /password-reset": () => ({ email: `${some()}@check.test` }),
  "POST /password-reset/confirm": () => ({ token: some(), password: `correct horse ${some()}` }),
  "POST /invitations/open": () => ({ token: some() }),
  "POST /invitations/accept": () => ({ token: some() }),
  "POST /categories": () => ({ name: `Category ${some()}` }),
  "PATCH /categories/{categoryId}": () => ({ name: `Category ${some()}` }),
  "POST /categories/{categoryId}/move": () => ({ position: 0 }),
  "POST /courses": (ids) => ({ title: "A course", categoryId: ids.categoryId }),
  "PATCH /courses/{courseId}": (ids) => ({ title: "Another title", categoryId: ids.categoryId, version: 1 }),
  "PUT /courses/{courseId}/cover": (ids) => ({ assetId: ids.assetId }),
  "POST /courses/{courseId}/staff": (ids) => ({ userId: ids.teacherId, role: "instructor" }),
  "POST /courses/{courseId}/modules": () => ({ title: "A module" }),
  "PATCH /modules/{moduleId}": () => ({ title: "Another title" }),
  "POST /modules/{moduleId}/move": () => ({ position: 0 }),
  "POST /modules/{moduleId}/lessons": () => ({ title: "A lesson", source: "Text" }),
  "PATCH /lessons/{lessonId}": () => ({ title: "Another title", version: 1 }),
  "POST /lessons/{lessonId}/move": (ids) => ({ moduleId: ids.moduleId, position: 0 }),
  "POST /lessons/preview": (ids) => ({ format: "markdown", source: "# Text", courseId: ids.courseId }),
  "POST /courses/{courseId}/assets": () => ({ kind: "file", fileName: "a.txt" }),
  "POST /courses/{courseId}/assets/{assetId}/confirm": () => ({ kind: "file" }),
  "POST /api-keys": () => ({ name: `Key ${some()}`, scopes: ["course.read"] }),
  "POST /enrollments": (ids) => ({ courseId: ids.courseId }),
  "POST /courses/{courseId}/enrollments": (ids) => ({ userId: ids.userId }),
  "POST /courses/{courseId}/progress": (ids) => ({ lessonId: ids.lessonId, kind: "done" }),
  "POST /courses/{courseId}/roster/{userId}/reset": () => ({ reason: "isolation check" }),
  "POST /certificates/{number}/revoke": () => ({ reason: "isolation check" }),
  "POST /notifications/read": () => ({ all: true }),
  // A reserved address: no school is opened.
  "POST /schools": () => ({
    slug: "admin",
    name: "Check",
    owner: { email: `${some()}@check.test`, givenName: "New", familyName: "", password: `correct horse ${some()}` },
  }),
  "POST /schools/find": () => ({ email: `${some()}@check.test` }),
};

/** Queries that name rows. */
export const queries: Readonly<Record<string, Body>> = {
  "GET /courses": (ids) => ({ category: ids.categoryId }),
  "GET /audit": (ids) => ({ targetId: ids.courseId, actorId: ids.userId }),
};

/** What a path parameter means where it is not the row of its own name. */
export const meanings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "GET /courses/{courseId}/roster/{userId}": { userId: "learnerId" },
  "POST /courses/{courseId}/roster/{userId}/reset": { userId: "learnerId" },
  "POST /courses/{courseId}/roster/{userId}/recompute": { userId: "learnerId" },
  "DELETE /courses/{courseId}/enrollments/{userId}": { userId: "learnerId" },
  "DELETE /courses/{courseId}/staff/{userId}": { userId: "staffId" },
};

/** Path parameters that name no row of a school. */
export const constants: Readonly<Record<string, string>> = {
  role: "assistant",
  slug: "some-address",
  legalPage: "terms",
};
