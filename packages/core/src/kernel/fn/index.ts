import type { z } from "zod";
import { Actor, type UserActor } from "../actor/index.ts";
import { Db } from "../db/index.ts";
import { DomainError } from "../error/index.ts";
import type {
  NoPermission,
  OwnPermission,
  PermissionName,
  ReadResource,
  Resource,
  SchoolPermission,
} from "../permission/index.ts";
import { isOwnPermission, Permission } from "../permission/index.ts";

/** What a core function guards. */
export type Form = "public" | "self" | "on" | "any" | "every" | "system" | "operator";

/** What the API's routes and the isolation matrix read of a core function. */
export interface Declared<S extends z.ZodType = z.ZodType, F extends Form = Form> {
  readonly form: F;
  readonly policy: PermissionName | NoPermission;
  readonly schema: S;
}

/** A schema with a default takes no argument as well: `Identity.me()`. */
type Args<S extends z.ZodType> = undefined extends z.input<S> ? [input?: z.input<S>] : [input: z.input<S>];

type Fn<F extends Form, S extends z.ZodType, R> = ((...input: Args<S>) => Promise<R>) & Declared<S, F>;

/** Parses the input (422 with the fields), then runs the guarded work. */
function declare<F extends Form, S extends z.ZodType, R>(
  form: F,
  policy: PermissionName | NoPermission,
  schema: S,
  run: (input: z.output<S>) => R | Promise<R>,
): Fn<F, S, R> {
  return Object.assign(async (...[raw]: Args<S>): Promise<R> => run(parse(schema, raw)), { form, policy, schema });
}

/** For everyone. `why` says what replaces a permission: a token, a password, or that it returns nothing private. */
const forEverybody = <S extends z.ZodType, R>(why: string, schema: S, work: (input: z.output<S>) => Promise<R>) =>
  declare("public", { none: why }, schema, work);

/**
 * For the caller's own rows: the work receives the signed-in person, and reads and writes by their id.
 * @throws auth.required for a visitor and for the platform
 */
const self = <S extends z.ZodType, R>(
  permission: PermissionName,
  schema: S,
  work: (me: UserActor, input: z.output<S>) => R | Promise<R>,
) =>
  declare("self", permission, schema, (input) => {
    Permission.requireHeld(permission);
    return work(Actor.useUser(), input);
  });

/**
 * For slow work or work that opens its own transactions; the resource may change between the permission check and the
 * work.
 */
const onResource = <S extends z.ZodType, R>(
  permission: PermissionName,
  ref: (input: z.output<S>) => Resource,
  schema: S,
  work: (input: z.output<S>) => Promise<R>,
) =>
  declare("on", permission, schema, async (input) => {
    await Permission.requireOn(permission, ref(input));
    return work(input);
  });

/**
 * As `fn.on`, in one transaction: the work writes exactly the row that was checked, and a refusal costs one round trip.
 */
const inTransaction = <S extends z.ZodType, R>(
  permission: PermissionName,
  ref: (input: z.output<S>) => Resource,
  schema: S,
  work: (tx: Db.Tx, input: z.output<S>) => Promise<R>,
) =>
  declare("on", permission, schema, (input) =>
    Db.use(async (tx) => {
      await Permission.requireOn(permission, ref(input));
      return work(tx, input);
    }),
  );

/**
 * As `fn.on.tx`, for a hot read that also fetches what the judge needs: `read` returns the resource as `on`, and `work`
 * receives the rest only after the judge allows it.
 */
const afterReading = <S extends z.ZodType, F extends { readonly on: ReadResource }, R>(
  permission: PermissionName,
  schema: S,
  read: (tx: Db.Tx, input: z.output<S>) => Promise<F>,
  work: (found: F) => R | Promise<R>,
) =>
  declare("on", permission, schema, (input) =>
    Db.use(async (tx) => {
      const found = await read(tx, input);
      await Permission.requireOn(permission, found.on);
      return work(found);
    }),
  );

/**
 * For work on the whole school, with a permission that every holder has everywhere.
 * @throws Error when the module loads, for a permission that a role holds for its own rows only
 */
function any<S extends z.ZodType, R>(
  permission: SchoolPermission,
  schema: S,
  work: (input: z.output<S>) => Promise<R>,
): Fn<"any", S, R> {
  if (isOwnPermission(permission))
    throw new Error(`${permission} can be held for one's own rows only: use fn.on, fn.self or fn.every`);
  return everywhere("any", permission, schema, work);
}

/** For every row, with a permission that some roles hold for their own rows only. Refuses those with 403. */
const every = <S extends z.ZodType, R>(
  permission: OwnPermission,
  schema: S,
  work: (input: z.output<S>) => Promise<R>,
): Fn<"every", S, R> => everywhere("every", permission, schema, work);

const everywhere = <F extends "any" | "every", S extends z.ZodType, R>(
  form: F,
  permission: PermissionName,
  schema: S,
  work: (input: z.output<S>) => Promise<R>,
): Fn<F, S, R> =>
  declare(form, permission, schema, (input) => {
    Permission.requireEverywhere(permission);
    return work(input);
  });

/** Work of the platform itself in one school: consumers, schedules, provisioning. A person and a visitor get 403. */
const system = <S extends z.ZodType, R>(why: string, schema: S, work: (input: z.output<S>) => R | Promise<R>) =>
  declare("system", { none: why }, schema, (input) => {
    Actor.requireSystem();
    return work(input);
  });

/** Work of an operator across schools, so without an actor. Refuses wherever a person or a visitor acts. */
const operator = <S extends z.ZodType, R>(why: string, schema: S, work: (input: z.output<S>) => Promise<R>) =>
  declare("operator", { none: why }, schema, (input) => {
    const actor = Actor.maybeActor();
    if (actor) Actor.requireSystem(actor);
    return work(input);
  });

/** Core functions, by what they guard. Each parses its input first, then judges, and only then works. */
export const fn = {
  public: forEverybody,
  self,
  on: Object.assign(onResource, { tx: inTransaction, read: afterReading }),
  any,
  every,
  system,
  operator,
};

/** Parses input at the edge of core; a misfit is a 422 that names each field. */
export function parse<S extends z.ZodType>(schema: S, raw: unknown): z.output<S> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const fields: Record<string, string> = {};
  for (const issue of result.error.issues) fields[issue.path.join(".") || "input"] ??= issue.message;
  const [first] = Object.values(fields);
  throw new DomainError("invalid", "input.invalid", first ?? "That is not valid.", fields);
}
