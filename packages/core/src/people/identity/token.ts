import { randomUUID } from "node:crypto";
import {
  exportJWK,
  exportPKCS8,
  exportSPKI,
  generateKeyPair,
  importPKCS8,
  importSPKI,
  type JWK,
  jwtVerify,
  SignJWT,
} from "jose";
import { Resource } from "sst";
import * as z from "zod";
import { maybeActor, type Route, type UserActor, useSchool, withActor } from "../../kernel/actor/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId, idPattern } from "../../kernel/id/index.ts";
import { log } from "../../kernel/log/index.ts";
import { Url } from "../../kernel/url/index.ts";
import * as AuthStore from "./auth-store.ts";
import * as Rights from "./rights.ts";
import * as Session from "./session.ts";

// functions/auth issues access tokens; this verifies them with its public keys from storage, without a network call to
// ourselves and without importing the engine.

/** The only algorithm: a token that names another one is refused before any key is looked at. */
export const algorithm = "ES256";
export const lifetimeSeconds = 60 * 60;

/** What a token says of its bearer. Roles and rights are read per request, never carried. */
export const Properties = z.object({
  userId: z.string().regex(idPattern("user")),
  sessionId: z.string().regex(idPattern("session")),
  schoolId: z.string().regex(idPattern("school")),
});
export type Properties = z.infer<typeof Properties>;

export { subjectOf } from "./auth-store.ts";

/** The one issuer, whatever host a request names. */
export const issuer = (): string => new URL(Url.authUrl("/")).origin;

// A private key is a separate item that only the sign-in function may read (kernel/aws/shared-tables.ts).
const PublicKey = z.object({ id: z.string(), publicKey: z.string(), alg: z.string(), created: z.number() });
type PublicKey = z.infer<typeof PublicKey>;
const StoredKey = PublicKey.extend({ privateKey: z.string() });
type StoredKey = z.infer<typeof StoredKey>;
/** Importing a key costs more than using it. */
type KnownKey = PublicKey & { imported?: ReturnType<typeof importSPKI> };

const Claims = z.object({ mode: z.literal("access"), type: z.literal("user"), properties: Properties });

const rememberMs = 5 * 60 * 1000;
const rereadMs = 5 * 1000;
let keys: { at: number; byId: Map<string, KnownKey> } | undefined;

/** Returns the signing key of an id. Looks an unknown id up again, at most once in five seconds. */
async function keyOf(id: string): Promise<KnownKey | undefined> {
  const age = keys ? Date.now() - keys.at : Number.POSITIVE_INFINITY;
  if (age > rememberMs || (!keys?.byId.has(id) && age > rereadMs)) keys = { at: Date.now(), byId: await readKeys() };
  return keys?.byId.get(id);
}

async function readKeys(): Promise<Map<string, KnownKey>> {
  const found = new Map<string, KnownKey>();
  for await (const { value } of AuthStore.scan(AuthStore.partitions.publicKeys)) {
    const key = PublicKey.parse(value);
    if (key.alg === algorithm) found.set(key.id, key);
  }
  return found;
}

/** The keys that check tokens, as a JSON Web Key Set. */
export async function keySet(): Promise<{ readonly keys: readonly JWK[] }> {
  const keys = [...(await readKeys()).values()].map(async ({ id, alg, publicKey }) => ({
    ...(await exportJWK(await importSPKI(publicKey, alg, { extractable: true }))),
    ...{ kid: id, alg, use: "sig" },
  }));
  return { keys: await Promise.all(keys) };
}

/** Forgets the keys this process remembers; for tests that change them. */
export const forgetKeys = (): void => {
  keys = undefined;
};

/**
 * Creates the engine's first keys, once for the platform. Otherwise two processes that start together would each create
 * their own, and could not read each other's seals.
 */
export async function ensureKeys(): Promise<void> {
  await ensureKey(AuthStore.partitions.signingKeys, algorithm);
  await ensureKey(AuthStore.partitions.encryptionKeys, "RSA-OAEP-512");
  const keys = await signingKeys();
  const published = await readKeys();
  for (const { value } of keys) if (!published.has(value.id)) await publish(value);
  const [newest] = keys;
  if (newest && Date.now() - newest.value.created > rotateAfterMs && (await isFirstToday(newest.value))) {
    log.info({ keyId: newest.value.id }, "rotating the signing key");
    await rotateKeys();
  }
}

async function ensureKey(partition: string, alg: string): Promise<void> {
  for await (const _ of AuthStore.scan(partition)) return;
  await AuthStore.putOnce(partition, "first", await generateKey(alg));
}

async function generateKey(alg: string): Promise<StoredKey> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return {
    id: randomUUID(),
    publicKey: await exportSPKI(pair.publicKey),
    privateKey: await exportPKCS8(pair.privateKey),
    created: Date.now(),
    alg,
  };
}

/** A signing key is replaced after a quarter of a year. */
const rotateAfterMs = 90 * 24 * 60 * 60 * 1000;
/** How long a process may sign with cached keys; then the sign-in function reads them again. */
export const signWithMs = rememberMs;
/** Longer than anybody signs with a retired key, and its last token lives. */
const retiredForMs = signWithMs + (lifetimeSeconds + 30 * 60) * 1000;

/** The private keys, the newest first. */
async function signingKeys(): Promise<{ sk: string; value: StoredKey }[]> {
  const found: { sk: string; value: StoredKey }[] = [];
  for await (const { sk, value } of AuthStore.scan(AuthStore.partitions.signingKeys))
    found.push({ sk, value: StoredKey.parse(value) });
  return found.sort((a, b) => b.value.created - a.value.created);
}

