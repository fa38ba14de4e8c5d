import { aSchool, asPublic, asUser } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import { Audit } from "../../people/audit/index.ts";
import { Course } from "../course/index.ts";
import { aCourse } from "../course/testing/index.ts";
import { Category } from "./index.ts";

const names = async () => (await Category.list({})).map(({ name, position }) => `${position}:${name}`);

test("categories are added, renamed, moved and removed, and stay numbered from 0", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true });
  const admin = { roles: ["admin"] as const };
  await asUser(school, admin, async () => {
    const [a, b, c] = await Promise.all(["Arts", "Business", "Cooking"].map((name) => Category.create({ name })));
    if (!a || !b || !c) throw new Error("not made");
    expect(a).toMatchObject({ slug: "arts", name: "Arts", courses: 0 });
    for (const [id, position] of [
      [c.id, 0],
      [a.id, 1],
      [b.id, 50],
    ] as const)
      await Category.move({ categoryId: id, position });
    expect(await names()).toEqual(["0:Cooking", "1:Arts", "2:Business"]);
    expect(await Category.update({ categoryId: a.id, name: "Fine arts" })).toMatchObject({ slug: "arts" });
    await expect(Category.update({ categoryId: a.id, name: "COOKING" })).rejects.toMatchObject({
      kind: "conflict",
      code: "category.exists",
    });
    await expect(Category.create({ name: " cooking " })).rejects.toMatchObject({ code: "category.exists" });
    const { version } = await Course.page({ courseIdOrSlug: course.id });
    await Course.update({ courseId: course.id, version, categoryId: c.id });
    expect((await Category.list({}))[0]).toMatchObject({ name: "Cooking", courses: 1 });
    await Category.remove({ categoryId: c.id });
    expect(await names()).toEqual(["0:Fine arts", "1:Business"]);
    expect((await Course.page({ courseIdOrSlug: course.id })).category).toBeNull();
    await expect(Category.remove({ categoryId: c.id })).rejects.toMatchObject({ kind: "not_found" });
  });
});

test("the audit trail says who renamed a category, from what to what, and skips a name that stays", async () => {
  const school = await aSchool();
  const { id } = await asUser(school, { roles: ["admin"] }, () => Category.create({ name: "Arts" }));
  await asUser(school, { roles: ["owner"] }, async () => {
    for (const name of ["Fine arts", "Fine arts"]) await Category.update({ categoryId: id, name });
    const { items } = await Audit.list({ action: "category.renamed", limit: 10 });
    expect(items.map(({ target, data }) => ({ targetId: target.id, data }))).toEqual([
      { targetId: id, data: { before: { name: "Arts" }, after: { name: "Fine arts" } } },
    ]);
  });
});

test("everyone reads categories, admins change them, and another school's are not found", async () => {
  const school = await aSchool();
  const { id } = await asUser(school, { roles: ["admin"] }, () => Category.create({ name: "Arts" }));
  const changes = [
    () => Category.create({ name: "New" }),
    () => Category.update({ categoryId: id, name: "New" }),
    () => Category.move({ categoryId: id, position: 0 }),
    () => Category.remove({ categoryId: id }),
  ];
  await asPublic(school, async () => {
    expect(await names()).toEqual(["0:Arts"]);
    for (const change of changes) await expect(change()).rejects.toMatchObject({ kind: "unauthenticated" });
  });
  for (const role of ["learner", "instructor"] as const)
    await asUser(school, { roles: [role] }, async () => {
      for (const change of changes) await expect(change()).rejects.toMatchObject({ kind: "forbidden" });
    });
  await asUser(await aSchool(), { roles: ["owner"] }, async () => {
    expect(await names()).toEqual([]);
    for (const change of changes.slice(1))
      await expect(change()).rejects.toMatchObject({ kind: "not_found", code: "category.not_found" });
  });
});
