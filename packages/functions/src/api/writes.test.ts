import { RateLimit } from "@lectern/core/house/rate-limit";
import { aSchool } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import { type Call, caller, hostOf, signedIn, visitor } from "./testing/caller.ts";

const aCourse = async (call: Call, title = "Algebra") => (await call("POST /courses", { body: { title } })).body;

test("a course is created, changed, filled, published, read by a visitor, and deleted", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["instructor"]);
  const made = await call("POST /courses", { body: { title: "Algebra" } });
  expect([made.status, made.headers.get("location")]).toEqual([201, `/api/v1/courses/${made.body.id}`]);
  const { id } = made.body;
  expect((await call(`POST /courses/${id}/publish`)).body.code).toBe("course.not_ready");
  const module = await call(`POST /courses/${id}/modules`, { body: { title: "One" } });
  const lesson = await call(`POST /modules/${module.body.id}/lessons`, {
    body: { title: "Begin", source: "# Hello", status: "published" },
  });
  expect(lesson.status).toBe(201);
  expect((await visitor(school)(`GET /courses/${id}`)).status).toBe(404);
  expect((await call(`POST /courses/${id}/publish`)).status).toBe(200);
  const seen = await visitor(school)(`GET /courses/${made.body.slug}`);
  expect(seen.body.modules[0].lessons[0].title).toBe("Begin");
  expect((await visitor(school)("GET /courses?q=algbera")).body.items.length).toBe(1);
  const refused = await visitor(school)(`GET /courses/${id}/lessons/${lesson.body.id}`);
  expect([refused.status, refused.body.code]).toEqual([403, "lesson.enrollment_required"]);
  expect((await call(`DELETE /courses/${id}`)).status).toBe(204);
});

test("a learner enrolls, records facts and sees what is left", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["instructor"]);
  const course = await aCourse(call);
  const { body: module } = await call(`POST /courses/${course.id}/modules`, { body: { title: "One" } });
  const lessons = [];
  for (const title of ["A", "B"])
    lessons.push(
      (await call(`POST /modules/${module.id}/lessons`, { body: { title, source: "Text", status: "published" } })).body,
    );
  await call(`POST /courses/${course.id}/publish`);
  const learner = await signedIn(school, ["learner"]);
  expect((await learner.call("POST /enrollments", { body: { courseId: course.id } })).status).toBe(201);
  const twice = await learner.call("POST /enrollments", { body: { courseId: course.id } });
  expect([twice.status, twice.body.code]).toEqual([409, "enrollment.exists"]);
  const fact = { lessonId: lessons[0].id, kind: "done" };
  const told = await learner.call(`POST /courses/${course.id}/progress`, { body: fact });
  expect([told.status, told.body.progress.percent]).toEqual([200, 50]);
  const explained = await learner.call(`GET /courses/${course.id}/progress`);
  expect(explained.body.remaining.map((each: { title: string }) => each.title)).toEqual(["B"]);
  const roster = await call(`GET /courses/${course.id}/roster`);
  expect(roster.body.items[0]).toMatchObject({ percent: 50, user: { id: learner.userId } });
});

test("an update of a course must name the version it changes", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["instructor"]);
  const course = await aCourse(call);
  const path = `/courses/${course.id}`;
  const silent = await call(`PATCH ${path}`, { body: { title: "Two" } });
  expect([silent.status, silent.body.code]).toEqual([428, "version.required"]);
  const read = await call(`GET ${path}`);
  const etag = read.headers.get("etag") ?? "";
  expect((await call(`GET ${path}`, { headers: { "if-none-match": `W/${etag}` } })).status).toBe(304);
  const changed = await call(`PATCH ${path}`, { body: { title: "Two" }, headers: { "if-match": etag } });
  expect([changed.status, changed.body.title]).toEqual([200, "Two"]);
  const late = await call(`PATCH ${path}`, { body: { title: "Three" }, headers: { "if-match": etag } });
  expect([late.status, late.body.code]).toEqual([412, "course.stale"]);
  const byNumber = await call(`PATCH ${path}`, { body: { title: "Three", version: changed.body.version } });
  expect(byNumber.status).toBe(200);
  const foreign = await call(`PATCH ${path}`, { body: { title: "Four" }, headers: { "if-match": '"nonsense"' } });
  expect(foreign.status).toBe(412);
});

test("If-Match on other resources is compared with the current state", async () => {
  const school = await aSchool();
  const { call, userId } = await signedIn(school, ["admin"]);
  const read = await call(`GET /users/${userId}`);
  const headers = { "if-match": read.headers.get("etag") ?? "" };
  expect((await call(`PATCH /users/${userId}`, { body: { department: "Physics" }, headers })).status).toBe(200);
  const late = await call(`PATCH /users/${userId}`, { body: { department: "Chemistry" }, headers });
  expect([late.status, late.body.code]).toEqual([412, "resource.stale"]);
  expect((await call(`PATCH /users/${userId}`, { body: { department: "Chemistry" } })).status).toBe(200);
});

test("settings accept a version by If-Match, or none", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["admin"]);
  const headers = { "if-match": (await call("GET /settings")).headers.get("etag") ?? "" };
  const body = { signUp: { mode: "invitation" } };
  expect((await call("PATCH /settings", { body, headers })).status).toBe(200);
  expect((await call("PATCH /settings", { body, headers })).status).toBe(412);
  expect((await call("PATCH /settings", { body })).status).toBe(200);
});

