import { randomFillSync } from "node:crypto";

/** What an id begins with says what it names, in logs and in support mails. */
const prefixes = {
  school: "sch",
  user: "usr",
  session: "ses",
  invitation: "inv",
  token: "tok",
  roleRequest: "rrq",
  category: "cat",
  course: "crs",
  courseModule: "mod",
  lesson: "les",
  textVersion: "ver",
  asset: "ast",
  import: "imp",
  enrollment: "enr",
  certificate: "crt",
  fact: "fct",
  event: "evt",
  notification: "ntf",
  audit: "aud",
  apiKey: "key",
  mail: "mal",
  request: "req",
  run: "run",
  due: "due",
} as const;

export type IdKind = keyof typeof prefixes;

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * Returns a new id: prefix, underscore, and a UUIDv7 (RFC 9562) as 26 characters of Crockford base32 in lower case. Ids
 * sort by millisecond, and within a process by creation: the relay publishes in that order.
 */
export const createId = (kind: IdKind, at?: number): string =>
  `${prefixes[kind]}_${encode(at === undefined ? nextUuid7() : uuid7(at))}`;

/** The shape of an id of this kind, for parsing input at the edge. */
export const idPattern = (kind: IdKind): RegExp => new RegExp(`^${prefixes[kind]}_[0-9a-hjkmnp-tv-z]{26}$`);

/** The 26 characters after the prefix. */
export const idBody = (id: string): string => id.slice(id.indexOf("_") + 1);

/** Fetches randomness for many ids at a time: sixteen bytes cost as much as four thousand. */
const pool = new Uint8Array(4096);
let used = pool.length;

let latest = 0;
let sequence = 0;

/**
 * The 12 bits after the version count within a millisecond (RFC 9562, 6.2, method 1); after 4096 the next one begins.
 */
function nextUuid7(): Uint8Array {
  const now = Date.now();
  if (now > latest) {
    latest = now;
    sequence = 0;
  } else if (++sequence > 0xfff) {
    latest += 1;
    sequence = 0;
  }
  const bytes = uuid7(latest);
  bytes[6] = 0x70 | (sequence >> 8);
  bytes[7] = sequence & 0xff;
  return bytes;
}

function uuid7(at: number): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.slice(used, used + 16);
  used += 16;
  let rest = at;
  for (let i = 5; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return bytes;
}

function encode(bytes: Uint8Array): string {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  let text = "";
  for (let i = 0; i < 26; i++) {
    text = alphabet.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return text;
}
