import { type PermissionName, permissions } from "../../kernel/permission/index.ts";

/**
 * What no key may do: make keys, give roles, act as the person themselves, or connect a domain, which could sign people in
 * long after the key was revoked.
 */
const personal = new Set<PermissionName>([
  "integration.manage",
  "role.manage",
  "profile.manage",
  "billing.manage",
  "domain.manage",
]);

/** The permissions a key can be given; the school's public pages are open to every key. */
export const scopes = (Object.keys(permissions) as PermissionName[]).filter(
  (name) => !personal.has(name) && name !== "school.read",
);
