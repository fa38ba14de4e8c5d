import { roleWords } from "../messages/en/admin.ts";

/**
 * The roles that a form offers, the least right first, so that what is chosen without a choice is the least. Owner is not
 * among them: it is given on a person's own page, with the giver's password.
 */
export const offeredRoles = ["learner", "assistant", "instructor", "moderator", "billing", "admin"] as const;

export const roleOptions = (roles: readonly string[] = offeredRoles) =>
  roles.map((value) => ({ value, label: roleWords[value] ?? value }));
