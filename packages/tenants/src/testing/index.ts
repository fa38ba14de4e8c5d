import { randomBytes } from "node:crypto";
import { Actor, type Brand, type Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { Directory, SchoolItem, SlugItem } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { permissionsOf, type Role } from "@lectern/core/kernel/permission";
import { roleGrantTable, userTable } from "@lectern/core/people/identity/user.sql";
import { sql } from "drizzle-orm";
import { Resource } from "sst";
import { Catalog } from "../catalog/index.ts";
import { Cell } from "../cell/index.ts";
import { Provision } from "../provision/index.ts";
import { activate, claim, isAnyWarm } from "../school/claim.ts";
import { defaultBrand } from "../school/defaults.ts";

// Test fixtures: a new school, people in it, and work as an actor. Refuses any stage but the local one.

/** Claims a warm school: new, empty and active. */
export async function aSchool(
  options: { name?: string; slug?: string; brand?: Partial<Brand>; cell?: string } = {},
): Promise<Route> {
  if (Resource.App.stage !== "local") throw new Error("tests run on a local stage only");
  const cell = (await Cell.list()).find((known) => (options.cell ? known.id === options.cell : known.state === "open"));
  if (!cell) throw new Error("no cell takes schools: is the local cloud running?");
  // Creating ten costs little more than one, and only a worker would keep the pool full.
  if (!(await isAnyWarm(cell.id))) await Provision.refill({ target: 10, cell: cell.id });
  const openingId = createId("run");
  const { schoolId, schema, epoch } = await claim(cell.id, openingId);
  await activate(cell.id, schoolId);
  const slug = options.slug ?? `t-${randomBytes(6).toString("hex")}`;
  const now = new Date().toISOString();
  const { logo, logoDark, tagline, ...brand } = { ...defaultBrand, ...options.brand };
  await SlugItem()
    .put({ slug, openingId, requestKey: "test", cell: cell.id, schoolId, state: "open", reservedAt: now })
    .go();
  await SchoolItem()
    .put({
      ...{ schoolId, slug, schema, epoch, cell: cell.id, table: cell.table, createdAt: now },
      name: options.name ?? "Test School",
      brand: {
        ...brand,
        ...(logo !== null && { logo }),
        ...(logoDark !== null && { logoDark }),
        ...(tagline !== null && { tagline }),
      },
      locale: "en",
      zone: "UTC",
      state: "active",
      plan: "free",
    })
    .go();
  const route = await Directory.readSchool(schoolId);
  if (!route) throw new Error("the school that was just made is not in the directory");
  return route;
}

/** Claims a school for an opening that was abandoned yesterday. */
export async function anAbandonedOpening(cellId: string): Promise<{ schoolId: string; openingId: string }> {
  const openingId = createId("run");
  const { schoolId } = await claim(cellId, openingId);
  await Catalog.use(cellId, (tx) =>
    tx.execute(sql`update catalog.school set claimed_at = claimed_at - interval '25 hours' where id = ${schoolId}`),
  );
  return { schoolId, openingId };
}

const common = (school: Route) => ({ school, requestId: createId("request") });

/** Runs work as the platform: every permission, no person. */
export const asSystem = <T>(school: Route, work: () => Promise<T>): Promise<T> =>
  Actor.withActor({ ...common(school), type: "system", reason: "test" }, work);

/** Runs work as a visitor. */
export const asPublic = <T>(school: Route, work: () => Promise<T>): Promise<T> =>
  Actor.withActor({ ...common(school), type: "public" }, work);

/** Runs work as a person with these roles; creates the person unless `userId` is given. */
export async function asUser<T>(
  school: Route,
  person: { roles: readonly Role[]; userId?: string },
  work: (userId: string) => Promise<T>,
): Promise<T> {
  const userId = person.userId ?? (await aUser(school, person)).userId;
  return Actor.withActor(
    {
      ...common(school),
      type: "user",
      userId,
      sessionId: createId("session"),
      roles: person.roles,
      permissions: permissionsOf(person.roles),
      locale: "en",
      zone: "UTC",
    },
    () => work(userId),
  );
}

/** Creates a person with a verified address and no password. */
export async function aUser(
  school: Route,
  person: { roles: readonly Role[]; email?: string; givenName?: string; familyName?: string; department?: string },
): Promise<{ userId: string; email: string }> {
  const userId = createId("user");
  const email = person.email ?? `${userId.slice(-8)}@example.test`;
  await asSystem(school, () =>
    Db.use(async (tx) => {
      await tx.insert(userTable).values({
        id: userId,
        email,
        emailVerifiedAt: new Date(),
        givenName: person.givenName ?? "Test",
        familyName: person.familyName ?? "Person",
        department: person.department ?? null,
      });
      if (person.roles.length > 0)
        await tx.insert(roleGrantTable).values(person.roles.map((role) => ({ userId, role })));
    }),
  );
  return { userId, email };
}
