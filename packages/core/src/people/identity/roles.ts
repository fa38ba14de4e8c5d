import { and, desc, eq, sql } from "drizzle-orm";
import * as z from "zod";
import { useActor } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId } from "../../kernel/id/index.ts";
import { Permission, roleNames } from "../../kernel/permission/index.ts";
import { fromCursor, pageInput, pageOf } from "../../util/cursor.ts";
import { shownEmail } from "../../util/email/index.ts";
import * as Audit from "../audit/index.ts";
import * as Settings from "../settings/index.ts";
import { Events } from "./identity.event.ts";
import { roleRequestStatuses, roleRequestTable } from "./identity.sql.ts";
import * as Inviter from "./inviter.ts";
import * as Reauth from "./reauth.ts";
import * as Rights from "./rights.ts";
import { roleGrantTable, userTable } from "./user.sql.ts";
import * as User from "./user.ts";
import { Message } from "./user.ts";

const UserRole = z.object({ userId: z.string().max(64), role: z.enum(roleNames) });
/** The actor's own password; asked for only where an owner is made. */
const ownPassword = z.string().max(1024).optional();
const onUser = ({ userId }: { userId: string }) => ({ type: "user", id: userId });

/**
 * Grants a role, effective everywhere within a minute. Only owners make owners, with their own password again; no one
 * grants more than they hold.
 * @throws role.above_you as 403; auth.password_required, auth.wrong_credentials as 422; 429
 */
export const grantRole = fn.on(
  "role.manage",
  onUser,
  UserRole.extend({ ownPassword }),
  async ({ userId, role, ownPassword }) => {
    User.requireGrantable([role]);
    await Reauth.forOwner([role], ownPassword);
    return Db.use(async (tx) => {
      User.requireReach(await User.read(tx, userId));
      await give(tx, userId, role);
      return User.read(tx, userId);
    });
  },
);

async function give(tx: Db.Tx, userId: string, role: (typeof roleNames)[number]): Promise<void> {
  const actor = useActor();
  const granted = await tx
    .insert(roleGrantTable)
    .values({ userId, role, grantedBy: actor.type === "user" ? actor.userId : null })
    .onConflictDoNothing()
    .returning({ role: roleGrantTable.role });
  if (granted.length > 0) {
    if (role === "owner") await Events.OwnerAdded.emit({ userId });
    const { roles } = await User.read(tx, userId);
    const before = roles.filter((other) => other !== role);
    await Audit.record({
      action: "role.granted",
      targetType: "user",
      targetId: userId,
      data: { role, ...Audit.changes({ roles: before }, { roles }) },
    });
  }
  Db.afterCommit(() => Rights.forget(userId));
}

/**
 * Revokes a role, and the open invitations it allowed. Refuses for the last owner (409 `user.last_owner`), and for an
 * owner when the actor is an admin.
 */
export const revokeRole = fn.on.tx("role.manage", onUser, UserRole, async (tx, { userId, role }) => {
  const user = await User.read(tx, userId);
  User.requireReach(user);
  if (!user.roles.includes(role)) return user;
  if (role === "owner") await User.requireAnotherOwner(tx, userId);
  await tx.delete(roleGrantTable).where(and(eq(roleGrantTable.userId, userId), eq(roleGrantTable.role, role)));
  await Inviter.revokeUnbacked(tx, userId);
  const roles = user.roles.filter((other) => other !== role);
  await Audit.record({
    action: "role.revoked",
    targetType: "user",
    targetId: userId,
    data: { role, ...Audit.changes({ roles: user.roles }, { roles }) },
  });
  Db.afterCommit(() => Rights.forget(userId));
  return User.read(tx, userId);
});

/** "May I teach here?" Instants are ISO strings. */
export const RequestInfo = z.object({
  id: z.string(),
  user: z.object({ id: z.string(), name: z.string(), email: z.string() }),
  role: z.enum(roleNames),
  message: z.string(),
  status: z.enum(roleRequestStatuses),
  createdAt: z.string(),
  decidedAt: z.string().nullable(),
});
export type RequestInfo = z.infer<typeof RequestInfo>;

Permission.resource("role_request", async (id, _permission, actor) =>
  Db.use(async (tx) => {
    const [row] = await tx
      .select({ userId: roleRequestTable.userId })
      .from(roleRequestTable)
      .where(eq(roleRequestTable.id, id));
    if (!row) return undefined;
    const own = actor.type === "user" && actor.userId === row.userId;
    return { own, why: own ? "It is your own request." : "It is someone else's request.", refusal: "not_found" };
  }),
);

/**
 * Requests the instructor role for the signed-in person. 409 for an open request or an instructor; 403
 * `role_request.closed`.
 */
