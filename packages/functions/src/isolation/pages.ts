import { randomBytes } from "node:crypto";
import type { PermissionName } from "@lectern/core/kernel/permission";
import type { ActorName } from "./actors.ts";
import type { Ids } from "./world.ts";

// States each page's rules by the API operation that does the same, so each rule exists once. A page or form missing
// here is a finding: its author must add its policy.

export type Policy =
  /** As this operation of the API. */
  | { readonly like: string }
  /** One of these permissions, of the role alone. */
  | { readonly needs: readonly PermissionName[] }
  /** Everybody may; only the comparison with an unknown id counts. */
  | "open"
  /** Everybody who has signed in. */
  | "signed in"
  | ((actor: ActorName, isOwn: boolean) => "open" | "allowed" | "refused");

export interface Form {
  /** Which of a page's forms: its `intent`. */
  readonly intent: string;
  readonly policy: Policy;
  readonly fields?: (ids: Ids) => Readonly<Record<string, string>>;
  /** It changes the caller: sessions, password, profile. */
  readonly isSelf?: boolean;
}

const like = (name: string): Policy => ({ like: name });
const needs = (...permissions: readonly PermissionName[]): Policy => ({ needs: permissions });

/** Pages on the platform's own host. */
export const platformPages = new Set([
  "/pricing",
  "/sign-up",
  "/sign-up/check",
  "/sign-up/enter",
  "/find-my-school",
  "/operator",
]);

/** What a parameter of a path means, where it is not the row of its own name. */
export const pageMeanings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "/studio/courses/:courseId/people/:userId": { userId: "learnerId" },
};

/** Each sees there what they may. */
const runsTheSchool = needs("user.read", "billing.read", "moderation.manage");

/** Who may read each page. Layouts have their path followed by "layout". */
export const loaders: Readonly<Record<string, Policy>> = {
  "/ layout": "open",
  "/": "open",
  "/*": "open",
  "/account": like("GET /me"),
  "/admin layout": runsTheSchool,
  "/admin": runsTheSchool,
  "/admin/audit": like("GET /audit"),
  "/admin/audit.csv": like("GET /audit"),
  "/admin/brand": needs("school.brand"),
  "/admin/brand/preview": needs("school.brand"),
  "/admin/categories": needs("category.manage"),
  "/admin/domains": like("GET /domains"),
  "/admin/health": needs("school.settings"),
  "/admin/invitations": like("GET /invitations"),
  "/admin/keys": like("GET /api-keys"),
  "/admin/legal": like("GET /legal"),
  "/admin/people": like("GET /users"),
  "/admin/people.csv": like("GET /users"),
  "/admin/people/:userId": like("GET /users/{userId}"),
  "/admin/people/new": needs("user.manage"),
  "/admin/requests": like("GET /role-requests"),
  "/admin/settings": like("GET /settings"),
  "/auth/callback": "open",
  "/auth/sign-in": "open",
  "/auth/sign-out": "open",
  "/brand/logo": "open",
  "/certificates": "open",
  "/certificates/:number": "open",
  "/courses": "open",
  "/courses/:courseSlug": like("GET /courses/{courseId}"),
  "/courses/:courseSlug/enroll": "open",
  "/favicon.svg": "open",
  "/find-my-school": "open",
  "/learn": like("GET /dashboard"),
  "/learn/:courseSlug": like("GET /courses/{courseId}/progress"),
  "/learn/:courseSlug/:lessonSlug": like("GET /courses/{courseId}/lessons/{lessonId}"),
  "/legal/:page": "open",
  "/media/:assetId/*": like("GET /assets/{assetId}"),
  "/notifications": like("GET /notifications"),
  // A visitor without the operators' token sees where to enter it.
  "/operator": "open",
  "/pricing": "open",
  "/search": "open",
  "/sign-up": "open",
  "/sign-up/check": "open",
  "/sign-up/enter": "open",
  "/studio layout": needs("progress.read"),
  "/studio": like("GET /teaching/courses"),
  "/studio/courses/:courseId": like("GET /courses/{courseId}/editor"),
  "/studio/courses/:courseId/details": like("GET /courses/{courseId}/editor"),
  "/studio/courses/:courseId/lessons/:lessonId": like("GET /courses/{courseId}/editor"),
  "/studio/courses/:courseId/people": like("GET /courses/{courseId}/roster"),
  "/studio/courses/:courseId/people.csv": like("GET /courses/{courseId}/roster"),
  "/studio/courses/:courseId/people/:userId": like("GET /courses/{courseId}/roster/{userId}"),
  "/studio/import": needs("course.create"),
  "/studio/import/:importId": like("GET /imports/{importId}"),
  "/studio/new": needs("course.create"),
  "/teach": "open",
  "/theme": "open",
};

