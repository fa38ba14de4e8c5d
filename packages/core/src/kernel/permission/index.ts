import { AsyncLocalStorage } from "node:async_hooks";
import type { Actor } from "../actor/index.ts";
import { useActor } from "../actor/index.ts";
import { DomainError } from "../error/index.ts";
import { type PermissionName, permissions, visitorPermissions } from "./roles.ts";

export {
  fromAlias,
  isOwnPermission,
  type OwnPermission,
  type PermissionName,
  permissions,
  permissionsOf,
  type Role,
  roleNames,
  roles,
  type SchoolPermission,
  visitorPermissions,
} from "./roles.ts";

/** A resource a permission is asked about, by type and id: `{ type: "course", id: "crs_..." }`. */
export interface ResourceRef {
  readonly type: string;
  readonly id: string;
}

/** A resource whose row a function has read already: the judge asks `judge` instead of the type's loader. */
export interface ReadResource {
  readonly type: string;
  readonly judge: (permission: PermissionName) => ResourceFacts | undefined;
}

export type Resource = ResourceRef | ReadResource;

/** What a resource's loader says of it, for the actor who asks. */
export interface ResourceFacts {
  /** Does "own" reach this row: does the actor teach it, is it theirs, may they read it? */
  readonly own: boolean;
  /** Said when `own` is false, in words: "You are not enrolled in this course." */
  readonly why: string;
  /** The refusal when `own` is false. "not_found" hides that the row exists; use it for anything private. */
  readonly refusal: "not_found" | "forbidden";
}

/** Undefined means: no such row in this school. */
type Loader = (id: string, permission: PermissionName, actor: Actor) => Promise<ResourceFacts | undefined>;

const loaders = new Map<string, Loader>();

/** Registers the judge of a resource type. The domain that owns the rows calls it once, when its module loads. */
export function resource(type: string, loader: Loader): void {
  loaders.set(type, loader);
}

export interface Decision {
  readonly allowed: boolean;
  /** Why, in words a person can read. */
  readonly reason: string;
  readonly refusal?: "unauthenticated" | "forbidden" | "not_found";
}

/**
 * Decides whether the actor may use this permission, here on this resource. Guards (`fn`) and `POST /permissions/check`
 * share it, so the API reports what the guards do.
 */
export async function decide(permission: PermissionName, on?: Resource, actor: Actor = useActor()): Promise<Decision> {
  if (!(permission in permissions)) return { allowed: false, reason: "No such permission.", refusal: "forbidden" };
  const scope = reach(permission, actor);
  if (!scope) return unheld(actor);
  if (!on)
    return { allowed: true, reason: scope === "any" ? "Your role allows it." : "Your role allows it for your own." };
  const loader = loaders.get(on.type);
  if (!loader && "id" in on)
    return { allowed: false, reason: `Nothing is known of a resource of type ${on.type}.`, refusal: "not_found" };
  const facts = "id" in on ? await loader?.(on.id, permission, actor) : on.judge(permission);
  if (!facts) return { allowed: false, reason: "There is no such thing in this school.", refusal: "not_found" };
  if (scope === "any") return { allowed: true, reason: "Your role allows it everywhere in the school." };
  if (facts.own) return { allowed: true, reason: facts.why };
  return { allowed: false, reason: facts.why, refusal: facts.refusal };
}

const unheld = (actor: Actor): Decision & { allowed: false } =>
  actor.type === "public"
    ? { allowed: false, reason: "You are not signed in.", refusal: "unauthenticated" }
    : { allowed: false, reason: "None of your roles may do this.", refusal: "forbidden" };

/**
 * Refuses unless the actor may use the permission on this resource: 401 for a visitor, 403 for a role, 404 for a hidden
 * row.
 */
export async function requireOn(permission: PermissionName, on: Resource): Promise<void> {
  if (isPlanted()) return;
  const decision = await decide(permission, on);
  if (!decision.allowed) throw refusalOf(decision, on.type);
}

/** Refuses unless the actor's roles reach every row of the school with the permission. */
export function requireEverywhere(permission: PermissionName): void {
  const scope = requireHeld(permission);
  if (scope === "own") throw refusalOf({ reason: "Your role allows it for your own." });
}

/** Refuses unless the actor's roles hold the permission; returns its reach. The caller limits rows to the actor's. */
export function requireHeld(permission: PermissionName): "any" | "own" {
  const scope = reach(permission);
  if (!scope) throw refusalOf(unheld(useActor()));
  return scope;
}

function refusalOf({ reason, refusal }: Omit<Decision, "allowed">, type = "resource"): DomainError {
  if (refusal === "unauthenticated")
    return new DomainError("unauthenticated", "auth.required", "Please sign in first.");
  if (refusal === "not_found") return new DomainError("not_found", `${type}.not_found`, "That is not available.");
  return new DomainError("forbidden", "permission.denied", reason);
}

/** Does the role reach it at all? For menus and buttons; never a guard. */
export const has = (permission: PermissionName, actor: Actor = useActor()): boolean =>
  reach(permission, actor) !== undefined;

/** The only way out of naming a permission, with the reason that the isolation matrix prints. */
export const none = (why: string): { readonly none: string } => ({ none: why });
export type NoPermission = ReturnType<typeof none>;

/** Returns the reach of the actor's roles: the whole school, their own rows, or none. */
export function reach(permission: PermissionName, actor: Actor = useActor()): "any" | "own" | undefined {
  if (isPlanted()) return "any";
  if (actor.type === "system") return "any";
  if (actor.type === "user") return actor.permissions.get(permission);
  return visitorPermissions.get(permission);
}

// A planted fault, for `lectern check isolation --plant`: on the named route every check passes, so the matrix must
// find it. Only that command calls `plant`; `routed` only names the running route.

const planted = new Set<string>();
const permissionPlant = new AsyncLocalStorage<string>();
const isPlanted = (): boolean => planted.size > 0 && planted.has(permissionPlant.getStore() ?? "");
export const plant = (route: string): void => void planted.add(route);
export const unplant = (): void => planted.clear();
export const routed = <T>(route: string, work: () => T): T => permissionPlant.run(route, work);

export * as Permission from "./index.ts";
