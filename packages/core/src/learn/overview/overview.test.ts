import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { aCourse, enrolled } from "@lectern/core/learn/course/testing";
import { Overview } from "@lectern/core/learn/overview";
import { Identity } from "@lectern/core/people/identity";
import { userTable } from "@lectern/core/people/identity/user.sql";
import { aSchool, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";

const change = (school: Route, userId: string, values: Partial<typeof userTable.$inferInsert>) =>
  asSystem(school, () => Db.use((tx) => tx.update(userTable).set(values).where(eq(userTable.id, userId))));

test("each step is done by what the school is, and the list stays until all of it is", async () => {
  const school = await aSchool();
  const { userId } = await aUser(school, { roles: ["owner"] });
  await change(school, userId, { emailVerifiedAt: null });
  await asUser(school, { roles: ["owner"], userId }, async () => {
    expect(await Overview.get()).toMatchObject({
      steps: { address: false, brand: false, course: false, invitations: false },
      isDismissed: false,
    });
    await expect(Overview.dismiss()).rejects.toMatchObject({ kind: "conflict", code: "checklist.open" });
  });
  await change(school, userId, { emailVerifiedAt: new Date() });
  const branded = { ...school, brand: { ...school.brand, tagline: "Learn." } };
  await asUser(branded, { roles: ["owner"], userId }, async () => {
    await Identity.invite({ email: "first@example.test", roles: ["instructor"] });
    await aCourse(school);
    expect((await Overview.get()).steps).toEqual({ address: true, brand: true, course: false, invitations: true });
    await aCourse(school, { publish: true });
    expect(await Overview.dismiss()).toMatchObject({ isDismissed: true });
    expect((await Overview.dismiss()).isDismissed).toBe(true);
  });
});

test("counts the people who are here and what was learned in the last seven days", async () => {
  const school = await aSchool();
  const { userId: away } = await aUser(school, { roles: ["learner"] });
  const { userId: here } = await aUser(school, { roles: ["learner"], givenName: "Zoë" });
  const { userId: gone } = await aUser(school, { roles: ["learner"] });
  const weeksAgo = new Date(Date.now() - 15 * 24 * 60 * 60 * 1000);
  await change(school, away, { lastSeenAt: weeksAgo, createdAt: weeksAgo });
  await change(school, here, { lastSeenAt: new Date() });
  await change(school, gone, { status: "suspended", lastSeenAt: new Date() });
  await asUser(school, { roles: ["admin"] }, async () => {
    const { id } = await aCourse(school, { publish: true });
    for (const learner of [away, here, gone]) await enrolled(school, id, learner);
    const { people, learning } = await Overview.get();
    expect(people).toMatchObject({ total: 4, joinedThisWeek: 3 });
    expect(people.newest.map(({ name }) => name)).toContain("Zoë Person");
    expect(learning).toEqual({ active: 1, enrollments: 3, completions: 0 });
  });
});

test("is for those who may see people", async () => {
  const school = await aSchool();
  for (const roles of [["learner"], ["instructor"], ["billing"], ["moderator"]] as const)
    await expect(asUser(school, { roles }, () => Overview.get())).rejects.toMatchObject({ kind: "forbidden" });
});

test("signing in ends where a person's work is", () => {
  const places = { owner: "/admin", admin: "/admin", instructor: "/studio", assistant: "/studio" } as const;
  for (const [role, place] of Object.entries(places))
    expect(Identity.startPageOf(["learner", role as keyof typeof places])).toBe(place);
  expect(Identity.startPageOf(["billing"])).toBe("/admin");
  expect(Identity.startPageOf(["moderator", "learner"])).toBe("/admin");
  expect(Identity.startPageOf(["learner"])).toBe("/learn");
  expect(Identity.startPageOf([])).toBe("/learn");
});
