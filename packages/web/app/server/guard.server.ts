import { has, type PermissionName, type ResourceRef, require } from "@lectern/core/kernel/permission";

/** Guards a page that shows a form before any core function has judged. The core function judges again when it is sent. */
export const requirePermission = (permission: PermissionName, on?: ResourceRef): Promise<void> =>
  require(permission, on);

/** One of these opens the admin area, where each person sees what they may. */
export const adminPermissions = ["user.read", "billing.read", "moderation.manage"] as const satisfies PermissionName[];

/** Guards the admin area as a whole. */
export async function requireAdminArea(): Promise<void> {
  if (!adminPermissions.some((each) => has(each))) await requirePermission("user.read");
}
