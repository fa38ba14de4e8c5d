import { type PermissionName, type ResourceRef, require } from "@lectern/core/kernel/permission";

/** Guards a page that shows a form before any core function has judged. The core function judges again when it is sent. */
export const requirePermission = (permission: PermissionName, on?: ResourceRef): Promise<void> =>
  require(permission, on);
