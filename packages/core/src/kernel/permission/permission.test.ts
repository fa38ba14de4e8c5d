import { aSchool, asPublic, asSystem, asUser } from "@lectern/tenants/testing";
import { expect, expectTypeOf, test } from "vitest";
import {
  isOwnPermission,
  type OwnPermission,
  Permission,
  type PermissionName,
  permissions,
  roles,
  type SchoolPermission,
  visitorPermissions,
} from "./index.ts";

const all = Object.keys(permissions) as PermissionName[];

test("a permission is own-scoped when one role or a visitor holds it for their own rows only", () => {
  const heldAsOwn = (permission: PermissionName) =>
    [...Object.values(roles).map((grants) => new Map(Object.entries(grants))), visitorPermissions].some(
      (grants) => grants.get(permission) === "own",
    );
  for (const permission of all) expect(isOwnPermission(permission), permission).toBe(heldAsOwn(permission));
  expect(all.filter(isOwnPermission)).toEqual([
    "profile.manage",
    "course.read",
    "course.edit",
    "course.publish",
    "course.delete",
    "course.staff",
    "enrollment.manage",
    "progress.record",
    "progress.read",
    "progress.reset",
    "certificate.read",
  ]);
});

test("the types know which permissions are own-scoped", () => {
  expectTypeOf<OwnPermission>().toEqualTypeOf<
    | "profile.manage"
    | "course.read"
    | "course.edit"
    | "course.publish"
    | "course.delete"
    | "course.staff"
    | "enrollment.manage"
    | "progress.record"
    | "progress.read"
    | "progress.reset"
    | "certificate.read"
  >();
  expectTypeOf<OwnPermission | SchoolPermission>().toEqualTypeOf<PermissionName>();
  expectTypeOf<OwnPermission & SchoolPermission>().toEqualTypeOf<never>();
});

test("to reach every row, holding a permission for one's own is not enough", async () => {
  const school = await aSchool();
  const code = (work: () => unknown) => {
    try {
      work();
      return "allowed";
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const everywhere = () => Permission.requireEverywhere("course.edit");
  const held = () => Permission.requireHeld("course.edit");
  await asUser(school, { roles: ["admin"] }, async () => {
    expect([code(everywhere), code(held)]).toEqual(["allowed", "allowed"]);
    expect(held()).toBe("any");
  });
  await asUser(school, { roles: ["instructor"] }, async () => {
    expect([code(everywhere), code(held)]).toEqual(["permission.denied", "allowed"]);
    expect(held()).toBe("own");
  });
  await asUser(school, { roles: ["learner"] }, async () => {
    expect([code(everywhere), code(held)]).toEqual(["permission.denied", "permission.denied"]);
  });
  await asPublic(school, async () => {
    expect([code(everywhere), code(held)]).toEqual(["auth.required", "auth.required"]);
  });
  await asSystem(school, async () => {
    expect([code(everywhere), code(held)]).toEqual(["allowed", "allowed"]);
  });
});

test("a resource of a type that nothing has registered is not found", async () => {
  const school = await aSchool();
  const onGhost = () => Permission.requireOn("course.edit", { type: "ghost", id: "1" });
  for (const role of ["instructor", "admin"] as const)
    await asUser(school, { roles: [role] }, () =>
      expect(onGhost()).rejects.toMatchObject({ kind: "not_found", code: "ghost.not_found" }),
    );
});
