import { domainToASCII } from "node:url";
import { eq, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { type Actor, useActor } from "../../kernel/actor/index.ts";
import type { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { Permission, type Role, roleNames } from "../../kernel/permission/index.ts";
import { shownEmail } from "../../util/email/index.ts";
import { foldedHas } from "../../util/fold.ts";
import { Locale, Zone } from "../../util/locale.ts";
import { lines, personName } from "../../util/text/index.ts";
import { rolesOfUser } from "./rights.ts";
import { roleGrantTable, userStatuses, userTable } from "./user.sql.ts";

const name = (label: string) =>
  z
    .string()
    .transform(personName)
    .pipe(z.string().max(80, `Please use at most 80 characters for the ${label}.`));

export { Email } from "../../util/email/index.ts";
export const GivenName = name("given name").pipe(z.string().min(1, "Please enter a given name."));
/** May be empty: many people have one name. */
export const FamilyName = name("family name");
export const Department = name("department").transform((text) => text || null);
/** Some words to a person. */
export const Message = z
  .string()
  .transform((text) => lines(text).trim())
  .pipe(z.string().max(2000, "At most 2,000 characters."));
export const Roles = z.array(z.enum(roleNames)).max(roleNames.length);
/** Refused later if it is a bad one; here only what no password can be. */
export const PasswordText = z.string().min(1, "Please enter a password.").max(1024, "That password is too long.");

/** A person of the school. Instants are ISO strings. */
export const Info = z.object({
  id: z.string(),
  /** For display: an internationalized domain is in Unicode here, and either form finds the account. */
  email: z.string(),
  emailVerified: z.boolean(),
  givenName: z.string(),
  familyName: z.string(),
  /** Both names, as people are called: "Ada Lovelace". */
  name: z.string(),
  department: z.string().nullable(),
  status: z.enum(userStatuses),
  roles: z.array(z.enum(roleNames)),
  locale: z.string(),
  /** Null: the school's. */
  zone: z.string().nullable(),
  lastSignInAt: z.string().nullable(),
  lastSeenAt: z.string().nullable(),
  createdAt: z.string(),
});
export type Info = z.infer<typeof Info>;

/** What a person may change of themselves. */
export const Profile = z.object({
  givenName: GivenName.optional(),
  familyName: FamilyName.optional(),
  department: Department.nullable().optional(),
  locale: Locale.optional(),
  zone: Zone.nullable().optional(),
});

export const columns = {
  id: userTable.id,
  email: userTable.email,
  emailVerifiedAt: userTable.emailVerifiedAt,
  givenName: userTable.givenName,
  familyName: userTable.familyName,
  department: userTable.department,
  status: userTable.status,
  locale: userTable.locale,
  zone: userTable.zone,
  lastSignInAt: userTable.lastSignInAt,
  lastSeenAt: userTable.lastSeenAt,
  createdAt: userTable.createdAt,
  roles: rolesOfUser,
} as const;

export interface Row {
  id: string;
  email: string;
  emailVerifiedAt: Date | null;
  givenName: string;
  familyName: string;
  department: string | null;
  status: Info["status"];
  locale: string;
  zone: string | null;
  lastSignInAt: Date | null;
  lastSeenAt: Date | null;
  createdAt: Date;
  roles: Role[];
}

export const toInfo = (row: Row): Info => ({
  id: row.id,
  email: shownEmail(row.email),
  emailVerified: row.emailVerifiedAt !== null,
  givenName: row.givenName,
  familyName: row.familyName,
  name: fullName(row),
  department: row.department,
  status: row.status,
  roles: row.roles,
  locale: row.locale,
  zone: row.zone,
  lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
  lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
});

/** Who has all these words in their names and address. */
export const personHas = (q: string): SQL | undefined =>
  // Rows keep a domain in its ASCII form, and people type what they read.
  foldedHas(userTable.folded, q, (word) => {
    const at = word.lastIndexOf("@") + 1;
    const domain = /[^\p{ASCII}]/u.test(word.slice(at)) ? domainToASCII(word.slice(at)) : "";
    return domain ? [word.slice(0, at) + domain] : [];
  });

export const fullName = (row: { givenName: string; familyName: string }): string =>
  `${row.givenName} ${row.familyName}`.trim();

/** One person, or 404. */
export async function read(tx: Db.Tx, userId: string): Promise<Info> {
  const [row] = await tx.select(columns).from(userTable).where(eq(userTable.id, userId));
  if (!row) throw notFound();
  return toInfo(row);
}

export const notFound = (): DomainError =>
  new DomainError("not_found", "user.not_found", "There is no such person in this school.");

/** Ranks owner above admin above everyone else. The platform ranks above them all. */
export const rankOf = (roles: readonly Role[]): number =>
  roles.includes("owner") ? 3 : roles.includes("admin") ? 2 : roles.length > 0 ? 1 : 0;

export const rankOfActor = (actor: Actor = useActor()): number =>
  actor.type === "system" ? 4 : actor.type === "user" ? rankOf(actor.roles) : 0;

/** Refuses when the target outranks the actor: an admin does not manage an owner. */
export function requireReach(target: { readonly roles: readonly Role[] }): void {
  if (rankOf(target.roles) > rankOfActor())
    throw new DomainError("forbidden", "user.above_you", "Only an owner can change an owner's account.");
}

/** Giving a role above learner takes `role.manage`, however it is given. */
export const needsRoleManage = (roles: readonly Role[]): boolean => roles.some((role) => role !== "learner");

/**
 * Refuses roles above the actor's own (only owners make owners, only admins and owners make admins), and without
 * `role.manage`, which API keys lack, any role above learner.
 */
export function requireGrantable(roles: readonly Role[]): void {
  if (rankOf(roles) > rankOfActor())
    throw new DomainError("forbidden", "role.above_you", "You cannot give a role above your own.");
  if (needsRoleManage(roles) && !Permission.has("role.manage"))
    throw new DomainError(
      "forbidden",
      "role.not_yours",
      "Only a person who may give roles can do that. An API key gives no role above learner.",
    );
}

/** Refuses API keys: what they changed on an account would outlive them. */
export function requireNoKey(code: string, message: string, field: string): void {
  const actor = useActor();
  if (actor.type === "user" && actor.viaKey !== undefined)
    throw new DomainError("forbidden", code, message, { [field]: message });
}

/**
 * Refuses to remove the last owner. Locks the owners' grants, so two owners who remove each other at the same moment do
 * not both succeed.
 */
export async function requireAnotherOwner(tx: Db.Tx, userId: string): Promise<void> {
  await tx
    .select({ userId: roleGrantTable.userId })
    .from(roleGrantTable)
    .where(eq(roleGrantTable.role, "owner"))
    .orderBy(roleGrantTable.userId)
    .for("update");
  const [row] = await tx
    .select({ others: sql<number>`count(*)::int` })
    .from(roleGrantTable)
    .innerJoin(userTable, eq(userTable.id, roleGrantTable.userId))
    .where(sql`${roleGrantTable.role} = 'owner' and ${userTable.status} = 'active' and ${userTable.id} <> ${userId}`);
  if (!row?.others)
    throw new DomainError(
      "conflict",
      "user.last_owner",
      "This is the school's only owner. Make someone else an owner first.",
    );
}

export * as User from "./user.ts";
