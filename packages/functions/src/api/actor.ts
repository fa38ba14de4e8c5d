import { RateLimit } from "@lectern/core/house/rate-limit";
import { type Actor, type Route, type UserActor, withActor } from "@lectern/core/kernel/actor";
import { DomainError, isDomainError } from "@lectern/core/kernel/error";
import * as ApiKey from "@lectern/core/people/api-key";
import * as Session from "@lectern/core/people/identity/session";
import * as Token from "@lectern/core/people/identity/token";
import { decodeJwt } from "jose";
import { LRUCache } from "lru-cache";
import { addressOf, networkOf } from "./address.ts";
import type { ApiContext } from "./context.ts";
import { badTokens } from "./limits.ts";

/**
 * Returns the caller: a bearer token of this school with an open session, an API key, or else a visitor. It ignores
 * cookies, so other sites cannot act through a browser and no CSRF token is needed.
 * @throws token.invalid for a malformed, expired, revoked or another school's token
 */
export async function actorOf(c: ApiContext, school: Route): Promise<Actor> {
  const from = { userAgent: (c.req.header("user-agent") ?? "").slice(0, 400), address: addressOf(c) };
  const visitor: Actor = { type: "public", school, requestId: c.get("requestId"), from };
  const header = c.req.header("authorization");
  if (header === undefined) return visitor;
  return withActor(visitor, async () => {
    const bearer = /^Bearer +([A-Za-z0-9._~+/=-]{16,4096})$/i.exec(header)?.[1];
    const user =
      bearer === undefined ? undefined : await (ApiKey.isKeyText(bearer) ? holderOf : userOf)(bearer, c, school);
    if (user) return user;
    await RateLimit.require({ ...badTokens, key: networkOf(c), local: c.req.header("x-lectern-local") });
    const message = "This access token or API key is not valid here.";
    throw new DomainError("unauthenticated", "token.invalid", message);
  });
}

/** Returns the holder of an API key. Pages may use a key only from its listed origins or the school's hosts. */
async function holderOf(text: string, c: ApiContext): Promise<UserActor | undefined> {
  const holder = await ApiKey.resolve({ text });
  const origin = c.req.header("origin");
  if (!holder || origin === undefined || c.get("origin") === origin) return holder?.actor;
  if (!holder.origins.includes(origin)) {
    throw new DomainError(
      "forbidden",
      "key.origin_not_allowed",
      "This API key may not be used from pages of this site.",
    );
  }
  c.set("origin", origin);
  return holder.actor;
}

/**
 * Caches verified signatures, which cannot change. Session and permissions are read per request (cached 30 s at most),
 * so a revoked token is refused in time.
 */
const checked = new LRUCache<string, { userId: string; sessionId: string; until: number }>({ max: 2_000 });

async function userOf(bearer: string, _: ApiContext, school: Route): Promise<UserActor | undefined> {
  const name = `${school.schoolId} ${bearer}`;
  const known = checked.get(name);
  if (known && known.until > Date.now()) return Session.resolve(known);
  checked.delete(name);
  try {
    const user = await Token.verify(bearer, school);
    const { userId, sessionId } = user;
    checked.set(name, { userId, sessionId, until: (decodeJwt(bearer).exp ?? 0) * 1000 });
    return user;
  } catch (error) {
    if (isDomainError(error) && error.kind === "unauthenticated") return undefined;
    throw error;
  }
}
