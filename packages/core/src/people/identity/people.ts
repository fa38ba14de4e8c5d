import { and, asc, desc, eq, exists, gte, isNotNull, isNull, lt, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { useActor, useSchool } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId } from "../../kernel/id/index.ts";
import { Permission, type Role, roleNames } from "../../kernel/permission/index.ts";
import { bySchool, inOrder } from "../../util/collation.ts";
import { fromCursor, pageInput, pageOf } from "../../util/cursor.ts";
import { mostExported, requireExportable } from "../../util/export.ts";
import * as Audit from "../audit/index.ts";
import * as Address from "../suppression/index.ts";
import * as EmailToken from "./email-token.ts";
import { Events } from "./identity.event.ts";
import * as Inviter from "./inviter.ts";
import { requestOrigin } from "./origin.ts";
import * as Password from "./password.ts";
import * as Reauth from "./reauth.ts";
import * as Rights from "./rights.ts";
import * as Session from "./session.ts";
import * as StrangerMail from "./stranger-mail.ts";
import { roleGrantTable, userStatuses, userTable } from "./user.sql.ts";
import * as User from "./user.ts";
import { Email, FamilyName, GivenName, type Info, PasswordText, Profile, personHas, Roles } from "./user.ts";

export const activities = ["active_7d", "active_30d", "inactive_30d", "never"] as const;
const day = 24 * 60 * 60 * 1000;

const onUser = ({ userId }: { userId: string }) => ({ type: "user", id: userId });
const UserId = z.object({ userId: z.string().max(64) });

Permission.resource("user", async (id, _permission, actor) =>
  Db.use(async (tx) => {
    const [row] = await tx.select({ id: userTable.id }).from(userTable).where(eq(userTable.id, id));
    if (!row) return undefined;
    const own = actor.type === "user" && actor.userId === id;
    return { own, why: own ? "It is your own account." : "It is someone else's account.", refusal: "not_found" };
  }),
);

const filters = {
  role: z.enum(roleNames).optional(),
  department: z.string().max(80).optional(),
  activity: z.enum(activities).optional(),
  status: z.enum(userStatuses).optional(),
  /** Only those whose mail comes back. */
  mail: z.enum(["returned"]).optional(),
  /** Parts of a name or an address, in any order; ignores accents, case and marks. */
  q: z.string().trim().max(100).optional(),
};

export const peopleSorts = ["name", "department", "lastSignIn"] as const;

const sorting = {
  sort: z.enum(peopleSorts).default("name"),
  /** Without it: names and departments from the first letter, sign-ins from the latest. */
  order: z.enum(["asc", "desc"]).optional(),
};
type Sorting = z.output<z.ZodObject<typeof sorting>>;

const text = z.string().regex(/^[^\0]*$/);
const never = new Date(0);

/** What each sort compares before the id, and the same of a row, for the cursor. */
const keysOf = {
  name: {
    columns: () => [inOrder(userTable.familyName), inOrder(userTable.givenName)],
    cursor: z.tuple([text, text, text]),
    of: (row: User.Row) => [row.familyName, row.givenName, row.id],
  },
  department: {
    columns: () => [sql`coalesce(${userTable.department}, '') ${bySchool}`],
    cursor: z.tuple([text, text]),
    of: (row: User.Row) => [row.department ?? "", row.id],
  },
  lastSignIn: {
    columns: () => [sql`coalesce(${userTable.lastSignInAt}, 'epoch')`],
    cursor: z.tuple([z.iso.datetime(), text]),
    of: (row: User.Row) => [(row.lastSignInAt ?? never).toISOString(), row.id],
  },
} as const;

const orderOf = ({ sort, order }: Sorting) => order ?? (sort === "lastSignIn" ? "desc" : "asc");

/**
 * Returns sorted people, ties by id; names and departments in the order of the school's language. `activity` filters by
 * when they were last seen. One query per page.
 */
