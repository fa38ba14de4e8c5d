import { Session } from "@lectern/core/identity";
import { type Actor, type PublicActor, type UserActor, withActor } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { DomainError, refusalIn } from "@lectern/core/kernel/error";
import { requireSameOrigin } from "./csrf.server.ts";
import { hostFor } from "./host.server.ts";
import { type Limit, limits, requireLimit } from "./limit.server.ts";
import { refusing } from "./refusal.server.ts";
import { ipOf, type RequestArgs, stateOf } from "./request.server.ts";
import { sessionCookie } from "./session.server.ts";

/** Who sits behind a request: resolved once for all of its loaders. */
export type Seat = PublicActor | UserActor;

interface Options {
  /** Counted apart from pages and forms in general. */
  readonly limit?: Limit;
}

/**
 * Runs a loader's or an action's work for the person who asks, at the school the host names. Forms must come from the same
 * site and are counted. A refusal becomes an error page with its status; a visitor who must sign in is sent to do so and
 * comes back. The permission is named by the core functions the work calls.
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

/** What is closed to a visitor may be open to a member, so they sign in and come back. */
function askForSignIn(error: unknown): never {
  throw refusalIn(error)?.kind === "forbidden" ? signInFirst() : error;
}

const signInFirst = () => new DomainError("unauthenticated", "auth.required", "Please sign in first.");

/**
 * For pages that members have links to although visitors do not see them (a lesson of an archived course): where a visitor
 * finds nothing, they sign in and come back.
 */
export async function orSignIn<T>(seat: Actor, work: Promise<T>): Promise<T> {
  if (seat.type === "user") return work;
  return work.catch((error: unknown) => {
    throw refusalIn(error)?.kind === "not_found" ? signInFirst() : error;
  });
}

/** As `asActor`, for the platform's own pages: there is no school and no actor, only a visitor. */
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

/** Sends a visitor to sign in; a signed-in person passes. For pages that make no sense without one. */
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

/** Runs work under the actor and adds its SQL statements to the request's count. */
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
