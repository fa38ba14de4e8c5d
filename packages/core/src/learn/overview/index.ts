/** The start page of a school's staff: remaining setup steps, numbers of people, this week's events. */
import { and, count, countDistinct, desc, eq, gte, isNotNull, ne, or, type SQLWrapper, sql } from "drizzle-orm";
import * as z from "zod";
import * as Brand from "../../house/brand/index.ts";
import { useSchool, useUser } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { hasInvited } from "../../people/identity/index.ts";
import { roleGrantTable, userTable } from "../../people/identity/user.sql.ts";
import * as Settings from "../../people/settings/index.ts";
import { courseTable } from "../course/course.sql.ts";
import { importTable } from "../course-import/course-import.sql.ts";
import { enrollmentTable } from "../enrollment/enrollment.sql.ts";

/** What a new school does first. Pages add its domain, which is optional. */
export const steps = ["address", "brand", "course", "invitations"] as const;

export const Info = z.object({
  /** What has been done, each by the state of the school and none by a tick. */
  steps: z.object({ address: z.boolean(), brand: z.boolean(), course: z.boolean(), invitations: z.boolean() }),
  /** Somebody put the list away once everything on it was done. */
  isDismissed: z.boolean(),
  people: z.object({
    total: z.number().int(),
    joinedThisWeek: z.number().int(),
    newest: z.array(z.object({ id: z.string(), name: z.string(), createdAt: z.string() })),
  }),
  /** The last seven days. */
  learning: z.object({ active: z.number().int(), enrollments: z.number().int(), completions: z.number().int() }),
  /** Imports of the last seven days that failed, newest first. */
  failedImports: z.array(z.object({ id: z.string(), fileName: z.string(), at: z.string() })),
});
export type Info = z.infer<typeof Info>;

const weekMs = 7 * 24 * 60 * 60 * 1000;
const newestShown = 5;

/** The overview in one transaction of short queries. */
export const get = fn.any("user.read", z.object({}).default({}), () => Db.use(read));

async function read(tx: Db.Tx): Promise<Info> {
  const week = new Date(Date.now() - weekMs);
  const isActive = eq(userTable.status, "active");
  const [people, newest, seen, enrolled, setUp, failed] = await Promise.all([
    tx
      .select({ total: count(), joined: sql<number>`count(*) filter (where ${gte(userTable.createdAt, week)})::int` })
      .from(userTable)
      .where(isActive),
    tx
      .select({
        id: userTable.id,
        givenName: userTable.givenName,
        familyName: userTable.familyName,
        createdAt: userTable.createdAt,
      })
      .from(userTable)
      .where(isActive)
      .orderBy(desc(userTable.createdAt), desc(userTable.id))
      .limit(newestShown),
    tx
      .select({ active: countDistinct(userTable.id) })
      .from(userTable)
      .innerJoin(enrollmentTable, eq(enrollmentTable.userId, userTable.id))
      .where(and(isActive, gte(userTable.lastSeenAt, week), ne(enrollmentTable.status, "withdrawn"))),
    tx
      .select({
        enrollments: sql<number>`count(*) filter (where ${gte(enrollmentTable.createdAt, week)})::int`,
        completions: sql<number>`count(*) filter (where ${gte(enrollmentTable.completedAt, week)})::int`,
      })
      .from(enrollmentTable)
      .where(or(gte(enrollmentTable.createdAt, week), gte(enrollmentTable.completedAt, week))),
    stepsOf(tx),
    tx
      .select({ id: importTable.id, fileName: importTable.fileName, at: importTable.updatedAt })
      .from(importTable)
      .where(and(eq(importTable.status, "failed"), gte(importTable.createdAt, week)))
      .orderBy(desc(importTable.createdAt))
      .limit(newestShown),
  ]);
  return {
    ...setUp,
    people: {
      total: people[0]?.total ?? 0,
      joinedThisWeek: people[0]?.joined ?? 0,
      newest: newest.map(({ id, givenName, familyName, createdAt }) => ({
        id,
        name: `${givenName} ${familyName}`.trim(),
        createdAt: createdAt.toISOString(),
      })),
    },
    learning: {
      active: seen[0]?.active ?? 0,
      enrollments: enrolled[0]?.enrollments ?? 0,
      completions: enrolled[0]?.completions ?? 0,
    },
    failedImports: failed.map(({ id, fileName, at }) => ({ id, fileName, at: at.toISOString() })),
  };
}

async function stepsOf(tx: Db.Tx): Promise<Pick<Info, "steps" | "isDismissed">> {
  const one = { one: sql`1` };
  const grants = () => tx.select(one).from(roleGrantTable);
  const [[row], invited, isDismissed] = await Promise.all([
    tx
      .select({
        address: isThere(
          grants()
            .innerJoin(userTable, eq(userTable.id, roleGrantTable.userId))
            .where(and(eq(roleGrantTable.role, "owner"), isNotNull(userTable.emailVerifiedAt))),
        ),
        course: isThere(tx.select(one).from(courseTable).where(eq(courseTable.status, "published"))),
        others: isThere(grants().where(ne(roleGrantTable.role, "owner"))),
      })
      .from(sql`(select 1) as here`),
    hasInvited(tx),
    Settings.isChecklistDismissed(tx),
  ]);
  const { logo, tagline, accent } = useSchool().brand;
  return {
    steps: {
      address: row?.address ?? false,
      brand: logo !== null || tagline !== null || accent !== Brand.defaultAccent,
      course: row?.course ?? false,
      invitations: invited || (row?.others ?? false),
    },
    isDismissed,
  };
}

const isThere = (query: SQLWrapper) => sql<boolean>`exists ${query}`;

/** Dismisses the completed checklist for everyone. A repetition changes nothing. @throws checklist.open */
export const dismiss = fn.any("school.settings", z.object({}).default({}), () =>
  Db.use(async (tx) => {
    const { steps: done } = await stepsOf(tx);
    if (!steps.every((step) => done[step]))
      throw new DomainError("conflict", "checklist.open", "There is something left to do on the list.");
    await Settings.dismissChecklist(tx, useUser());
    return read(tx);
  }),
);

export * as Overview from "./index.ts";