export const list = fn.any(
  "user.read",
  z.object({ ...filters, ...sorting, ...pageInput }),
  async ({ cursor, limit, ...asked }) => {
    const returned = asked.mail && (await Address.allReturned());
    return Db.use(async (tx) => {
      const where = whereOf(tx, asked, returned);
      const keys = keysOf[asked.sort];
      const after = cursor ? fromCursor(cursor, keys.cursor) : undefined;
      const columns = sql.join([...keys.columns(), sql`${userTable.id}`], sql`, `);
      const types = asked.sort === "lastSignIn" ? [sql`::timestamptz`, sql``] : [];
      const values =
        after &&
        sql.join(
          after.map((value, at) => sql`${value}${types[at] ?? sql``}`),
          sql`, `,
        );
      const beyond =
        values && (orderOf(asked) === "asc" ? sql`(${columns}) > (${values})` : sql`(${columns}) < (${values})`);
      const [rows, counted] = await Promise.all([
        sorted(tx, and(where, beyond), asked, limit + 1),
        tx.select({ total: sql<number>`count(*)::int` }).from(userTable).where(where),
      ]);
      return { ...pageOf(rows, limit, User.toInfo, keys.of), total: counted[0]?.total ?? 0 };
    });
  },
);

/**
 * Returns all filtered people in the order of `list`, for an export; the audit trail records who exported how many. One
 * query.
 * @throws export.too_large
 */
export const exportAll = fn.any(
  "user.read",
  z.object({ ...filters, ...sorting }),
  async ({ sort, order, ...asked }) => {
    const returned = asked.mail && (await Address.allReturned());
    return Db.use(async (tx) => {
      const rows = requireExportable(await sorted(tx, whereOf(tx, asked, returned), { sort, order }, mostExported + 1));
      await Audit.record({
        action: "people.exported",
        targetType: "school",
        targetId: useSchool().schoolId,
        data: { people: rows.length, ...Object.fromEntries(Object.entries(asked).filter(([, value]) => value)) },
      });
      return rows.map(User.toInfo);
    });
  },
);

function sorted(tx: Db.Tx, where: SQL | undefined, by: Sorting, limit: number) {
  const way = orderOf(by) === "asc" ? asc : desc;
  return tx
    .select(User.columns)
    .from(userTable)
    .where(where)
    .orderBy(...keysOf[by.sort].columns().map((column) => way(column)), way(userTable.id))
    .limit(limit);
}

function whereOf(
  tx: Db.Tx,
  { role, department, activity, status, q }: z.output<z.ZodObject<typeof filters>>,
  returned: Awaited<ReturnType<typeof Address.allReturned>> | undefined,
): SQL | undefined {
  const conditions: (SQL | undefined)[] = [];
  if (role)
    conditions.push(
      exists(
        tx
          .select({ one: sql`1` })
          .from(roleGrantTable)
          .where(and(eq(roleGrantTable.userId, userTable.id), eq(roleGrantTable.role, role))),
      ),
    );
  if (department) conditions.push(eq(userTable.department, department));
  if (status) conditions.push(eq(userTable.status, status));
  if (activity) conditions.push(activityFilter(activity));
  if (returned) conditions.push(Address.isAmong([...returned.keys()]));
  if (q) conditions.push(personHas(q));
  return and(...conditions);
}

function activityFilter(activity: (typeof activities)[number]): SQL | undefined {
  const since = (days: number) => new Date(Date.now() - days * day);
  if (activity === "active_7d") return gte(userTable.lastSeenAt, since(7));
  if (activity === "active_30d") return gte(userTable.lastSeenAt, since(30));
  if (activity === "inactive_30d") return and(isNotNull(userTable.lastSeenAt), lt(userTable.lastSeenAt, since(30)));
  return isNull(userTable.lastSeenAt);
}

/** The departments people have, with how many are in each. */
export const departments = fn.any("user.read", z.object({}).default({}), () =>
  Db.use(async (tx) => {
    const rows = await tx
      .select({ department: userTable.department, people: sql<number>`count(*)::int` })
      .from(userTable)
      .where(isNotNull(userTable.department))
      .groupBy(userTable.department)
      .orderBy(asc(inOrder(userTable.department)));
    return rows.flatMap(({ department, people }) => (department === null ? [] : [{ department, people }]));
  }),
);

/** One person, or 404. */
export const get = fn.on.tx("user.read", onUser, UserId, (tx, { userId }) => User.read(tx, userId));

/** The signed-in person, with what they may do. */
export const me = fn.self("profile.manage", z.object({}).default({}), async (actor) => {
  const user = await Db.use((tx) => User.read(tx, actor.userId));
  return { ...user, permissions: [...actor.permissions].map(([permission, scope]) => ({ permission, scope })) };
});

/** Changes one's own profile; what is not named stays. */
export const updateMe = fn.self("profile.manage", Profile, (me, change) => write(me.userId, change));

