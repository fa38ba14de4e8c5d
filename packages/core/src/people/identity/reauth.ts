import { eq } from "drizzle-orm";
import { useActor } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import type { Role } from "../../kernel/permission/index.ts";
import * as Attempts from "./attempts.ts";
import * as Password from "./password.ts";
import { userTable } from "./user.sql.ts";
import * as User from "./user.ts";

/**
 * Checks a signed-in person's password again. Counts attempts separately from sign-ins, so a stranger at an open
 * browser cannot lock its owner out.
 * @throws auth.password_required, auth.wrong_credentials as 422; 429
 */
export async function requirePassword(
  userId: string,
  password: string | undefined,
  field: string,
  missing: string,
): Promise<void> {
  User.requireNoKey("auth.not_by_key", "An API key cannot replace your password.", field);
  if (!password) throw new DomainError("invalid", "auth.password_required", missing, { [field]: missing });
  await Attempts.admit(Attempts.limits.again, userId);
  const [user] = await Db.use((tx) =>
    tx.select({ passwordHash: userTable.passwordHash }).from(userTable).where(eq(userTable.id, userId)),
  );
  if (!(await Password.verify(password, user?.passwordHash))) {
    const message = "That is not your current password.";
    throw new DomainError("invalid", "auth.wrong_credentials", message, { [field]: message });
  }
  await Attempts.forgive(Attempts.limits.again, userId);
}

/** Making an owner hands over the school, so it requires the actor's own password. The platform has none. */
export async function forOwner(roles: readonly Role[], password: string | undefined): Promise<void> {
  const actor = useActor();
  if (actor.type !== "user" || !roles.includes("owner")) return;
  const missing = "Enter your own password: an owner can do everything in the school, and remove other owners.";
  await requirePassword(actor.userId, password, "ownPassword", missing);
}

export * as Reauth from "./reauth.ts";