const some = (): string => randomBytes(6).toString("hex");
/** A refused form repeats what was typed, so the address is made of the id that is compared. */
const guestOf = (courseId: string): string => `${courseId}@check.test`;

/** What each form needs to get past its reader, and who may send it. */
export const forms: Readonly<Record<string, readonly Form[]>> = {
  "/*": [{ intent: "", policy: "open" }],
  "/account": [
    {
      intent: "profile",
      policy: like("PATCH /me"),
      isSelf: true,
      fields: () => ({ givenName: "New", familyName: "Name", locale: "en", zone: "" }),
    },
    {
      intent: "password",
      policy: like("PUT /me/password"),
      isSelf: true,
      fields: () => ({ current: "not the password", next: `correct horse ${some()}` }),
    },
    {
      intent: "email",
      policy: like("PUT /me/email"),
      isSelf: true,
      fields: () => ({ email: `${some()}@check.test`, password: "not the password" }),
    },
    { intent: "email-cancel", policy: like("DELETE /me/email"), isSelf: true },
    // Ending another person's session shows a warning on one's own page, as for an expired one.
    {
      intent: "session",
      policy: (actor) => (actor === "anonymous" || actor === "stranger" ? "refused" : "open"),
      isSelf: true,
      fields: (ids) => ({ sessionId: ids.sessionId ?? "" }),
    },
    { intent: "everywhere", policy: like("DELETE /me/sessions"), isSelf: true },
    {
      intent: "verify",
      policy: (actor) => (actor === "anonymous" || actor === "stranger" ? "refused" : "open"),
      isSelf: true,
      fields: () => ({ from: "admin" }),
    },
  ],
  "/admin": [{ intent: "dismiss", policy: like("POST /overview/dismiss") }],
  "/admin/brand": [
    {
      intent: "brand",
      policy: like("PATCH /school/brand"),
      fields: () => ({ name: "Check", tagline: "", accent: "#1f6f54", font: "inter", radius: "soft" }),
    },
    {
      intent: "logo",
      policy: like("POST /school/logo/{logoId}/confirm"),
      fields: ({ assetId = "" }) => ({ logoId: assetId }),
    },
    { intent: "remove-logo", policy: like("PATCH /school/brand") },
    { intent: "remove-dark-logo", policy: like("PATCH /school/brand") },
  ],
  "/admin/categories": [
    { intent: "add", policy: like("POST /categories"), fields: () => ({ name: `Category ${some()}` }) },
    {
      intent: "rename",
      policy: like("PATCH /categories/{categoryId}"),
      fields: ({ categoryId = "" }) => ({ categoryId, name: "Renamed" }),
    },
    {
      intent: "move",
      policy: like("POST /categories/{categoryId}/move"),
      fields: ({ categoryId = "" }) => ({ categoryId, name: "x", position: "0" }),
    },
    {
      intent: "remove",
      policy: like("DELETE /categories/{categoryId}"),
      fields: ({ categoryId = "" }) => ({ categoryId, name: "x" }),
    },
  ],
  "/admin/domains": [
    { intent: "add", policy: like("POST /domains"), fields: () => ({ host: `${some()}.check.edu` }) },
    { intent: "check", policy: like("POST /domains/{host}/check"), fields: ({ host = "" }) => ({ host }) },
    { intent: "remove", policy: like("DELETE /domains/{host}"), fields: ({ host = "" }) => ({ host }) },
  ],
  "/admin/invitations": [
    {
      intent: "invite",
      policy: like("POST /invitations/bulk"),
      fields: ({ courseId = "" }) => ({ addresses: guestOf(courseId), role: "learner", message: "", courseId }),
    },
    {
      intent: "resend",
      policy: like("POST /invitations/{invitationId}/resend"),
      fields: ({ invitationId = "" }) => ({ invitationId, email: "x" }),
    },
    {
      intent: "revoke",
      policy: like("DELETE /invitations/{invitationId}"),
      fields: ({ invitationId = "" }) => ({ invitationId, email: "x" }),
    },
  ],
  "/admin/keys": [
    {
      intent: "make",
      policy: like("POST /api-keys"),
      fields: () => ({ name: `Key ${some()}`, scopes: "course.read", origins: "", expires: "30" }),
    },
    {
      intent: "revoke",
      policy: like("DELETE /api-keys/{apiKeyId}"),
      fields: ({ apiKeyId = "" }) => ({ apiKeyId, name: "x" }),
    },
  ],
  "/admin/legal": [
    {
      intent: "terms",
      policy: like("PUT /legal/{legalPage}"),
      fields: () => ({ termsText: "# Terms", termsUrl: "", version: "" }),
    },
  ],
  "/admin/people": [
    {
      intent: "suspend",
      policy: like("POST /users/{userId}/suspend"),
      fields: ({ userId = "" }) => ({ userId, role: "assistant" }),
    },
    {
      intent: "reinstate",
      policy: like("POST /users/{userId}/reinstate"),
      fields: ({ userId = "" }) => ({ userId, role: "assistant" }),
    },
    {
      intent: "give",
      policy: like("PUT /users/{userId}/roles/{role}"),
      fields: ({ userId = "" }) => ({ userId, role: "assistant" }),
    },
    {
      intent: "take",
      policy: like("DELETE /users/{userId}/roles/{role}"),
      fields: ({ userId = "" }) => ({ userId, role: "assistant" }),
    },
  ],
  "/admin/people/:userId": [
    {
      intent: "profile",
      policy: like("PATCH /users/{userId}"),
      fields: () => ({ givenName: "New", familyName: "Name", department: "" }),
    },
    {
      intent: "email",
      policy: like("PUT /users/{userId}/email"),
      fields: () => ({ email: `${some()}@check.test` }),
    },
    { intent: "suspend", policy: like("POST /users/{userId}/suspend") },
    { intent: "mail", policy: needs("user.manage") },
    { intent: "reinstate", policy: like("POST /users/{userId}/reinstate") },
    { intent: "give", policy: like("PUT /users/{userId}/roles/{role}"), fields: () => ({ role: "assistant" }) },
    {
      intent: "owner",
      policy: like("POST /users/{userId}/owner"),
      fields: () => ({ ownPassword: "not the password" }),
    },
    { intent: "take", policy: like("DELETE /users/{userId}/roles/{role}"), fields: () => ({ role: "assistant" }) },
  ],
  "/admin/people/new": [
    {
      intent: "add",
      policy: like("POST /users"),
      fields: () => ({ email: `${some()}@check.test`, givenName: "New", familyName: "", role: "learner" }),
    },
  ],
  "/admin/requests": [
    {
      intent: "approve",
      policy: like("POST /role-requests/{roleRequestId}/decision"),
      fields: ({ roleRequestId = "" }) => ({ roleRequestId, name: "x" }),
    },
    {
      intent: "decline",
      policy: like("POST /role-requests/{roleRequestId}/decision"),
      fields: ({ roleRequestId = "" }) => ({ roleRequestId, name: "x" }),
    },
  ],
  "/admin/settings": [
    {
      intent: "settings",
      policy: like("PATCH /settings"),
      fields: () => ({ mode: "open", domains: "", locale: "en", zone: "UTC", contactEmail: "", version: "" }),
    },
  ],
  "/auth/sign-out": [{ intent: "", policy: "open", isSelf: true }],
  "/certificates/:number": [
    {
      intent: "revoke",
      policy: like("POST /certificates/{number}/revoke"),
      fields: () => ({ reason: "isolation check" }),
    },
    { intent: "reissue", policy: like("POST /certificates/{number}/reissue") },
  ],
  "/courses/:courseSlug/enroll": [
    {
      intent: "",
      // A person who sees every draft reads on its page that no one can join it yet.
      policy: (actor, isOwn) => {
        if (actor === "anonymous" || actor === "stranger") return "refused";
        if (isOwn) return "allowed";
        return actor === "admin" || actor === "owner" ? "open" : "refused";
      },
    },
  ],
  "/find-my-school": [{ intent: "", policy: "open", fields: () => ({ email: `${some()}@check.test` }) }],
  "/learn/:courseSlug": [{ intent: "", policy: like("DELETE /courses/{courseId}/enrollment") }],
  "/learn/:courseSlug/:lessonSlug": ["done", "continue", "reopen"].map((intent) => ({
    intent,
    policy: like("POST /courses/{courseId}/progress"),
    fields: ({ courseId = "", lessonId = "" }: Ids) => ({ courseId, lessonId, next: "" }),
  })),
  "/notifications": [{ intent: "", policy: like("POST /notifications/read") }],
  "/operator": [
    { intent: "sign-in", policy: "open", fields: () => ({ token: some() }) },
    { intent: "sign-out", policy: "open" },
  ],
  // A reserved address: no school is opened.
  "/sign-up": [
    {
      intent: "",
      policy: "open",
      fields: () => ({
        name: "Check",
        slug: "admin",
        givenName: "New",
        email: `${some()}@check.test`,
        password: `correct horse ${some()}`,
      }),
    },
  ],
  "/studio/courses/:courseId": [
    { intent: "publish", policy: like("POST /courses/{courseId}/publish"), fields: () => ({ title: "x" }) },
    { intent: "unpublish", policy: like("POST /courses/{courseId}/unpublish"), fields: () => ({ title: "x" }) },
    { intent: "delete", policy: like("DELETE /courses/{courseId}"), fields: () => ({ title: "x" }) },
    { intent: "add-module", policy: like("POST /courses/{courseId}/modules"), fields: () => ({ title: "A module" }) },
    {
      intent: "rename-module",
      policy: like("PATCH /modules/{moduleId}"),
      fields: ({ moduleId = "" }) => ({ moduleId, title: "Another" }),
    },
    {
      intent: "move-module",
      policy: like("POST /modules/{moduleId}/move"),
      fields: ({ moduleId = "" }) => ({ moduleId, position: "0" }),
    },
    {
      intent: "remove-module",
      policy: like("DELETE /modules/{moduleId}"),
      fields: ({ moduleId = "" }) => ({ moduleId, title: "x" }),
    },
    {
      intent: "add-lesson",
      policy: like("POST /modules/{moduleId}/lessons"),
      fields: ({ moduleId = "" }) => ({ moduleId, title: "A lesson" }),
    },
    {
      intent: "move-lesson",
      policy: like("POST /lessons/{lessonId}/move"),
      fields: ({ moduleId = "", lessonId = "" }) => ({ moduleId, lessonId, position: "0" }),
    },
    {
      intent: "remove-lesson",
      policy: like("DELETE /lessons/{lessonId}"),
      fields: ({ lessonId = "" }) => ({ lessonId, title: "x" }),
    },
  ],
  "/studio/courses/:courseId/details": [
    {
      intent: "details",
      policy: like("PATCH /courses/{courseId}"),
      fields: ({ categoryId = "" }) => ({
        version: "1",
        title: "Another",
        summary: "",
        descriptionHtml: "",
        level: "any",
        language: "en",
        categoryId,
        outcomes: "",
      }),
    },
    {
      intent: "cover",
      policy: like("PUT /courses/{courseId}/cover"),
      fields: ({ assetId = "" }) => ({ assetId }),
    },
    {
      intent: "restore",
      policy: like("PATCH /courses/{courseId}"),
      fields: ({ versionId = "" }) => ({ versionId, version: "1" }),
    },
    {
      intent: "staff",
      policy: like("POST /courses/{courseId}/staff"),
      fields: ({ teacherEmail = "" }) => ({ email: teacherEmail }),
    },
    {
      intent: "unstaff",
      policy: like("DELETE /courses/{courseId}/staff/{userId}"),
      fields: ({ staffId = "" }) => ({ userId: staffId }),
    },
  ],
  "/studio/courses/:courseId/lessons/:lessonId": [
    {
      intent: "lesson",
      policy: like("PATCH /lessons/{lessonId}"),
      fields: () => ({ version: "1", title: "Another", source: "Text", minutes: "3" }),
    },
    {
      intent: "restore",
      policy: like("PATCH /lessons/{lessonId}"),
      fields: ({ versionId = "" }) => ({ versionId, version: "1" }),
    },
    // Who may not gets no preview, in an answer that says nothing else.
    { intent: "preview", policy: "open", fields: () => ({ format: "markdown", source: "# Text" }) },
  ],
  "/studio/courses/:courseId/people": [
    { intent: "enroll", policy: like("POST /courses/{courseId}/enrollments"), fields: ({ email = "" }) => ({ email }) },
    {
      intent: "invite",
      policy: like("POST /invitations/bulk"),
      fields: ({ courseId = "" }) => ({ email: guestOf(courseId) }),
    },
  ],
  "/studio/courses/:courseId/people/:userId": [
    {
      intent: "reset",
      policy: like("POST /courses/{courseId}/roster/{userId}/reset"),
      fields: () => ({ name: "x", reason: "isolation check" }),
    },
    {
      intent: "withdraw",
      policy: like("DELETE /courses/{courseId}/enrollments/{userId}"),
      fields: () => ({ name: "x" }),
    },
  ],
  "/studio/import/:importId": [
    { intent: "start", policy: like("POST /imports/{importId}/start") },
    { intent: "undo", policy: like("POST /imports/{importId}/undo") },
  ],
  "/studio/new": [{ intent: "", policy: like("POST /courses"), fields: () => ({ title: "A course", summary: "" }) }],
  "/teach": [{ intent: "", policy: like("POST /role-requests"), isSelf: true, fields: () => ({ message: "May I?" }) }],
  "/theme": [{ intent: "", policy: "open", fields: () => ({ theme: "dark", next: "/" }) }],
};
