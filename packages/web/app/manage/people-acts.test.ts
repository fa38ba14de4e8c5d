import { Db } from "@lectern/core/kernel/db";
import { Identity } from "@lectern/core/people/identity";
import { aSchool, asUser, aUser } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import type { FormState } from "../components/ui/form.tsx";
import { performForMany } from "./people-acts.server.ts";

// One connection, so that one test can occupy it.
Db.configure({ max: 1 });

const formOf = (intent: string, role: string, ids: readonly string[]): FormData => {
  const form = new FormData();
  form.set("intent", intent);
  form.set("role", role);
  for (const id of ids) form.append("userId", id);
  return form;
};

/** Returns the redirect and its flash, or the refusal. */
async function answerOf(work: ReturnType<typeof performForMany>) {
  const answer = await work;
  if ("data" in answer) return { state: answer.data as FormState, status: answer.init?.status };
  const said = decodeURIComponent(answer.headers.get("set-cookie") ?? "");
  return { to: answer.headers.get("location"), said, status: answer.status, state: undefined };
}

const aClass = async () => {
  const school = await aSchool();
  const people = [];
  for (const familyName of ["One", "Two", "Three"])
    people.push(await aUser(school, { roles: ["learner"], familyName }));
  const ids = people.map(({ userId }) => userId);
  const statuses = () =>
    asUser(school, { roles: ["owner"] }, async () =>
      Promise.all(ids.map(async (userId) => (await Identity.get({ userId })).status)),
    );
  return { school, ids, statuses };
};

test("the act runs once for each ticked person, and the flash names them", async () => {
  const { school, ids, statuses } = await aClass();
  const done = await asUser(school, { roles: ["admin"] }, () =>
    answerOf(performForMany(formOf("suspend", "", [...ids, ...ids]), "/admin/people?q=x")),
  );
  expect(done).toMatchObject({ to: "/admin/people?q=x", status: 302 });
  expect(done.said).toContain("Suspended and signed out: Test One, Test Two, Test Three.");
  expect(await statuses()).toEqual(["suspended", "suspended", "suspended"]);
});

test("a refusal names the person and the reason, and the act runs for the others", async () => {
  const { school, ids, statuses } = await aClass();
  const owner = await aUser(school, { roles: ["owner"], familyName: "Owner" });
  const { state, status } = await asUser(school, { roles: ["admin"] }, () =>
    answerOf(performForMany(formOf("suspend", "", [ids[0] ?? "", owner.userId, "usr_nobody", ids[2] ?? ""]), "/")),
  );
  expect(status).toBe(200);
  expect(state?.values.done).toBe("Test One, Test Three");
  expect(state?.formErrors).toEqual([expect.stringMatching(/^Test Owner: /), expect.any(String)]);
  expect(await statuses()).toEqual(["suspended", "active", "suspended"]);
});

test("an outage midway is reported together with the people who were done", async () => {
  const { school, ids, statuses } = await aClass();
  // After the first suspension, another transaction holds the only connection.
  const ended = Promise.withResolvers<void>();
  const answer = asUser(school, { roles: ["admin"] }, () => answerOf(performForMany(formOf("suspend", "", ids), "/")));
  while ((await statuses())[0] === "active");
  const other = asUser(school, { roles: ["owner"] }, () => Db.use(() => ended.promise));
  const { state, status } = await answer.finally(ended.resolve);
  await Promise.allSettled([other]);
  expect(status).toBe(200);
  const done = state?.values.done?.split(", ") ?? [];
  expect(done[0]).toBe("Test One");
  expect(done.length).toBeLessThan(3);
  expect(state?.formErrors.join(" ")).toMatch(/not changed|We are very busy/);
  expect((await statuses()).filter((each) => each === "suspended")).toHaveLength(done.length);
});

test.each([
  ["nobody", formOf("suspend", "", [])],
  [
    "too many",
    formOf(
      "suspend",
      "",
      Array.from({ length: 101 }, (_, n) => `usr_${n}`),
    ),
  ],
  ["an act that is not known", formOf("delete", "", ["usr_1"])],
  ["a role that is not one", formOf("give", "emperor", ["usr_1"])],
])("%s is refused before any change", async (_, form) => {
  const school = await aSchool();
  const { status } = await asUser(school, { roles: ["owner"] }, () => answerOf(performForMany(form, "/")));
  expect(status).toBe(422);
});

test("a person without the permission changes no person and gets the refusal's status", async () => {
  const { school, ids, statuses } = await aClass();
  for (const [role, act] of [
    ["instructor", "suspend"],
    ["moderator", "give"],
  ] as const) {
    const { status, state } = await asUser(school, { roles: [role] }, () =>
      answerOf(performForMany(formOf(act, "assistant", ids), "/")),
    );
    expect([status, state?.values.done]).toEqual([403, ""]);
  }
  expect(await statuses()).toEqual(["active", "active", "active"]);
});