const publicOf = ({ id, publicKey, alg, created }: StoredKey): PublicKey => ({ id, publicKey, alg, created });

async function publish(key: StoredKey): Promise<void> {
  await AuthStore.putOnce(AuthStore.partitions.publicKeys, key.id, publicOf(key));
}

/** Of several processes one rotates; when it dies over it, another tries the next day. */
const isFirstToday = ({ id }: StoredKey): Promise<boolean> =>
  AuthStore.putOnce(AuthStore.partitions.rotations, `${id} ${new Date().toISOString().slice(0, 10)}`, {});

/**
 * Replaces the signing key. Earlier keys stop signing; they verify tokens until the last one they signed has expired.
 * With `revoke`, for a leaked key, they verify nothing: each access token is refused within five minutes and renewed by
 * its refresh token. Safe to run again after a crash.
 * @param waitMs time for verifiers to look up the new key before the first token names it
 */
export async function rotateKeys(options: { readonly revoke?: boolean; readonly waitMs?: number } = {}) {
  const { revoke = false, waitMs = rereadMs + 1_000 } = options;
  const before = await signingKeys();
  const key = await generateKey(algorithm);
  await publish(key);
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  await AuthStore.put(AuthStore.partitions.signingKeys, key.id, key);
  const until = new Date(Date.now() + retiredForMs);
  for (const { sk, value } of before) {
    await AuthStore.remove(AuthStore.partitions.signingKeys, sk);
    if (revoke) await AuthStore.remove(AuthStore.partitions.publicKeys, value.id);
    else await AuthStore.put(AuthStore.partitions.publicKeys, value.id, publicOf(value), until);
  }
  return { keyId: key.id, retired: before.map(({ value }) => value.id) };
}

/**
 * Returns the actor of a token: checks signature, algorithm, issuer, audience (this school), time and mode, then the
 * session row and the person's rights (both cached for at most 30 s). Every refusal is the same 401 `token.invalid`.
 */
export async function verify(bearer: string, route: Route): Promise<UserActor> {
  const claims = await claimsOf(bearer, route);
  const outer = maybeActor();
  const actor =
    claims &&
    (await withActor(
      {
        type: "public",
        school: route,
        requestId: outer?.requestId ?? createId("request"),
        ...(outer?.correlationId !== undefined && { correlationId: outer.correlationId }),
      },
      () => Session.resolve({ userId: claims.userId, sessionId: claims.sessionId }),
    ));
  if (!actor) throw refused();
  return actor;
}

/**
 * Returns the claims of a token that we signed for this school; undefined for a forgery. Does not check the session.
 */
async function claimsOf(bearer: string, route: Route): Promise<Properties | undefined> {
  if (bearer.length > 4096) return undefined;
  let payload: unknown;
  try {
    const verified = await jwtVerify(
      bearer,
      async (header) => {
        const key = typeof header.kid === "string" ? await keyOf(header.kid) : undefined;
        if (!key) throw new UnknownKey();
        key.imported ??= importSPKI(key.publicKey, algorithm);
        return key.imported;
      },
      {
        algorithms: [algorithm],
        issuer: issuer(),
        audience: route.schoolId,
        requiredClaims: ["exp", "sub", "iss", "aud"],
        typ: "JWT",
      },
    );
    // An audience may be a list in a JWT; ours never is.
    if (typeof verified.payload.aud !== "string") return undefined;
    payload = verified.payload;
  } catch (error) {
    // jose's own errors are refusals; storage that does not answer is not the bearer's fault.
    if (error instanceof UnknownKey || (error instanceof Error && "code" in error && isJose(error.code)))
      return undefined;
    throw error;
  }
  const claims = Claims.and(z.object({ sub: z.string() })).safeParse(payload);
  if (!claims.success) return undefined;
  const { properties, sub } = claims.data;
  return properties.schoolId === route.schoolId && sub === AuthStore.subjectOf(properties) ? properties : undefined;
}

class UnknownKey extends Error {}
const isJose = (code: unknown): boolean => typeof code === "string" && /^ERR_(JW|JOSE)/.test(code);

const refused = (): DomainError =>
  new DomainError("unauthenticated", "token.invalid", "This access token is not valid here, or has expired.");

/** Returns an access token of an hour for a person of the actor's school, without sign-in. Local stages only. */
export const issue = fn.public(
  "the developer's command line; refused unless the stage is local",
  z.object({ userId: z.string().regex(idPattern("user")) }),
  async ({ userId }) => {
    if (Resource.App.stage !== "local")
      throw new DomainError("forbidden", "token.local_only", "Tokens are issued by hand on local stages only.");
    const rights = await Rights.of(userId);
    if (rights?.status !== "active")
      throw new DomainError("not_found", "user.not_found", "There is no such active person in this school.");
    await ensureKeys();
    const [newest] = await signingKeys();
    if (!newest) throw new Error("there is no signing key");
    const key = newest.value;
    const { schoolId } = useSchool();
    const { sessionId } = await Session.begin({ userId, userAgent: "Lectern command line" });
    const properties: Properties = { userId, sessionId, schoolId };
    const accessToken = await new SignJWT({ mode: "access", type: "user", properties })
      .setProtectedHeader({ alg: algorithm, kid: key.id, typ: "JWT" })
      .setIssuer(issuer())
      .setAudience(schoolId)
      .setSubject(AuthStore.subjectOf(properties))
      .setExpirationTime(Math.floor(Date.now() / 1000) + lifetimeSeconds)
      .sign(await importPKCS8(key.privateKey, algorithm));
    return { accessToken, expiresIn: lifetimeSeconds, sessionId };
  },
);

export * as Token from "./token.ts";
