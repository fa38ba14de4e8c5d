import { eq } from "drizzle-orm";
import * as z from "zod";
import { type UserActor, useActor } from "../../kernel/actor/index.ts";
import * as Secret from "../../kernel/crypto/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { cache } from "../../kernel/directory/cache.ts";
import { mine } from "../../kernel/dynamo/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId, idPattern } from "../../kernel/id/index.ts";
import { log } from "../../kernel/log/index.ts";
import { Metric } from "../../kernel/metric/index.ts";
import { permissionsOf } from "../../kernel/permission/index.ts";
import { isConditionFailure } from "./attempts.ts";
import * as AuthStore from "./auth-store.ts";
import { deviceOf } from "./device.ts";
import * as Rights from "./rights.ts";
import { SessionItem } from "./session.entity.ts";
import { userTable } from "./user.sql.ts";

const day = 24 * 60 * 60 * 1000;
/** A session ends this long after it was last used, */
export const idleMs = 30 * day;
/** and this long after the sign-in, however much it is used. */
export const absoluteMs = 180 * day;
/** "Last seen" is written at most this often. */
const touchMs = 5 * 60 * 1000;
/** A session that is revoked elsewhere is refused here within this time. */
export const rememberMs = 30_000;
/** Sessions stay cached for twice as long while their table is unavailable: still within the promised minute. */
const staleMs = 30_000;

/** A session as its owner sees it. Instants are ISO strings. */
export const Info = z.object({
  id: z.string(),
  /** In words: "Firefox on Windows". */
  device: z.string(),
  ip: z.string(),
  createdAt: z.string(),
  lastSeenAt: z.string(),
  isCurrent: z.boolean(),
});
export type Info = z.infer<typeof Info>;

interface Stored {
  readonly userId: string;
  readonly sessionId: string;
  readonly secretHash?: string | undefined;
  readonly createdAt: number;
  readonly validAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
}

const userId = z.string().regex(idPattern("user"));
const sessionId = z.string().regex(idPattern("session"));

/** One session row, remembered for a moment. Names are `<school>/<user>/<session>`. */
const known = cache<Stored>(
  rememberMs,
  async (name) => {
    const [, user = "", session = ""] = name.split("/");
    const { data } = await SessionItem()
      .get({ ...mine(), userId: user, sessionId: session })
      .go({ consistent: true });
    return data ?? undefined;
  },
  { staleMs },
);
const nameOf = (ref: { userId: string; sessionId: string }): string =>
  `${mine().schoolId}/${ref.userId}/${ref.sessionId}`;

/**
 * Creates a session without a cookie: tokens may name it, and one browser may `claim` it. The person sees `userAgent`
 * and `ip` in the list of sessions.
 */
export const begin = fn.public(
  "the sign-in flow calls it once the credentials were checked",
  z.object({ userId, userAgent: z.string().default(""), ip: z.string().default("") }),
  async (input) => {
    const now = Date.now();
    const id = createId("session");
    await SessionItem()
      .create({
        ...mine(),
        userId: input.userId,
        sessionId: id,
        userAgent: input.userAgent.slice(0, 400),
        ip: input.ip.slice(0, 64),
        createdAt: now,
        validAt: now,
        lastSeenAt: now,
        expiresAt: Math.floor((now + idleMs) / 1000),
      })
      .go();
    await Db.use((tx) =>
      tx
        .update(userTable)
        .set({ lastSignInAt: new Date(now), lastSeenAt: new Date(now) })
        .where(eq(userTable.id, input.userId)),
    );
    Metric.userActivity("signed_in");
    return { sessionId: id };
  },
);

/**
 * Binds a new session to one browser and returns its cookie's value, once. A second claim is refused, so a copied
 * sign-in yields no second cookie.
 */
