import type { Declared } from "@lectern/core/kernel/fn";
import type { NoPermission, PermissionName } from "@lectern/core/kernel/permission";
import type { ZodType, z } from "zod";
import type { ApiContext } from "./context.ts";
import type { Limit } from "./limits.ts";
import type { ParamsOf } from "./schema.ts";

/** Chapters of the reference. */
export const tags = {
  Me: "The signed-in person: profile, password, sessions, what they may do.",
  School: "Name, brand, settings and own domains of the school.",
  People: "Accounts of the school and their roles.",
  Invitations: "People who have been asked to join.",
  Registration: "Sign up, verify an address, set a new password. Callable without signing in.",
  Catalog: "Categories, courses and lessons as learners read them.",
  Authoring: "Create, edit, order and publish courses, modules and lessons.",
  Imports: "Courses from packages.",
  Enrollments: "Who learns what.",
  Progress: "Facts, percentages, and what is left.",
  Certificates: "Proof of completion.",
  Notifications: "The in-app feed.",
  "API keys": "Keys for programs: scoped, revocable, and bound to the pages that may use them.",
  Audit: "Who did what.",
  Platform: "On the platform's own host only: open a school, find one's schools.",
} as const;
export type Tag = keyof typeof tags;

type Method = "get" | "post" | "put" | "patch" | "delete";

/** A core function made by `fn`. */
type CoreFunction = ((...input: never) => Promise<unknown>) & Declared;

interface Input<P extends string, C, Q, B> {
  /** The declared core function; the route may call no other. */
  readonly call: C;
  readonly params: ParamsOf<P>;
  readonly query: Q;
  readonly body: B;
  /** The version that the client changed: present if `versioned` is "required", absent if it is not set. */
  readonly version: number | undefined;
  readonly context: ApiContext;
}

interface Reply<A extends ZodType | undefined> {
  readonly description: string;
  readonly schema?: A;
}

interface Declaration<
  P extends string,
  C extends CoreFunction,
  Q extends ZodType | undefined,
  B extends ZodType | undefined,
  A extends ZodType | undefined,
> {
  readonly method: Method;
  readonly path: P;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  /** Repeats the permission of `calls` for readers; a test keeps both equal. */
  readonly permission: PermissionName | NoPermission;
  readonly rateLimit: Limit;
  readonly calls: C;
  readonly request?: { readonly query?: Q; readonly body?: B };
  /** The one success status with its body. */
  readonly responses: Readonly<Partial<Record<200 | 201 | 202 | 204, Reply<A>>>>;
  /** Refusals beyond those that the declaration implies. */
  readonly refusals?: readonly number[];
  readonly etag?: boolean;
  /** Updates name the version they change, by If-Match or `version`. Required: 428 without. */
  readonly versioned?: "required" | "optional";
  /** Returns the current state as GET would; the update's transaction compares If-Match with it. */
  readonly current?: (input: { params: ParamsOf<P> }) => Promise<unknown>;
  /** Host that serves it; a school's by default. */
  readonly on?: "school" | "platform" | "both";
  /** Returns the Location header of the created resource. */
  readonly location?: (created: A extends ZodType ? z.input<A> : undefined, params: ParamsOf<P>) => string;
  readonly run: (
    input: Input<P, C, Q extends ZodType ? z.output<Q> : undefined, B extends ZodType ? z.output<B> : undefined>,
  ) => Promise<A extends ZodType ? z.input<A> : unknown>;
}

/** An operation of the API, as read by the app, the document, the checks and the isolation matrix. */
export interface Endpoint {
  /** "GET /courses/{courseId}", as in the OpenAPI document. */
  readonly name: string;
  readonly method: Method;
  readonly path: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description: string | undefined;
  readonly permission: PermissionName | NoPermission;
  readonly rateLimit: Limit;
  readonly calls: CoreFunction;
  readonly query: ZodType | undefined;
  readonly body: ZodType | undefined;
  readonly status: number;
  readonly reply: Reply<ZodType | undefined>;
  readonly refusals: readonly number[];
  readonly etag: boolean;
  readonly versioned: "required" | "optional" | undefined;
  readonly current: ((input: { params: Record<string, string> }) => Promise<unknown>) | undefined;
  readonly on: "school" | "platform" | "both";
  readonly params: readonly string[];
  readonly location: ((created: unknown, params: Record<string, string>) => string) | undefined;
  readonly run: (input: {
    params: Record<string, string>;
    query: unknown;
    body: unknown;
    version: number | undefined;
    context: ApiContext;
  }) => Promise<unknown>;
}

/**
 * Declares an operation; the only way to make a route. It does not compile without a permission or a limit, and
 * `findings` of checks.ts reports what types cannot express.
 */
export function endpoint<
  const P extends string,
  C extends CoreFunction,
  Q extends ZodType | undefined = undefined,
  B extends ZodType | undefined = undefined,
  A extends ZodType | undefined = undefined,
>(declared: Declaration<P, C, Q, B, A>): Endpoint {
  const [[status, reply] = []] = Object.entries(declared.responses);
  if (status === undefined || reply === undefined) throw new Error(`${declared.path} declares no success`);
  const params = [...declared.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  // The only cast of the declaration's types; the pipeline has parsed the input.
  const run = declared.run as unknown as (input: Record<string, unknown>) => Promise<unknown>;
  return {
    name: `${declared.method.toUpperCase()} ${declared.path}`,
    method: declared.method,
    path: declared.path,
    tag: declared.tag,
    summary: declared.summary,
    description: declared.description,
    permission: declared.permission,
    rateLimit: declared.rateLimit,
    calls: declared.calls,
    query: declared.request?.query,
    body: declared.request?.body,
    status: Number(status),
    reply,
    refusals: refusalsOf(declared, params.length > 0),
    etag: declared.etag ?? false,
    versioned: declared.versioned,
    current: declared.current as Endpoint["current"],
    on: declared.on ?? "school",
    params,
    location: declared.location as Endpoint["location"],
    run: (input) => run({ ...input, call: declared.calls }),
  };
}

/** Returns the operations below a path. */
export const below = (path: string, endpoints: readonly Endpoint[]): readonly Endpoint[] =>
  endpoints.filter((each) => each.path === path || each.path.startsWith(`${path}/`));

/** Returns whether the operation accepts an Idempotency-Key: a POST that creates. */
export const isCreation = (route: Endpoint): boolean => route.method === "post" && route.status === 201;

function refusalsOf(
  declared: {
    permission: PermissionName | NoPermission;
    on?: string;
    request?: { query?: unknown; body?: unknown };
    refusals?: readonly number[];
    versioned?: string;
    current?: unknown;
    responses: object;
  },
  hasParams: boolean,
): readonly number[] {
  const statuses = new Set<number>([429, 503, ...(declared.refusals ?? [])]);
  if (typeof declared.permission === "string") for (const status of [401, 403]) statuses.add(status);
  if (hasParams) statuses.add(404);
  if (declared.request?.query || declared.request?.body) statuses.add(422);
  if (declared.request?.body) for (const status of [400, 413, 415]) statuses.add(status);
  if (declared.versioned) statuses.add(412);
  if (declared.versioned === "required") statuses.add(428);
  if (declared.current) statuses.add(412);
  // An Idempotency-Key may be malformed, or another request with it may be in progress.
  if ("201" in declared.responses) for (const status of [409, 422]) statuses.add(status);
  return [...statuses].sort((a, b) => a - b);
}
