import { type PermissionName, permissionsOf, visitorPermissions } from "@lectern/core/kernel/permission";
import type { Endpoint } from "../api/endpoint.ts";
import { type ActorName, kinds, type Relation } from "./actors.ts";

/** Whose rows a request names. */
export type Target = "own" | "not entitled" | "other school";

/**
 * - open: no permission asked, so only the comparison with an unknown id counts.
 * - allowed: past the permission; the rule behind it may still refuse (409, 412, 422).
 * - refused: 401, 403 or 404, and nothing else.
 */
export type Expected = "open" | "allowed" | "refused";

// The rule said a second time, from the roles table and from what ties an actor to a course. Where the product's own
// judge and this one disagree, one of them is wrong, and the run says so.
export function expectedOf(
  route: Pick<Endpoint, "name" | "permission">,
  actor: ActorName,
  target: Exclude<Target, "other school">,
  hasRows: boolean,
): Expected {
  if (actor === "stranger") return "refused";
  if (typeof route.permission !== "string") return "open";
  return isEntitled(route.name, route.permission, actor, target, hasRows) ? "allowed" : "refused";
}

function isEntitled(
  name: string,
  permission: PermissionName,
  actor: ActorName,
  target: Exclude<Target, "other school">,
  hasRows: boolean,
): boolean {
  const scope = scopeOf(actor, permission);
  if (!scope) return false;
  const relation: Relation = target === "own" ? kinds[actor].relation : "none";
  const special = exceptions[name];
  if (special) return special({ actor, scope, relation, isOwn: target === "own" });
  if (scope === "any" || !hasRows) return true;
  switch (permission) {
    case "course.read":
      return target === "own" || isMember(relation);
    case "progress.record":
      return relation === "enrolled";
    case "progress.read":
      return relation === "assistant" || relation === "instructor";
    case "profile.manage":
    case "certificate.read":
      return target === "own";
    default:
      return relation === "instructor";
  }
}

export function scopeOf(actor: ActorName, permission: PermissionName): "any" | "own" | undefined {
  const held = actor === "anonymous" ? visitorPermissions : permissionsOf(kinds[actor].roles);
  return held.get(permission);
}

interface Case {
  readonly actor: ActorName;
  readonly scope: "any" | "own";
  readonly relation: Relation;
  readonly isOwn: boolean;
}

/** Enrolled now, or on the staff. */
const isMember = (relation: Relation): boolean => relation !== "none" && relation !== "left";
const seesAll = (actor: ActorName): boolean => scopeOf(actor, "course.edit") === "any";
const isImporter = ({ actor, relation }: Case): boolean => relation === "instructor" || seesAll(actor);

/** Where a function narrows its permission further than the table says. */
const exceptions: Readonly<Record<string, (c: Case) => boolean>> = {
  // A lesson's text is for those in the course, not for everyone who may see that it exists.
  "GET /courses/{courseId}/lessons/{lessonId}": ({ scope, relation }) => scope === "any" || isMember(relation),
  // The file of a lesson that is open to the enrolled.
  "GET /assets/{assetId}": ({ scope, relation }) => scope === "any" || isMember(relation),
  // No role enrolls in a draft.
  "POST /enrollments": ({ isOwn }) => isOwn,
  "DELETE /courses/{courseId}/enrollment": ({ relation }) => relation === "enrolled",
  "GET /studio/courses": ({ actor }) => seesAll(actor),
  "GET /teaching/courses": ({ actor }) => actor !== "anonymous",
  "POST /users/{userId}/owner": ({ actor }) => actor === "owner",
  // Only the person who requested an import sees it.
  "GET /imports/{importId}": isImporter,
  "POST /imports/{importId}/undo": isImporter,
  "POST /imports/{importId}/start": isImporter,
};
