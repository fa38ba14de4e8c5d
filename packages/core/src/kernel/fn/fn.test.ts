import { aSchool, asPublic, asSystem, asUser } from "@lectern/tenants/testing";
import { sql } from "drizzle-orm";
import { expect, expectTypeOf, test } from "vitest";
import * as z from "zod";
import { categoryTable } from "../../learn/category/category.sql.ts";
import { type UserActor, useActor, withActor } from "../actor/index.ts";
import { Db } from "../db/index.ts";
import { createId } from "../id/index.ts";
import { isOwnPermission, Permission, type PermissionName, permissions } from "../permission/index.ts";
import { fn } from "./index.ts";

const nothing = z.object({}).prefault({});
const Ref = z.object({ id: z.string() });
const onProbe = ({ id }: { id: string }) => ({ type: "probe", id });
const transaction = () => Db.use(async (tx) => (await tx.execute(sql`select pg_current_xact_id()::text as id`))[0]?.id);

// Rows of this type are "mine", "hidden" or "shown"; the judge records the transaction it runs in.
const judgedIn: unknown[] = [];
Permission.resource("probe", async (id) => {
  judgedIn.push(await transaction());
  if (id === "missing") return undefined;
  return { own: id === "mine", why: `It is ${id}.`, refusal: id === "hidden" ? "not_found" : "forbidden" };
});

const denied = { kind: "forbidden", code: "permission.denied" };
const signedOut = { kind: "unauthenticated", code: "auth.required" };

