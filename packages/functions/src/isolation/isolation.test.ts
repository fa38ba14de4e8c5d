import { Directory } from "@lectern/core/kernel/directory";
import { expect, test } from "vitest";
import { Api } from "../api/index.ts";
import { Isolation } from "./index.ts";

test("in no operation does anybody get past a door that is not theirs, or learn of another school's rows", async () => {
  const result = await Isolation.check();
  expect(result.findings).toEqual([]);
  expect(result.leaks).toBe(0);
  expect(result.routes).toBe(Api.endpoints.length);
  expect(result.calls).toBeGreaterThan(3000);
}, 600_000);

// These also check the person, their place in the course or nothing besides the permission, so switching off the
// permission alone admits no one. Every other check, switched off, must turn the matrix red.
const guardedTwice: Readonly<Record<string, readonly string[]>> = {
  "takes an owner's rank beside the permission": ["POST /users/{userId}/owner"],
  "everybody may": ["GET /school", "GET /sign-up-mode", "GET /categories", "GET /courses", "GET /legal/{legalPage}"],
  "answers about the signed-in person only": [
    "GET /me",
    "PATCH /me",
    "PUT /me/password",
    "GET /me/email",
    "PUT /me/email",
    "DELETE /me/email",
    "GET /me/sessions",
    "DELETE /me/sessions",
    "DELETE /me/sessions/{sessionId}",
    "GET /me/role-request",
    "POST /me/verification",
    "POST /role-requests",
    "GET /teaching/courses",
    "GET /enrollments",
    "GET /dashboard",
    "GET /certificates",
    "GET /notifications",
    "GET /notifications/unread",
    "POST /notifications/read",
  ],
  "needs an enrollment of one's own": [
    "DELETE /courses/{courseId}/enrollment",
    "GET /courses/{courseId}/progress",
    "POST /courses/{courseId}/progress",
  ],
};

test("any single check switched off turns the matrix red", async () => {
  const twice = new Set(Object.values(guardedTwice).flat());
  await Isolation.withStage(async (stage) => {
    const slept: string[] = [];
    for (const { name, permission } of Api.endpoints) {
      if (typeof permission !== "string") continue;
      const { leaks } = await Isolation.runOn(stage, { plant: name, only: name, isOneEnough: true });
      if (leaks === 0) slept.push(name);
    }
    expect(slept.sort()).toEqual([...twice].sort());
  });
}, 600_000);

test("the planted fault is reported by the command's own door, and the schools are gone afterwards", async () => {
  let host = "";
  const result = await Isolation.withStage(async (stage) => {
    host = `${stage.world.school.slug}.${Directory.platformHost()}`;
    return Isolation.runOn(stage, { plant: "GET /courses/{courseId}", only: "GET /courses/{courseId}" });
  });
  expect(result.leaks).toBeGreaterThan(0);
  expect(result.findings[0]).toMatchObject({ route: "GET /courses/{courseId}", target: "not entitled", got: "200" });
  expect(await Directory.byHost(host)).toBeUndefined();
});

test("a route that does not exist cannot be planted", async () => {
  await expect(Isolation.check({ plant: "GET /nothing" })).rejects.toMatchObject({ code: "route.unknown" });
});
