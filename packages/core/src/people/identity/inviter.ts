import { and, eq, isNull } from "drizzle-orm";
import type { Db } from "../../kernel/db/index.ts";
import { permissionsOf, type Role } from "../../kernel/permission/index.ts";
import * as Audit from "../audit/index.ts";
import { invitationTable } from "./identity.sql.ts";
import { rolesOfUser } from "./rights.ts";
import { userTable } from "./user.sql.ts";
import { needsRoleManage, rankOf } from "./user.ts";

// An invitation gives roles days later, so its inviter must still be able to give them then.

interface Standing {
  readonly status: string;
  readonly roles: readonly Role[];
}

/** May a person of this standing still give these roles by invitation? */
function mayOffer(inviter: Standing | undefined, roles: readonly Role[]): boolean {
  if (inviter?.status !== "active" || rankOf(roles) > rankOf(inviter.roles)) return false;
  const held = permissionsOf(inviter.roles);
  return held.has("user.invite") && (!needsRoleManage(roles) || held.has("role.manage"));
}

const standingOf = async (tx: Db.Tx, userId: string): Promise<Standing | undefined> => {
  const [row] = await tx
    .select({ status: userTable.status, roles: rolesOfUser })
    .from(userTable)
    .where(eq(userTable.id, userId));
  return row;
};

/** Is the inviter still allowed to give these roles? The platform itself (`invitedBy` null) always is. */
export const isStillBacked = async (
  tx: Db.Tx,
  { invitedBy, roles }: { readonly invitedBy: string | null; readonly roles: readonly Role[] },
): Promise<boolean> => invitedBy === null || mayOffer(await standingOf(tx, invitedBy), roles);

/** A condition: the invitation was neither accepted nor revoked. It may have expired. */
export const isOpenInvitation = () => and(isNull(invitationTable.acceptedAt), isNull(invitationTable.revokedAt));

/** Revokes open invitations whose roles the person may no longer give, after a suspension or a revoked role. */
export async function revokeUnbacked(tx: Db.Tx, userId: string): Promise<void> {
  const standing = await standingOf(tx, userId);
  const open = await tx
    .select({ id: invitationTable.id, roles: invitationTable.roles })
    .from(invitationTable)
    .where(and(eq(invitationTable.invitedBy, userId), isOpenInvitation()));
  for (const { id, roles } of open) if (!mayOffer(standing, roles)) await revoke(tx, id, { inviter: userId });
}

/** Revokes the open invitations that an API key has written: they end with the key. */
export async function revokeOfKey(tx: Db.Tx, apiKeyId: string): Promise<void> {
  const open = await tx
    .select({ id: invitationTable.id })
    .from(invitationTable)
    .where(and(eq(invitationTable.viaKey, apiKeyId), isOpenInvitation()));
  for (const { id } of open) await revoke(tx, id, { apiKey: apiKeyId });
}

async function revoke(tx: Db.Tx, id: string, because: Readonly<Record<string, string>>): Promise<void> {
  await tx
    .update(invitationTable)
    .set({ revokedAt: new Date() })
    .where(and(eq(invitationTable.id, id), isOpenInvitation()));
  await Audit.record({ action: "invitation.revoked", targetType: "invitation", targetId: id, data: because });
}

export * as Inviter from "./inviter.ts";
