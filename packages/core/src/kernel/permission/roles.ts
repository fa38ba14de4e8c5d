/**
 * Permissions are data, roles are sets of them. `any` reaches every row of the school, `own` only what the person
 * teaches, moderates or is, as the resource's loader says (see `PermissionName.resource`).
 */
export const permissions = {
  "school.read": "See the school's public pages",
  "school.settings": "Change sign-up, language and time zone",
  "school.brand": "Change the name, logo, colors and font",
  "school.audit": "Read the audit trail",
  "domain.manage": "Connect the school's own domains",
  "integration.manage": "Make and revoke API keys",
  "billing.read": "See the school's plan and invoices",
  "billing.manage": "Change the plan and pay",
  "user.read": "See people",
  "user.invite": "Invite people",
  "user.manage": "Edit, suspend and reinstate people",
  "role.manage": "Give and take roles",
  "profile.manage": "Edit one's own profile, sessions and notifications",
  "category.manage": "Edit the catalog's categories",
  "course.read": "Read a course and its lessons",
  "course.create": "Create and import courses",
  "course.edit": "Edit a course, its modules and lessons",
  "course.publish": "Publish and unpublish a course",
  "course.delete": "Delete a course",
  "course.staff": "Choose who teaches a course",
  "enrollment.create": "Enroll in a course",
  "enrollment.manage": "Enroll and withdraw others",
  "progress.record": "Record one's own progress",
  "progress.read": "See the progress of learners",
  "progress.reset": "Reset a learner's progress, audited",
  "certificate.read": "See certificates",
  "certificate.manage": "Revoke and reissue certificates, audited",
  "moderation.manage": "Moderate what people write",
} as const;

export type PermissionName = keyof typeof permissions;

export const roleNames = ["owner", "admin", "instructor", "assistant", "moderator", "learner", "billing"] as const;
export type Role = (typeof roleNames)[number];

type Grants = Partial<Record<PermissionName, "any" | "own">>;

const learner = {
  "school.read": "any",
  "profile.manage": "own",
  "course.read": "own",
  "enrollment.create": "any",
  "progress.record": "own",
  "certificate.read": "own",
} as const satisfies Grants;
const instructor = {
  ...learner,
  "course.create": "any",
  "course.edit": "own",
  "course.publish": "own",
  "course.delete": "own",
  "course.staff": "own",
  "enrollment.manage": "own",
  "progress.read": "own",
  "progress.reset": "own",
} as const satisfies Grants;
const admin = {
  ...instructor,
  "school.settings": "any",
  "school.brand": "any",
  "school.audit": "any",
  "domain.manage": "any",
  "integration.manage": "any",
  "billing.read": "any",
  "billing.manage": "any",
  "user.read": "any",
  "user.invite": "any",
  "user.manage": "any",
  "role.manage": "any",
  "category.manage": "any",
  "course.read": "any",
  "course.edit": "any",
  "course.publish": "any",
  "course.delete": "any",
  "course.staff": "any",
  "enrollment.manage": "any",
  "progress.read": "any",
  "progress.reset": "any",
  "certificate.read": "any",
  "certificate.manage": "any",
  "moderation.manage": "any",
} as const satisfies Grants;

/** Each role's permissions. An owner is an admin whom no admin can remove. A visitor is not a role: see `visitor`. */
export const roles = {
  owner: admin,
  admin,
  instructor,
  assistant: { ...learner, "progress.read": "own" },
  moderator: { ...learner, "moderation.manage": "any" },
  learner,
  billing: { ...learner, "billing.read": "any", "billing.manage": "any" },
} as const satisfies Record<Role, Grants>;

/** What someone who has not signed in may do. `own` of a course is then: it is published. */
export const visitor = { "school.read": "any", "course.read": "own" } as const satisfies Grants;

type OwnOf<G> = { [P in keyof G]: G[P] extends "own" ? P : never }[keyof G];

/** Permissions that a role or a visitor holds for their own rows only. Their guards name the rows. */
export type OwnPermission = OwnOf<typeof visitor> | { [R in Role]: OwnOf<(typeof roles)[R]> }[Role];
/** Permissions that every holder has for the whole school. */
export type SchoolPermission = Exclude<PermissionName, OwnPermission>;

const ownPermissions: ReadonlySet<string> = new Set(
  [visitor, ...Object.values(roles)].flatMap((grants) =>
    Object.entries(grants).flatMap(([permission, scope]) => (scope === "own" ? [permission] : [])),
  ),
);
export const isOwnPermission = (permission: PermissionName): permission is OwnPermission =>
  ownPermissions.has(permission);

/** Words other systems use for the same roles, accepted by import, SSO and the API. */
const aliases: Record<string, Role> = {
  student: "learner",
  pupil: "learner",
  participant: "learner",
  teacher: "instructor",
  professor: "instructor",
  author: "instructor",
  editingteacher: "instructor",
  ta: "assistant",
  teaching_assistant: "assistant",
  administrator: "admin",
  super_admin: "owner",
  superadmin: "owner",
  finance: "billing",
};

/** The role a foreign word means, or undefined. */
export function fromAlias(word: string): Role | undefined {
  const name = word
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, "_");
  return roleNames.find((role) => role === name) ?? aliases[name] ?? aliases[name.replaceAll("_", "")];
}

/** The union of several roles' permissions; `any` wins over `own`. */
export function permissionsOf(held: readonly Role[]): ReadonlyMap<PermissionName, "any" | "own"> {
  const union = new Map<PermissionName, "any" | "own">();
  for (const role of held)
    for (const [permission, scope] of Object.entries(roles[role]) as [PermissionName, "any" | "own"][])
      if (union.get(permission) !== "any") union.set(permission, scope);
  return union;
}

export const visitorPermissions: ReadonlyMap<PermissionName, "any" | "own"> = new Map(
  Object.entries(visitor) as [PermissionName, "any" | "own"][],
);