/** Changes someone's profile. Refuses for a person of higher rank. */
export const update = fn.on.tx(
  "user.manage",
  onUser,
  Profile.extend({ userId: z.string().max(64) }),
  async (tx, { userId, ...change }) => {
    const before = await User.read(tx, userId);
    User.requireReach(before);
    const user = await write(userId, change);
    await Audit.record({
      action: "user.updated",
      targetType: "user",
      targetId: userId,
      data: { fields: namesOf(change), ...Audit.changes(profileOf(before), profileOf(user)) },
    });
    return user;
  },
);

const profileOf = ({ givenName, familyName, department, locale, zone }: Info) => ({
  ...{ givenName, familyName, department },
  ...{ locale, zone },
});

const namesOf = (change: object): string[] =>
  Object.entries(change)
    .filter(([, value]) => value !== undefined)
    .map(([field]) => field);

const write = (userId: string, change: z.output<typeof Profile>): Promise<Info> =>
  Db.use(async (tx) => {
    const mayRename = change.givenName !== undefined || change.familyName !== undefined;
    const before = mayRename ? await User.read(tx, userId) : undefined;
    if (namesOf(change).length > 0) await tx.update(userTable).set(change).where(eq(userTable.id, userId));
    Db.afterCommit(() => Rights.forget(userId));
    const user = await User.read(tx, userId);
    if (before && User.fullName(before) !== User.fullName(user)) await Events.Renamed.emit({ userId });
    return user;
  });

/**
 * Creates an account for someone. The address counts as proved, because the creator vouches for it. Without a password
 * the person gets a mail with a link to choose one.
 * @throws user.exists as 409; role.above_you, role.not_yours, school.unverified, key.no_passwords (for an API key) as
 * 403; mail.budget_spent as 429; 422 for the password
 */
export const create = fn.any(
  "user.manage",
  z.object({
    email: Email,
    givenName: GivenName,
    familyName: FamilyName.default(""),
    department: Profile.shape.department,
    roles: Roles.default(["learner"]),
    password: PasswordText.optional(),
    /** The actor's own password; asked for only where an owner is made. */
    ownPassword: z.string().max(1024).optional(),
    /** False leaves out the mail that lets them choose a password (demo data, imports). */
    notify: z.boolean().default(true),
  }),
  async ({ password, ownPassword, notify, ...person }) => {
    User.requireGrantable(person.roles);
    if (password !== undefined)
      User.requireNoKey(
        "key.no_passwords",
        "An API key sets no password. Leave it out, and they choose one.",
        "password",
      );
    // Without a mail now, one can be requested at once: the school may write to the address of an account.
    await StrangerMail.admit("invitation");
    await Reauth.forOwner(person.roles, ownPassword);
    const user = await make({ ...person, password, emailVerified: true });
    await Db.use(async (tx) => {
      if (password === undefined && notify) await EmailToken.request(tx, user.id, "reset_password");
      if (password !== undefined && notify) await Events.PasswordChanged.emit({ userId: user.id, ...requestOrigin() });
      if (user.roles.includes("owner")) await Events.OwnerAdded.emit({ userId: user.id });
    });
    return user;
  },
);

const Owner = z.object({
  email: Email,
  givenName: GivenName,
  familyName: FamilyName.default(""),
  password: PasswordText.optional(),
  emailVerified: z.boolean().default(true),
});

/** Refuses what `createOwner` would refuse, before the school exists. Reads and writes nothing. */
export const checkOwner = fn.public("anyone may open a school; nothing is read or written", Owner, async (owner) =>
  requireGoodPassword(owner),
);

/**
 * Creates the owner of a new school, while the platform opens it. With `emailVerified` false (they signed up
 * themselves) requests the verification mail; they may sign in before it.
 */
export const createOwner = fn.system("system actor only: opening a school", Owner, async (owner) => {
  const user = await make({ ...owner, department: null, roles: ["owner"] }, { isTheirOwn: !owner.emailVerified });
  if (!owner.emailVerified) await Db.use((tx) => EmailToken.request(tx, user.id, "verify_email"));
  else if (owner.password === undefined) await Db.use((tx) => EmailToken.request(tx, user.id, "reset_password"));
  return { userId: user.id };
});

interface NewPerson {
  email: string;
  givenName: string;
  familyName: string;
  department?: string | null | undefined;
  roles: readonly Role[];
  password?: string | undefined;
  emailVerified: boolean;
}