export const claim = fn.public(
  "the web's callback calls it with what a verified token names",
  z.object({ userId, sessionId }),
  async (ref) => {
    const secret = Secret.newSecret();
    await SessionItem()
      .patch({ ...mine(), ...ref })
      .set({ secretHash: Secret.hashOf(secret) })
      .where((item, { notExists }) => notExists(item.secretHash))
      .go()
      .catch((error: unknown) => {
        if (isConditionFailure(error))
          throw new DomainError("unauthenticated", "session.claimed", "This sign-in was used already. Please sign in.");
        throw error;
      });
    // The browser needs no refresh token, so none may stay valid.
    await AuthStore.dropRefresh(AuthStore.subjectOf(ref));
    forget(ref);
    return { secret, cookie: cookieOf({ ...ref, secret }) };
  },
);

/** A session with its cookie in one step, for callers that checked the person themselves. */
export const create = fn.public(
  "called after the credentials were checked",
  z.object({ userId, userAgent: z.string().default(""), ip: z.string().default("") }),
  async (input) => {
    const begun = await begin(input);
    const claimed = await claim({ userId: input.userId, sessionId: begun.sessionId });
    return { sessionId: begun.sessionId, ...claimed };
  },
);

const cookieOf = (parts: { userId: string; sessionId: string; secret: string }): string =>
  `${parts.userId}.${parts.sessionId}.${parts.secret}`;

function fromCookie(cookie: string) {
  const [user, session, secret, ...rest] = cookie.split(".");
  if (rest.length > 0 || !secret) return undefined;
  const ref = z.object({ userId, sessionId }).safeParse({ userId: user, sessionId: session });
  return ref.success ? { ...ref.data, secret } : undefined;
}

/**
 * Returns the person of a cookie's value or a verified token. Undefined when the session has ended, was revoked or is
 * another school's, or the person is suspended or removed. Runs under the school's public actor.
 */
export async function resolve(
  from: string | { readonly userId: string; readonly sessionId: string },
): Promise<UserActor | undefined> {
  const cookie = typeof from === "string" ? fromCookie(from) : undefined;
  const ref = typeof from === "string" ? cookie : from;
  if (!ref) return undefined;
  const session = await known.get(nameOf(ref));
  const now = Date.now();
  if (!session || session.expiresAt * 1000 <= now || session.createdAt + absoluteMs <= now) return undefined;
  if (cookie && !(session.secretHash && Secret.sameText(Secret.hashOf(cookie.secret), session.secretHash)))
    return undefined;
  const rights = await Rights.of(ref.userId);
  if (rights?.status !== "active" || session.validAt < rights.sessionsValidFrom) return undefined;
  if (now - session.lastSeenAt >= touchMs) await touch(session, now);
  const actor = useActor();
  return {
    type: "user",
    school: actor.school,
    requestId: actor.requestId,
    ...(actor.from && { from: actor.from }),
    ...(actor.correlationId !== undefined && { correlationId: actor.correlationId }),
    userId: ref.userId,
    sessionId: ref.sessionId,
    roles: rights.roles,
    permissions: permissionsOf(rights.roles),
    locale: rights.locale,
    zone: rights.zone ?? actor.school.zone,
  };
}

/** Updates "last seen", from one process. A failure costs a timestamp, not the request. */
async function touch(session: Stored, now: number): Promise<void> {
  const ref = { userId: session.userId, sessionId: session.sessionId };
  try {
    await SessionItem()
      .patch({ ...mine(), ...ref })
      .set({ lastSeenAt: now, expiresAt: Math.floor((now + idleMs) / 1000) })
      .where((item, { lte }) => lte(item.lastSeenAt, now - touchMs))
      .go();
    await Db.use((tx) =>
      tx
        .update(userTable)
        .set({ lastSeenAt: new Date(now) })
        .where(eq(userTable.id, ref.userId)),
    );
  } catch (error) {
    if (!isConditionFailure(error)) log.warn({ err: error }, "last seen was not written");
  }
  forget(ref);
}

