import { roleWords } from "../messages/en/admin.ts";

/**
 * Roles that forms offer. The least privileged is first, because it is the default. Owner is absent: granting it
 * requires the granter's password, on the person's own page.
 */
export const offeredRoles = ["learner", "assistant", "instructor", "moderator", "billing", "admin"] as const;

export const roleOptions = (roles: readonly string[] = offeredRoles) =>
  roles.map((value) => ({ value, label: roleWords[value] ?? value }));
