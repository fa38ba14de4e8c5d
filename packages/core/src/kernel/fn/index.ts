import type { z } from "zod";
import { DomainError } from "../error/index.ts";
import type { NoPermission, PermissionName, ResourceRef } from "../permission/index.ts";
import * as Permission from "../permission/index.ts";

interface Guard<I> {
  readonly permission: PermissionName;
  /** The row the permission is asked about. Without it the role alone decides. */
  readonly on?: (input: I) => ResourceRef;
}

type Policy<I> = PermissionName | NoPermission | Guard<I>;

/** What the API's routes and the isolation matrix read of a core function. */
export interface Declared<S extends z.ZodType = z.ZodType> {
  readonly policy: PermissionName | NoPermission;
  readonly schema: S;
}

/** A schema with a default takes no argument as well: `Identity.me()`. */
type Args<S extends z.ZodType> = undefined extends z.input<S> ? [input?: z.input<S>] : [input: z.input<S>];

/**
 * A core function: its permission first, then the shape of its input, then the work. The input is parsed (422 with the
 * fields), the permission is asked of the one judge, and only then the work runs, so nothing is half done on a refusal.
 */
export function fn<S extends z.ZodType, R>(
  policy: Policy<z.output<S>>,
  schema: S,
  work: (input: z.output<S>) => Promise<R>,
): ((...input: Args<S>) => Promise<R>) & Declared<S> {
  const name = typeof policy === "object" && "permission" in policy ? policy.permission : policy;
  const run = async (...[raw]: Args<S>): Promise<R> => {
    const input = parse(schema, raw);
    if (typeof policy === "string") await Permission.require(policy);
    else if ("permission" in policy) await Permission.require(policy.permission, policy.on?.(input));
    return work(input);
  };
  return Object.assign(run, { policy: name, schema });
}

/** Parses input at the edge of core; a misfit is a 422 that names each field. */
export function parse<S extends z.ZodType>(schema: S, raw: unknown): z.output<S> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const fields: Record<string, string> = {};
  for (const issue of result.error.issues) fields[issue.path.join(".") || "input"] ??= issue.message;
  const [first] = Object.values(fields);
  throw new DomainError("invalid", "input.invalid", first ?? "That is not valid.", fields);
}
