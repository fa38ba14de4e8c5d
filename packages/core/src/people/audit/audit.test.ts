import { Course } from "@lectern/core/learn/course";
import { aCourse } from "@lectern/core/learn/course/testing";
import { Audit } from "@lectern/core/people/audit";
import { Identity } from "@lectern/core/people/identity";
import { Settings } from "@lectern/core/people/settings";
import { School } from "@lectern/tenants/school";
import { aSchool, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { expect, test } from "vitest";

const only = async (input: Parameters<typeof Audit.list>[0]) => {
  const { items } = await Audit.list(input);
  expect(items).toHaveLength(1);
  return items[0];
};

test("changes are kept as they were and as they are", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { title: "Algebra I", publish: true });
  const { userId } = await aUser(school, { roles: ["learner"] });
  await asUser(school, { roles: ["owner"] }, async () => {
    await Settings.update({ zone: "Europe/Zurich" });
    await Identity.grantRole({ userId, role: "instructor" });
    await Identity.revokeRole({ userId, role: "learner" });
    await Identity.update({ userId, familyName: "Hopper", department: "Maths" });
    await School.setBrand({ accent: "#ff0000" });
    await Course.unpublish({ courseId: course.id });
    const data = async (action: string) => (await only({ action }))?.data;
    expect(await data("settings.changed")).toEqual({ before: { zone: "UTC" }, after: { zone: "Europe/Zurich" } });
    expect(await data("role.granted")).toMatchObject({
      before: { roles: ["learner"] },
      after: { roles: ["instructor", "learner"] },
    });
    expect(await data("role.revoked")).toMatchObject({ after: { roles: ["instructor"] } });
    expect(await data("user.updated")).toMatchObject({ after: { familyName: "Hopper", department: "Maths" } });
    expect(await data("brand.changed")).toMatchObject({ after: { accent: "#ff0000" } });
    expect(Object.keys((await data("brand.changed"))?.before as object)).toEqual(["accent"]);
    expect(await data("course.unpublished")).toMatchObject({
      before: { status: "published" },
      after: { status: "draft" },
    });
  });
});

test("entries are found by kind, actor, day and words, and named instead of numbered", async () => {
  const school = await aSchool({ name: "Harbour School" });
  const { userId } = await aUser(school, { roles: ["learner"], familyName: "Ångström" });
  await asUser(school, { roles: ["owner"] }, async (owner) => {
    await Settings.update({ zone: "Pacific/Auckland" });
    await Identity.grantRole({ userId, role: "assistant" });
    await Identity.invite({ email: "ada@münchen.example" });
    expect(await only({ kind: "role" })).toMatchObject({ action: "role.granted", actor: { type: "user", id: owner } });
    expect(await only({ q: "angstrom assistant" })).toMatchObject({ action: "role.granted" });
    expect(await only({ q: "ada@", actorId: owner })).toMatchObject({ target: { name: "ada@münchen.example" } });
    expect(await only({ kind: "settings" })).toMatchObject({ target: { type: "school", name: "Harbour School" } });
    expect((await Audit.list({ actorId: userId })).items).toEqual([]);
    const days = (from: string, to: string) => Audit.list({ from, to, kind: "role" });
    expect((await days("2020-01-01", "2099-01-01")).items).toHaveLength(1);
    expect((await days("2020-01-01", "2020-12-31")).items).toHaveLength(0);
    await expect(Audit.list({ from: "yesterday" })).rejects.toMatchObject({ code: "input.invalid" });
    await expect(Audit.list({ kind: "%' or 1" })).rejects.toMatchObject({ code: "input.invalid" });
    const taken = await Audit.exportAll({ kind: "role" });
    expect(taken).toHaveLength(1);
    expect(await only({ action: "audit.exported" })).toMatchObject({ data: { entries: 1, kind: "role" } });
  });
  for (const work of [() => Audit.list({}), () => Audit.exportAll({})])
    await asUser(school, { roles: ["instructor"] }, () =>
      expect(work()).rejects.toMatchObject({ code: "permission.denied" }),
    );
});

test("who opens a school is the one who did it", async () => {
  const school = await aSchool();
  const own = await asSystem(school, () =>
    Identity.createOwner({ email: "ada@example.test", givenName: "Ada", emailVerified: false }),
  );
  const made = await asSystem(school, () => Identity.createOwner({ email: "bob@example.test", givenName: "Bob" }));
  await asSystem(school, async () => {
    expect(await only({ action: "user.created", targetId: own.userId })).toMatchObject({
      actor: { type: "user", id: own.userId, name: "Ada" },
    });
    expect(await only({ action: "user.created", targetId: made.userId })).toMatchObject({ actor: { type: "system" } });
  });
});

test("an entry keeps what its target was called then; people keep no name in the trail", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { title: "Algebra I", publish: true });
  const { userId } = await aUser(school, { roles: ["learner"], givenName: "Grace", familyName: "Hopper" });
  await asUser(school, { roles: ["owner"] }, async () => {
    await Course.unpublish({ courseId: course.id });
    const { version } = await Course.editor({ courseId: course.id });
    await Course.update({ courseId: course.id, version, title: "Algebra II" });
    expect(await only({ action: "course.unpublished" })).toMatchObject({ target: { name: "Algebra I" } });
    expect(await only({ action: "course.unpublished", q: "algebra i" })).toBeDefined();
    await Identity.suspend({ userId });
    await Identity.update({ userId, familyName: "Murray" });
    expect(await only({ action: "user.suspended", q: "murray" })).toMatchObject({ target: { name: "Grace Murray" } });
    expect((await Audit.list({ action: "user.suspended", q: "hopper" })).items).toEqual([]);
  });
});
