import { has, type PermissionName, requireHeld, requireOn } from "@lectern/core/kernel/permission";

/** Guards a page that shows no row; core checks the row when the form is submitted. */
export const requirePermission = async (permission: PermissionName): Promise<void> => void requireHeld(permission);

/** Guards a page that shows a row's form before core has checked the row. */
export { requireOn };

/** Any of these opens the admin area, which then shows only what the person may do. */
export const adminPermissions = ["user.read", "billing.read", "moderation.manage"] as const satisfies PermissionName[];

export async function requireAdminArea(): Promise<void> {
  if (!adminPermissions.some((each) => has(each))) await requirePermission("user.read");
}
