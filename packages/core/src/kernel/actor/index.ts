import { AsyncLocalStorage } from "node:async_hooks";
import { DomainError } from "../error/index.ts";
import type { PermissionName, Role } from "../permission/roles.ts";

/** Where a school lives and how it looks, from the directory. Every actor carries it, which saves a second lookup. */
export interface Route {
  readonly schoolId: string;
  readonly slug: string;
  readonly name: string;
  readonly brand: Brand;
  readonly locale: string;
  readonly zone: string;
  /** Where people reach the school, or null. */
  readonly contactEmail: string | null;
  /** Whether people may ask to teach. */
  readonly instructorRequests: boolean;
  /** Its legal pages: a path on the school's host, or an address elsewhere (`core/legal`). */
  readonly legal: Readonly<Partial<Record<"privacy" | "terms" | "imprint" | "contact", string>>>;
  readonly state: SchoolState;
  readonly cell: string;
  readonly schema: string;
  readonly epoch: number;
  /** The DynamoDB data table of the school's cell. */
  readonly table: string;
}

export type SchoolState = "opening" | "active" | "suspended" | "deleting";

/** The few tokens a school chooses; everything else is computed from them (`core/brand`). */
export interface Brand {
  /** CSS hex of the accent, e.g. "#1f6f54". */
  readonly accent: string;
  readonly font: string;
  readonly radius: "sharp" | "soft" | "round";
  /** Key of the logo in the media bucket, or null. */
  readonly logo: string | null;
  /** Key of the logo for dark grounds, or null: `logo` then serves both. */
  readonly logoDark: string | null;
  /** The logo is a wordmark, so no name is written beside it. */
  readonly logoHasName: boolean;
  readonly tagline: string | null;
}

interface Common {
  readonly school: Route;
  readonly requestId: string;
  /** Where the person's request came from; absent in work that no request caused. */
  readonly from?: { readonly userAgent: string; readonly address: string };
  /** The event that caused this work, where one did. */
  readonly causationId?: string;
  readonly correlationId?: string;
}
export interface PublicActor extends Common {
  readonly type: "public";
}
export interface UserActor extends Common {
  readonly type: "user";
  readonly userId: string;
  readonly sessionId: string;
  /** The API key that speaks for the person, where they do not speak themselves. */
  readonly viaKey?: string;
  readonly roles: readonly Role[];
  readonly permissions: ReadonlyMap<PermissionName, "any" | "own">;
  readonly locale: string;
  readonly zone: string;
}
/** The platform working for a school: consumers, crons, provisioning, the operator's CLI. Says why, for the audit. */
export interface SystemActor extends Common {
  readonly type: "system";
  readonly reason: string;
  /** The person whose act is being carried on, where there was one. */
  readonly onBehalfOf?: string;
}
export type Actor = PublicActor | UserActor | SystemActor;

const storage = new AsyncLocalStorage<Actor>();

export const withActor = <T>(actor: Actor, work: () => T): T => storage.run(actor, work);

/** Throws where there is no actor: work outside one is a bug, not a refusal. */
export function useActor(): Actor {
  const actor = storage.getStore();
  if (!actor) throw new Error("no actor: wrap this call in Actor.withActor");
  return actor;
}

export const maybeActor = (): Actor | undefined => storage.getStore();

export const useSchool = (): Route => useActor().school;

/** The signed-in person. Refuses a visitor with 401. */
export function useUser(): UserActor {
  const actor = useActor();
  if (actor.type !== "user") throw new DomainError("unauthenticated", "auth.required", "Please sign in first.");
  return actor;
}

/** Refuses a person and a visitor: only the platform itself goes on. @throws permission.denied */
export function requireSystem(actor: Actor = useActor()): void {
  if (actor.type !== "system")
    throw new DomainError("forbidden", "permission.denied", "Only the platform itself does this.");
}

/** Why the platform acts for a command, with the person who ran it where the stage knows (docs/runbook.md). */
export const byOperator = (reason: string): string => {
  const operator = process.env.LECTERN_OPERATOR;
  return operator ? `${reason}, by ${operator}` : reason;
};

/** What an event and an audit entry record of who acted. */
export const stamp = (actor: Actor): ActorStamp =>
  actor.type === "user"
    ? { type: "user", id: actor.userId }
    : actor.type === "system"
      ? { type: "system", id: actor.onBehalfOf ?? actor.reason }
      : { type: "public", id: null };

export interface ActorStamp {
  readonly type: Actor["type"];
  readonly id: string | null;
}

export * as Actor from "./index.ts";
