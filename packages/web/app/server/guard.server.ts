import { has, type PermissionName, requireHeld, requireOn } from "@lectern/core/kernel/permission";

/** Guards a page that shows no row: the core function behind its form judges the row. */
export const requirePermission = async (permission: PermissionName): Promise<void> => void requireHeld(permission);

/** Guards a page that shows a row's form before any core function has judged the row. */
export { requireOn };

/** One of these opens the admin area, where each person sees what they may. */
export const adminPermissions = ["user.read", "billing.read", "moderation.manage"] as const satisfies PermissionName[];

/** Guards the admin area as a whole. */
export async function requireAdminArea(): Promise<void> {
  if (!adminPermissions.some((each) => has(each))) await requirePermission("user.read");
}