function requireGoodPassword({
  password,
  email,
  givenName,
  familyName,
}: Pick<NewPerson, "password" | "email" | "givenName" | "familyName">): void {
  if (password === undefined) return;
  Password.requireGood(password, [email, email.slice(0, email.indexOf("@")), givenName, familyName]);
}

/** `isTheirOwn`: they made the account themselves, and the trail says so. */
async function make(person: NewPerson, { isTheirOwn = false } = {}): Promise<Info> {
  requireGoodPassword(person);
  // Hashed before the transaction: it takes a while, and no connection waits for it.
  const passwordHash = person.password === undefined ? null : await Password.hash(person.password);
  const actor = useActor();
  return Db.use(async (tx) => {
    const userId = createId("user");
    const [row] = await tx
      .insert(userTable)
      .values({
        id: userId,
        email: person.email,
        emailVerifiedAt: person.emailVerified ? new Date() : null,
        givenName: person.givenName,
        familyName: person.familyName,
        department: person.department ?? null,
        passwordHash,
        locale: useSchool().locale,
      })
      .onConflictDoNothing()
      .returning({ id: userTable.id });
    if (!row) {
      const message = "Someone with this address is in the school already.";
      throw new DomainError("conflict", "user.exists", message, { email: message });
    }
    const grantedBy = actor.type === "user" ? actor.userId : null;
    if (person.roles.length > 0)
      await tx.insert(roleGrantTable).values([...new Set(person.roles)].map((role) => ({ userId, role, grantedBy })));
    await Audit.record({
      ...(isTheirOwn && { by: { userId } }),
      action: "user.created",
      targetType: "user",
      targetId: userId,
      data: { roles: person.roles },
    });
    await Events.Registered.emit({ userId });
    return User.read(tx, userId);
  });
}

/**
 * Ends a person's sessions and open invitations within a minute, and refuses new ones until reinstated. API keys suspend
 * learners only (403 `user.not_by_key`): one that leaked must not lock out the staff.
 */
export const suspend = fn.on("user.manage", onUser, UserId, async ({ userId }) => {
  const actor = useActor();
  if (actor.type === "user" && actor.userId === userId)
    throw new DomainError("conflict", "user.self_suspend", "You cannot suspend your own account.");
  const user = await Db.use(async (tx) => {
    const before = await User.read(tx, userId);
    User.requireReach(before);
    if (before.status === "suspended") return before;
    if (User.needsRoleManage(before.roles))
      User.requireNoKey(
        "user.not_by_key",
        "An API key suspends learners only: one that leaked must not lock out staff.",
        "userId",
      );
    if (before.roles.includes("owner")) await User.requireAnotherOwner(tx, userId);
    await tx
      .update(userTable)
      .set({ status: "suspended", sessionsValidFrom: new Date() })
      .where(eq(userTable.id, userId));
    await Inviter.revokeUnbacked(tx, userId);
    await Audit.record({ action: "user.suspended", targetType: "user", targetId: userId });
    return User.read(tx, userId);
  });
  await Session.sweep(userId);
  return user;
});

/**
 * Reinstates a suspended person with their roles, so it requires the right to give those, and for an owner the actor's
 * own password.
 * @throws auth.password_required, auth.wrong_credentials as 422; 429
 */
export const reinstate = fn.on(
  "user.manage",
  onUser,
  UserId.extend({
    /** The actor's own password; asked for only where an owner comes back. */
    ownPassword: z.string().max(1024).optional(),
  }),
  async ({ userId, ownPassword }) => {
    const person = await Db.use((tx) => User.read(tx, userId));
    User.requireReach(person);
    if (person.status === "active") return person;
    User.requireGrantable(person.roles);
    await Reauth.forOwner(person.roles, ownPassword);
    return Db.use(async (tx) => {
      const before = await User.read(tx, userId);
      // A role that was given meanwhile is not covered by what was just asked.
      if (User.rankOf(before.roles) > User.rankOf(person.roles))
        throw new DomainError("conflict", "user.changed", "This account has changed meanwhile. Please look again.");
      if (before.status === "active") return before;
      await tx.update(userTable).set({ status: "active" }).where(eq(userTable.id, userId));
      if (before.roles.includes("owner")) await Events.OwnerAdded.emit({ userId });
      await Audit.record({ action: "user.reinstated", targetType: "user", targetId: userId });
      Db.afterCommit(() => Rights.forget(userId));
      return User.read(tx, userId);
    });
  },
);
