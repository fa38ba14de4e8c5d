import { aSchool, asSystem, asUser } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import { Course } from "../../learn/course/index.ts";
import { Db } from "../db/index.ts";
import { lazy } from "./index.ts";

test("a module loads before a transaction opens and serves inside it afterwards", async () => {
  const school = await aSchool();
  let loads = 0;
  const module = lazy(async () => ++loads);
  await asSystem(school, async () => {
    await expect(Db.use(() => module())).rejects.toThrow("load it before Db.use");
    expect(loads).toBe(0);
    await module();
    await expect(Db.use(() => module())).resolves.toBe(2);
  });
});

test("a load that fails is not taken for loaded", async () => {
  const school = await aSchool();
  const module = lazy(() => Promise.reject(new Error("the file is gone")));
  await expect(module()).rejects.toThrow("the file is gone");
  await asSystem(school, () => expect(Db.use(() => module())).rejects.toThrow("load it before Db.use"));
});

test("in a process that has rendered nothing yet, a course is made and changed without loading inside a transaction", async () => {
  const school = await aSchool();
  await asUser(school, { roles: ["instructor"] }, async () => {
    const course = await Course.create({ title: "Clouds", descriptionHtml: "Some **bold** words" });
    expect(course.descriptionHtml).toContain("<strong>bold</strong>");
  });
});