test("a permission that somebody holds for their own rows only is not declared without naming them", () => {
  for (const permission of Object.keys(permissions) as PermissionName[]) {
    const declare = () => fn.any(permission as "school.read", nothing, async () => "done");
    if (isOwnPermission(permission)) expect(declare, permission).toThrow(/one's own rows only/);
    else expect(declare().policy).toBe(permission);
  }
});

test("wrong combinations of form and permission do not compile", () => {
  const work = async () => "done";
  const wrong = () => {
    // @ts-expect-error: instructors hold it for their own courses.
    fn.any("course.edit", nothing, work);
    // @ts-expect-error: every holder has it for the whole school.
    fn.every("user.read", nothing, work);
    // @ts-expect-error: there is no such permission.
    fn.self("course.fly", nothing, work);
    // @ts-expect-error: the resource is missing.
    fn.on("course.edit", nothing, work);
    // @ts-expect-error: the input has no such field to name a resource by.
    fn.on("course.edit", ({ courseId }) => ({ type: "course", id: courseId }), Ref, work);
    // @ts-expect-error: the reason is missing.
    fn.public(nothing, work);
    // @ts-expect-error: `read` does not say which resource it has read.
    fn.on.read("course.read", Ref, async () => ({ title: "" }), work);
  };
  expect(wrong).toThrow();
  const call = fn.on.tx("course.edit", onProbe, Ref, async (tx, input) => {
    expectTypeOf(tx).toEqualTypeOf<Db.Tx>();
    expectTypeOf(input).toEqualTypeOf<{ id: string }>();
    return 7;
  });
  expectTypeOf(call).parameters.toEqualTypeOf<[input: { id: string }]>();
  expectTypeOf(call).returns.resolves.toEqualTypeOf<number>();
  expectTypeOf(call.form).toEqualTypeOf<"on">();
  const mine = fn.self("profile.manage", nothing, (me) => {
    expectTypeOf(me).toEqualTypeOf<UserActor>();
    return me.userId;
  });
  expectTypeOf(mine).toBeCallableWith();
});

test("a function says what it guards, for the routes and the isolation matrix", () => {
  const work = async () => "done";
  expect({ ...fn.public("a token", Ref, work) }).toMatchObject({
    form: "public",
    policy: { none: "a token" },
    schema: Ref,
  });
  expect({ ...fn.self("profile.manage", Ref, work) }).toMatchObject({
    form: "self",
    policy: "profile.manage",
    schema: Ref,
  });
  expect({ ...fn.on("user.read", onProbe, Ref, work) }).toMatchObject({ form: "on", policy: "user.read", schema: Ref });
  expect({ ...fn.on.tx("course.edit", onProbe, Ref, work) }).toMatchObject({
    form: "on",
    policy: "course.edit",
    schema: Ref,
  });
  expect({ ...fn.any("user.read", Ref, work) }).toMatchObject({ form: "any", policy: "user.read", schema: Ref });
  expect({ ...fn.every("course.edit", Ref, work) }).toMatchObject({
    form: "every",
    policy: "course.edit",
    schema: Ref,
  });
  expect({ ...fn.system("a consumer", Ref, work) }).toMatchObject({ form: "system", policy: { none: "a consumer" } });
  expect({ ...fn.operator("a command", Ref, work) }).toMatchObject({ form: "operator", policy: { none: "a command" } });
});

test("input that does not fit is refused before anything is judged", async () => {
  const school = await aSchool();
  const call = fn.on.tx("course.edit", onProbe, Ref, async () => "done");
  judgedIn.length = 0;
  await asUser(school, { roles: ["instructor"] }, async () => {
    await expect(call({} as { id: string })).rejects.toMatchObject({
      kind: "invalid",
      fields: { id: expect.any(String) },
    });
  });
  expect(judgedIn).toEqual([]);
});

test("self hands over the signed-in person, and refuses visitors, the platform and roles without the permission", async () => {
  const school = await aSchool();
  const call = fn.self("course.edit", nothing, (me) => me.userId);
  await asUser(school, { roles: ["instructor"] }, async (userId) => expect(await call()).toBe(userId));
  await asUser(school, { roles: ["learner"] }, () => expect(call()).rejects.toMatchObject(denied));
  await asPublic(school, () => expect(call()).rejects.toMatchObject(signedOut));
  await asSystem(school, () => expect(call()).rejects.toMatchObject(signedOut));
});

test.each([
  ["on", fn.on("course.edit", onProbe, Ref, async () => "done")],
  ["on.tx", fn.on.tx("course.edit", onProbe, Ref, async () => "done")],
])("%s lets a person at their own row only, and hides what they must not know of", async (_, call) => {
  const school = await aSchool();
  await asUser(school, { roles: ["instructor"] }, async () => {
    expect(await call({ id: "mine" })).toBe("done");
    await expect(call({ id: "shown" })).rejects.toMatchObject({ ...denied, message: "It is shown." });
    await expect(call({ id: "hidden" })).rejects.toMatchObject({ kind: "not_found", code: "probe.not_found" });
    await expect(call({ id: "missing" })).rejects.toMatchObject({ kind: "not_found", code: "probe.not_found" });
  });
  for (const id of ["mine", "shown"])
    await asUser(school, { roles: ["learner"] }, () => expect(call({ id })).rejects.toMatchObject(denied));
  await asPublic(school, () => expect(call({ id: "mine" })).rejects.toMatchObject(signedOut));
  await asUser(school, { roles: ["admin"] }, async () => {
    expect(await call({ id: "hidden" })).toBe("done");
    await expect(call({ id: "missing" })).rejects.toMatchObject({ kind: "not_found" });
  });
});

test("on.tx judges and works in one transaction, which keeps nothing when the work throws", async () => {
  const school = await aSchool();
  const add = fn.on.tx("course.edit", onProbe, Ref.extend({ name: z.string() }), async (tx, { name }) => {
    await tx.insert(categoryTable).values({ id: createId("category"), name, slug: name, position: 0 });
    const own = await transaction();
    if (name === "broken") throw new Error("after the insert");
    return own;
  });
  await asUser(school, { roles: ["instructor"] }, async () => {
    judgedIn.length = 0;
    expect(await add({ id: "mine", name: "kept" })).toBe(judgedIn[0]);
    await expect(add({ id: "mine", name: "broken" })).rejects.toThrow("after the insert");
    await expect(add({ id: "shown", name: "refused" })).rejects.toMatchObject(denied);
    const rows = await Db.use((tx) => tx.select({ name: categoryTable.name }).from(categoryTable));
    expect(rows).toEqual([{ name: "kept" }]);
  });
});

test("on.read works with what it has read once the judge has allowed it, and not before", async () => {
  const school = await aSchool();
  const worked: string[] = [];
  const call = fn.on.read(
    "course.edit",
    Ref,
    async (_, { id }) => ({
      on: {
        type: "probe",
        judge: () =>
          id === "missing" ? undefined : { own: id === "mine", why: `It is ${id}.`, refusal: "forbidden" as const },
      },
      secret: `of ${id}`,
    }),
    ({ secret }) => {
      worked.push(secret);
      return secret;
    },
  );
  await asUser(school, { roles: ["instructor"] }, async () => {
    expect(await call({ id: "mine" })).toBe("of mine");
    await expect(call({ id: "shown" })).rejects.toMatchObject({ ...denied, message: "It is shown." });
    await expect(call({ id: "missing" })).rejects.toMatchObject({ kind: "not_found", code: "probe.not_found" });
  });
  await asPublic(school, () => expect(call({ id: "mine" })).rejects.toMatchObject(signedOut));
  await asUser(school, { roles: ["admin"] }, async () => expect(await call({ id: "shown" })).toBe("of shown"));
  expect(worked).toEqual(["of mine", "of shown"]);
});

test("any asks the role alone", async () => {
  const school = await aSchool();
  const call = fn.any("user.read", nothing, async () => "done");
  await asUser(school, { roles: ["admin"] }, async () => expect(await call()).toBe("done"));
  await asSystem(school, async () => expect(await call()).toBe("done"));
  await asUser(school, { roles: ["instructor"] }, () => expect(call()).rejects.toMatchObject(denied));
  await asPublic(school, () => expect(call()).rejects.toMatchObject(signedOut));
});

test("every refuses those who hold the permission for their own rows only", async () => {
  const school = await aSchool();
  const call = fn.every("course.edit", nothing, async () => "done");
  await asUser(school, { roles: ["admin"] }, async () => expect(await call()).toBe("done"));
  await asSystem(school, async () => expect(await call()).toBe("done"));
  for (const role of ["instructor", "learner"] as const)
    await asUser(school, { roles: [role] }, () => expect(call()).rejects.toMatchObject(denied));
  await asPublic(school, () => expect(call()).rejects.toMatchObject(signedOut));
});

test("system and operator work is refused to an owner and to a visitor", async () => {
  const school = await aSchool();
  const work = async () => "done";
  const system = fn.system("a consumer", nothing, work);
  const operator = fn.operator("a command", nothing, work);
  for (const call of [system, operator]) {
    await asUser(school, { roles: ["owner"] }, () => expect(call()).rejects.toMatchObject(denied));
    await asPublic(school, () => expect(call()).rejects.toMatchObject(denied));
    expect(await asSystem(school, call)).toBe("done");
  }
  expect(await operator()).toBe("done");
  await expect(system()).rejects.toThrow("no actor");
});

test("public work does not ask who calls", async () => {
  const school = await aSchool();
  const call = fn.public("a token is the proof", nothing, async () => useActor().type);
  expect(await asPublic(school, call)).toBe("public");
  expect(await asUser(school, { roles: [] }, () => call())).toBe("user");
});

test("an API key acts within its scopes, on its maker's own rows too", async () => {
  const school = await aSchool();
  const call = fn.self("profile.manage", nothing, (me) => me.viaKey);
  await asUser(school, { roles: ["learner"] }, async () => {
    const person = useActor() as UserActor;
    const key = (scopes: UserActor["permissions"]): UserActor => ({ ...person, viaKey: "key_1", permissions: scopes });
    await withActor(key(new Map()), () => expect(call()).rejects.toMatchObject(denied));
    expect(await withActor(key(new Map([["profile.manage", "own"]])), call)).toBe("key_1");
  });
});