export const applyAsInstructor = fn.self(
  "profile.manage",
  z.object({ message: Message.default("") }),
  (actor, { message }) =>
    Db.use(async (tx) => {
      if (actor.permissions.has("course.create"))
        throw new DomainError("conflict", "role_request.not_needed", "You can teach here already.");
      await Settings.requireInstructorRequests();
      const id = createId("roleRequest");
      const [row] = await tx
        .insert(roleRequestTable)
        .values({ id, userId: actor.userId, role: "instructor", message })
        .onConflictDoNothing()
        .returning({ id: roleRequestTable.id });
      if (!row)
        throw new DomainError("conflict", "role_request.exists", "Your request is waiting for an answer already.");
      await Events.RoleRequestCreated.emit({ roleRequestId: id });
      return { id };
    }),
);

/** The signed-in person's latest request to teach, or null. */
export const myRoleRequest = fn.self("profile.manage", z.object({}).default({}), (me) =>
  Db.use(async (tx) => {
    const [row] = await requests(tx)
      .where(eq(roleRequestTable.userId, me.userId))
      .orderBy(desc(roleRequestTable.createdAt))
      .limit(1);
    return row ? toRequest(row) : null;
  }),
);

/** Requests to teach, newest first. */
export const roleRequests = fn.any(
  "role.manage",
  z.object({ status: z.enum(roleRequestStatuses).optional(), ...pageInput }),
  ({ status, cursor, limit }) =>
    Db.use(async (tx) => {
      const after = cursor ? fromCursor(cursor, z.tuple([z.iso.datetime(), z.string()])) : undefined;
      const rows = await requests(tx)
        .where(
          and(
            status ? eq(roleRequestTable.status, status) : undefined,
            after
              ? sql`(${roleRequestTable.createdAt}, ${roleRequestTable.id}) < (${after[0]}::timestamptz, ${after[1]})`
              : undefined,
          ),
        )
        .orderBy(desc(roleRequestTable.createdAt), desc(roleRequestTable.id))
        .limit(limit + 1);
      return pageOf(rows, limit, toRequest, (row) => [row.createdAt.toISOString(), row.id]);
    }),
);

/** Says yes (the role is given) or no to a request, once. */
export const decideRoleRequest = fn.on.tx(
  "role.manage",
  ({ roleRequestId }) => ({ type: "role_request", id: roleRequestId }),
  z.object({ roleRequestId: z.string().max(64), approve: z.boolean() }),
  async (tx, { roleRequestId, approve }) => {
    const actor = useActor();
    const [row] = await tx
      .update(roleRequestTable)
      .set({
        status: approve ? "approved" : "declined",
        decidedBy: actor.type === "user" ? actor.userId : null,
        decidedAt: new Date(),
      })
      .where(and(eq(roleRequestTable.id, roleRequestId), eq(roleRequestTable.status, "pending")))
      .returning();
    if (!row) throw new DomainError("conflict", "role_request.decided", "Someone has answered this request already.");
    User.requireGrantable([row.role]);
    if (approve) {
      if ((await User.read(tx, row.userId)).status !== "active")
        throw new DomainError("conflict", "role_request.suspended", "This account is suspended. Reinstate it first.");
      await give(tx, row.userId, row.role);
    }
    await Audit.record({
      action: approve ? "role_request.approved" : "role_request.declined",
      targetType: "role_request",
      targetId: roleRequestId,
      targetUserId: row.userId,
      data: { userId: row.userId, role: row.role },
    });
    await Events.RoleRequestDecided.emit({ roleRequestId });
    const [decided] = await requests(tx).where(eq(roleRequestTable.id, roleRequestId));
    if (!decided) throw new Error("a request that was just decided is gone");
    return toRequest(decided);
  },
);

const requests = (tx: Db.Tx) =>
  tx
    .select({
      id: roleRequestTable.id,
      userId: userTable.id,
      givenName: userTable.givenName,
      familyName: userTable.familyName,
      email: userTable.email,
      role: roleRequestTable.role,
      message: roleRequestTable.message,
      status: roleRequestTable.status,
      createdAt: roleRequestTable.createdAt,
      decidedAt: roleRequestTable.decidedAt,
    })
    .from(roleRequestTable)
    .innerJoin(userTable, eq(userTable.id, roleRequestTable.userId));

const toRequest = (row: Awaited<ReturnType<typeof requests>>[number]): RequestInfo => ({
  id: row.id,
  user: { id: row.userId, name: User.fullName(row), email: shownEmail(row.email) },
  role: row.role,
  message: row.message,
  status: row.status,
  createdAt: row.createdAt.toISOString(),
  decidedAt: row.decidedAt?.toISOString() ?? null,
});