test("an Idempotency-Key makes a retry safe", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["instructor"]);
  const headers = { "idempotency-key": "retry-of-a-course" };
  const request = { body: { title: "Once" }, headers };
  const [first, second] = [await call("POST /courses", request), await call("POST /courses", request)];
  expect([first.status, first.headers.get("idempotency-replayed")]).toEqual([201, "false"]);
  expect([second.status, second.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
  expect(second.body).toEqual(first.body);
  expect(second.headers.get("location")).toBe(first.headers.get("location"));
  const other = await call("POST /courses", { body: { title: "Twice" }, headers });
  expect([other.status, other.body.code]).toEqual([409, "idempotency.key_reused"]);
  // Keys are per person.
  const colleague = await signedIn(school, ["instructor"]);
  expect((await colleague.call("POST /courses", { body: { title: "Twice" }, headers })).status).toBe(201);
  expect((await call("GET /teaching/courses")).body.items.length).toBe(1);
});

test("ten concurrent clients with one key create one course", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["instructor"]);
  const request = { body: { title: "Once" }, headers: { "idempotency-key": "ten-at-once-please" } };
  const answers = await Promise.all(Array.from({ length: 10 }, () => call("POST /courses", request)));
  const made = answers.filter(({ status }) => status === 201);
  expect(made.length).toBeGreaterThanOrEqual(1);
  expect(new Set(made.map(({ body }) => body.id)).size).toBe(1);
  for (const { status, headers } of answers.filter(({ status }) => status !== 201)) {
    expect([status, headers.get("retry-after")]).toEqual([409, "1"]);
  }
  expect((await call("GET /teaching/courses")).body.items.length).toBe(1);
});

test("lists come in pages, each item once", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["admin"]);
  for (let i = 0; i < 7; i++) await signedIn(school, ["learner"]);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await call(`GET /users?limit=3${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    expect(page.body.items.length).toBeLessThanOrEqual(3);
    seen.push(...page.body.items.map((user: { id: string }) => user.id));
    cursor = page.body.nextCursor;
  } while (cursor);
  expect(new Set(seen).size).toBe(8);
  expect(seen.length).toBe(8);
  const wrong = await call("GET /users?cursor=nonsense");
  expect([wrong.status, wrong.body.code]).toEqual([422, "cursor.invalid"]);
});

test("other systems' names for roles are accepted", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["admin"]);
  const { userId } = await signedIn(school, ["learner"]);
  const given = await call(`PUT /users/${userId}/roles/teacher`);
  expect(given.body.roles).toContain("instructor");
  expect((await call("GET /users?role=student")).status).toBe(200);
  expect((await call(`PUT /users/${userId}/roles/wizard`)).status).toBe(404);
  expect((await call(`PUT /users/${userId}/roles/super_admin`)).body.code).toBe("role.above_you");
});

test("the rate limit refuses with Retry-After and is per person", async () => {
  RateLimit.forget();
  const school = await aSchool();
  const admin = await signedIn(school, ["admin"], true);
  const number = "GET /certificates/LRN-7K2M-9QXT-4F";
  const answers = [];
  for (let i = 0; i < 24; i++)
    answers.push(await visitor(school, true)(number, { headers: { "x-forwarded-for": "192.0.2.7" } }));
  expect(answers.slice(0, 20).map(({ status }) => status)).not.toContain(429);
  const refused = answers.at(-1);
  expect([refused?.status, refused?.body.code]).toEqual([429, "rate_limit.exceeded"]);
  expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(refused?.headers.get("ratelimit-remaining")).toBe("0");
  // The edge's own entry counts, not what the client wrote before it.
  const spoofed = { headers: { "x-forwarded-for": "203.0.113.9, 192.0.2.7" } };
  expect((await visitor(school, true)(number, spoofed)).status).toBe(429);
  const viewer = { headers: { "x-forwarded-for": "192.0.2.7", "cloudfront-viewer-address": "9.9.9.9:443" } };
  expect((await visitor(school, true)(number, viewer)).status).toBe(429);
  const neighbour = { headers: { "x-forwarded-for": "192.0.2.8" } };
  expect((await visitor(school, true)(number, neighbour)).status).not.toBe(429);
  // One household has a whole /64 of IPv6 addresses.
  const addresses = Array.from({ length: 24 }, (_, i) => `2001:db8:0:1::${i.toString(16)}`);
  const household = [];
  for (const address of addresses)
    household.push((await visitor(school, true)(number, { headers: { "x-forwarded-for": address } })).status);
  expect(household.at(-1)).toBe(429);
  expect((await admin.call("GET /me")).headers.get("ratelimit-remaining")).toBe("599");
  expect((await caller(hostOf(school))(number)).headers.get("ratelimit-limit")).toBe("20000");
});

test("permissions/check returns reasons in the order of the request", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["instructor"]);
  const course = await aCourse(call);
  const resource = { type: "course", id: course.id };
  const checks = [
    { permission: "course.edit", resource },
    { permission: "user.manage" },
    { permission: "no.such.thing", context: { at: 1 } },
  ];
  const { body } = await call("POST /permissions/check", { body: { checks } });
  expect(body.items.map((each: { allowed: boolean }) => each.allowed)).toEqual([true, false, false]);
  expect(body.items[0]).toMatchObject({ resource, reason: "You teach this course." });
  expect(body.items[2].context).toEqual({ at: 1 });
  const many = Array.from({ length: 101 }, () => ({ permission: "course.edit" }));
  expect((await call("POST /permissions/check", { body: { checks: many } })).status).toBe(422);
});
