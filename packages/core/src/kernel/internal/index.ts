import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { Secrets } from "../secret/index.ts";
import { CallItem } from "./call.entity.ts";

// Our functions sign the calls between them, with a key that only they can read and over the whole request. A signature
// is valid for one call within five minutes.

/** Our internal addresses begin with this, on the platform's own host. */
export const basePath = "/api/internal/v1";

/** The header that carries the signature. */
export const header = "x-lectern-signature";

/** How far a call's time may lie from ours, before or behind. */
const windowSeconds = 5 * 60;

const Key = z.object({ id: z.string().regex(/^[A-Za-z0-9-]{1,32}$/), secret: z.string().min(32) });
/** The signing key and the previous one, because calls under way during a rotation stay valid. */
const Keys = z.object({ current: Key, previous: Key.optional() });

export interface Call {
  readonly method: string;
  /** Path and query as they are sent. */
  readonly target: string;
  readonly body: string | Uint8Array;
}

interface Claim {
  readonly keyId: string;
  /** Epoch seconds. */
  readonly time: number;
  readonly nonce: string;
  /** SHA-256 of the body, hex. */
  readonly bodyHash: string;
}

/** The value of the header for this call. */
export async function sign(call: Call): Promise<string> {
  const { current } = keysOf(await Secrets.get("InternalKeys"));
  const claim = {
    keyId: current.id,
    time: Math.floor(Date.now() / 1000),
    nonce: randomBytes(16).toString("base64url"),
    bodyHash: hashOf(call.body),
  };
  return `v1;${claim.keyId};${claim.time};${claim.nonce};${claim.bodyHash};${macOf(current.secret, call, claim)}`;
}

/** Calls another part of the house: the one client of our internal addresses. Waits ten seconds at most. */
export async function send(
  url: string,
  options: { readonly method?: string; readonly body?: unknown } = {},
): Promise<Response> {
  const { method = "GET" } = options;
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  const { pathname, search } = new URL(url);
  return fetch(url, {
    method,
    headers: {
      [header]: await sign({ method, target: `${pathname}${search}`, body: body ?? "" }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body }),
    // A redirect would be another call than the one that was signed.
    redirect: "error",
    signal: AbortSignal.timeout(10_000),
  });
}

/** Why a call is not let in. For the log; the caller learns only that it is refused. */
export type Refused = "unsigned" | "malformed" | "too old" | "too early" | "another body" | "not ours" | "replayed";

/**
 * Returns why an internal call is refused, or undefined for a new call with our signature. Records only calls with a
 * good signature, so a forger cannot fill the table.
 */
export async function refusalOf(call: Call, signature: string | undefined): Promise<Refused | undefined> {
  if (!signature) return "unsigned";
  const parsed = /^v1;([A-Za-z0-9-]{1,32});(\d{10});([\w-]{22});([0-9a-f]{64});([\w-]{43})$/.exec(signature);
  if (!parsed) return "malformed";
  const [, keyId = "", seconds = "", nonce = "", bodyHash = "", mac = ""] = parsed;
  const claim: Claim = { keyId, time: Number(seconds), nonce, bodyHash };
  const age = Date.now() / 1000 - claim.time;
  if (age > windowSeconds) return "too old";
  if (age < -windowSeconds) return "too early";
  if (!sameText(bodyHash, hashOf(call.body))) return "another body";
  // The secret's previous value would contain expired keys: the pair itself carries the previous one.
  const isOurs = await Secrets.accept("InternalKeys", (text) => isSignedBy(keysOf(text), call, claim, mac), {
    withPrevious: false,
  });
  if (!isOurs) return "not ours";
  return (await isFirst(claim)) ? undefined : "replayed";
}

function isSignedBy({ current, previous }: z.output<typeof Keys>, call: Call, claim: Claim, mac: string) {
  const key = [current, previous].find((one) => one?.id === claim.keyId);
  return key !== undefined && sameText(mac, macOf(key.secret, call, claim)) ? true : undefined;
}

async function isFirst({ keyId, nonce, time }: Claim): Promise<boolean> {
  try {
    await CallItem()
      .create({ keyId, nonce, expiresAt: time + 2 * windowSeconds })
      .go();
    return true;
  } catch (error) {
    for (let at: unknown = error; at instanceof Error; at = at.cause)
      if (at.name === "ConditionalCheckFailedException") return false;
    throw error;
  }
}

/** One line for each signed part. None can contain a line break, so no two calls produce the same text. */
const macOf = (secret: string, { method, target }: Call, { keyId, time, nonce, bodyHash }: Claim): string =>
  createHmac("sha256", secret)
    .update(["lectern internal v1", keyId, time, nonce, method, target, bodyHash].join("\n"))
    .digest("base64url");

const keysOf = (text: string): z.output<typeof Keys> => Keys.parse(JSON.parse(text));

const hashOf = (body: string | Uint8Array): string => createHash("sha256").update(body).digest("hex");

/**
 * Both have the same length by their pattern, so `timingSafeEqual` leaks nothing. Compares text, because base64 has two
 * spellings of one value.
 */
const sameText = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b));

export * as Internal from "./index.ts";