/** The signed-in person's sessions, the one in use first. */
export const list = fn.self("profile.manage", z.object({}).default({}), async (actor) => {
  const items = await stored(actor.userId);
  const valid = (await Rights.of(actor.userId))?.sessionsValidFrom ?? 0;
  const now = Date.now();
  return items
    .filter((item) => item.expiresAt * 1000 > now && item.createdAt + absoluteMs > now && item.validAt >= valid)
    .map(
      (item): Info => ({
        id: item.sessionId,
        device: deviceOf(item.userAgent),
        ip: item.ip,
        createdAt: new Date(item.createdAt).toISOString(),
        lastSeenAt: new Date(item.lastSeenAt).toISOString(),
        isCurrent: item.sessionId === actor.sessionId,
      }),
    )
    .sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.lastSeenAt.localeCompare(a.lastSeenAt));
});

/** Ends one of the signed-in person's sessions with its cookie and tokens. 404 when it does not exist. */
export const revoke = fn.self("profile.manage", z.object({ sessionId: z.string() }), async (me, input) => {
  const ref = { userId: me.userId, sessionId: input.sessionId };
  const { data } = await SessionItem()
    .delete({ ...mine(), ...ref })
    .go({ response: "all_old" });
  forget(ref);
  if (!data) throw new DomainError("not_found", "session.not_found", "That session has ended already.");
});

/** Ends all of the signed-in person's sessions; `exceptCurrent` keeps the one in use. Returns how many ended. */
export const revokeAll = fn.self(
  "profile.manage",
  z.object({ exceptCurrent: z.boolean().default(false) }),
  async (actor, input) => {
    const from = Date.now();
    await Db.use((tx) =>
      tx
        .update(userTable)
        .set({ sessionsValidFrom: new Date(from) })
        .where(eq(userTable.id, actor.userId)),
    );
    const kept = input.exceptCurrent ? { sessionId: actor.sessionId, from } : undefined;
    return { ended: await sweep(actor.userId, kept) };
  },
);

/**
 * Removes a person's sessions after `sessionsValidFrom` was committed. That column ends them, so a session that cannot
 * be removed now is refused all the same. `kept` survives. Returns how many ended.
 */
export async function sweep(
  user: string,
  kept?: { readonly sessionId: string; readonly from: number },
): Promise<number> {
  Rights.forget(user);
  if (kept) {
    const ref = { userId: user, sessionId: kept.sessionId };
    await SessionItem()
      .patch({ ...mine(), ...ref })
      .set({ validAt: kept.from })
      .go()
      .catch((error: unknown) => {
        // It has just been revoked from another device.
        if (!isConditionFailure(error)) throw error;
      });
    forget(ref);
  }
  const over = (await stored(user)).filter((item) => item.sessionId !== kept?.sessionId);
  let rest = over.map((item) => ({ ...mine(), userId: user, sessionId: item.sessionId }));
  for (let round = 0; round < 5 && rest.length > 0; round++) {
    const { unprocessed } = await SessionItem().delete(rest).go();
    const left = new Set(unprocessed.map((item) => item.sessionId));
    rest = rest.filter((item) => left.has(item.sessionId));
  }
  for (const item of over) forget({ userId: user, sessionId: item.sessionId });
  return over.length;
}

/** Ends one session: this browser's own at sign-out, or one whose refresh token was used twice. */
export async function end(ref: { userId: string; sessionId: string }): Promise<void> {
  await SessionItem()
    .delete({ ...mine(), ...ref })
    .go();
  forget(ref);
}

async function stored(user: string) {
  const { data } = await SessionItem()
    .query.byUser({ ...mine(), userId: user })
    .go({ consistent: true, pages: "all" });
  return data;
}

function forget(ref: { userId: string; sessionId: string }): void {
  const name = nameOf(ref);
  known.forget((entry) => entry === name);
}

export * as Session from "./session.ts";
