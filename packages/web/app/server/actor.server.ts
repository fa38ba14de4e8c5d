import { type Actor, type PublicActor, type UserActor, withActor } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { DomainError, refusalIn } from "@lectern/core/kernel/error";
import { Session } from "@lectern/core/people/identity";
import { requireSameOrigin } from "./csrf.server.ts";
import { hostFor } from "./host.server.ts";
import { type Limit, limits, requireLimit } from "./limit.server.ts";
import { refusing } from "./refusal.server.ts";
import { ipOf, type RequestArgs, stateOf } from "./request.server.ts";
import { sessionCookie } from "./session.server.ts";

/** The visitor or member behind a request, resolved once for all loaders. */
export type Seat = PublicActor | UserActor;

interface Options {
  /** Counted in addition to the general limits of pages and forms. */
  readonly limit?: Limit;
}

/**
 * Runs a loader or action as the actor, in the school of the host. It refuses cross-site forms, counts the request,
 * turns a refusal into an error page, and sends visitors to sign in where needed. Permissions are checked by the core
 * functions.
 */
export async function asActor<T>(
  args: RequestArgs,
  work: (actor: Seat) => Promise<T>,
  options: Options = {},
): Promise<T> {
  return refusing(args, async () => {
    const isWrite = args.request.method !== "GET" && args.request.method !== "HEAD";
    if (isWrite) requireSameOrigin(args.request);
    const host = await hostFor(args);
    if (host.kind !== "school") throw new DomainError("not_found", "page.not_found", "There is no such page.");
    const state = stateOf(args);
    state.seat ??= seatOf(args, {
      ...{ type: "public", school: host.route, requestId: state.requestId },
      from: { userAgent: (args.request.headers.get("user-agent") ?? "").slice(0, 400), address: ipOf(args.request) },
    });
    const seat = await state.seat;
    return counted(args, seat, async () => {
      await limited(args, options.limit ?? (isWrite ? limits.write : limits.read), userIdOf(seat));
      return seat.type === "user" ? work(seat) : work(seat).catch(askForSignIn);
    });
  });
}

/** A page that refuses a visitor may be open to a member, so the visitor signs in and returns. */
function askForSignIn(error: unknown): never {
  throw refusalIn(error)?.kind === "forbidden" ? signInFirst() : error;
}

const signInFirst = () => new DomainError("unauthenticated", "auth.required", "Please sign in first.");

/**
 * Sends a visitor who gets `not_found` to sign in: members may have links to pages that visitors cannot see, such as a
 * lesson of an archived course.
 */
export async function orSignIn<T>(seat: Actor, work: Promise<T>): Promise<T> {
  if (seat.type === "user") return work;
  return work.catch((error: unknown) => {
    throw refusalIn(error)?.kind === "not_found" ? signInFirst() : error;
  });
}

/** Like `asActor` for the platform's own pages, without school or actor. */
export async function onPlatform<T>(args: RequestArgs, work: () => Promise<T>, options: Options = {}): Promise<T> {
  return refusing(args, async () => {
    const isWrite = args.request.method !== "GET" && args.request.method !== "HEAD";
    if (isWrite) requireSameOrigin(args.request);
    if ((await hostFor(args)).kind !== "platform")
      throw new DomainError("not_found", "page.not_found", "There is no such page.");
    await limited(args, options.limit ?? (isWrite ? limits.write : limits.read));
    return work();
  });
}

/** Asserts a signed-in person; sends a visitor to sign in. */
export function requireUser(seat: Actor): asserts seat is UserActor {
  if (seat.type !== "user") throw signInFirst();
}

async function seatOf(args: RequestArgs, visitor: PublicActor): Promise<Seat> {
  const cookie = sessionCookie(args.request);
  if (!cookie) return visitor;
  stateOf(args).isPrivate = true;
  return counted(args, visitor, async () => (await Session.resolve(cookie)) ?? visitor);
}

function limited(args: RequestArgs, limit: Limit, userId?: string): Promise<unknown> {
  if (limit !== limits.read) return requireLimit(args.request, limit, userId);
  const state = stateOf(args);
  state.pageCount ??= requireLimit(args.request, limit, userId);
  return state.pageCount;
}

const userIdOf = (seat: Seat): string | undefined => (seat.type === "user" ? seat.userId : undefined);

/** Runs work as the actor and adds its SQL statements to the request's count. */
async function counted<T>(args: RequestArgs, actor: Seat, work: () => Promise<T>): Promise<T> {
  return withActor(actor, () =>
    Db.counted(async () => {
      try {
        return await work();
      } finally {
        stateOf(args).queries += Db.queryCount();
      }
    }),
  );
}
