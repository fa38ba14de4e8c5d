import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { Secrets } from "../secret/index.ts";

/** A secret for a mail, a cookie or a form: 32 random bytes, base64url (43 characters). */
export const newSecret = (): string => randomBytes(32).toString("base64url");

/** What is stored of a secret. Plain SHA-256 is enough: the secret itself cannot be guessed. */
export const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("base64url");

/** Compares in the same time wherever the two differ. */
export function sameText(a: string, b: string): boolean {
  const left = createHash("sha256").update(a).digest();
  const right = createHash("sha256").update(b).digest();
  return timingSafeEqual(left, right);
}

/** Returns a keyed fingerprint: the same text always gives the same one, and only the key's owner can compute it. */
export const fingerprint = (key: string, purpose: string, text: string): string =>
  createHmac("sha256", key).update(`${purpose}\0${text}`).digest("base64url");

/**
 * Seals data into a text for a browser: base64url(JSON) and its HMAC. Readable, not forgeable, expires after `seconds`.
 * `purpose` keeps a seal for one use from passing in another.
 */
export function seal(key: string, purpose: string, data: object, seconds: number): string {
  const body = Buffer.from(JSON.stringify({ ...data, exp: Math.floor(Date.now() / 1000) + seconds })).toString(
    "base64url",
  );
  return `${body}.${fingerprint(key, purpose, body)}`;
}

/**
 * Returns the sealed value for the caller to parse; undefined when it was altered, has expired or has another purpose.
 */
export function unseal(key: string, purpose: string, text: string): unknown {
  const [body, mac, ...rest] = text.split(".");
  if (!body || !mac || rest.length > 0 || !sameText(mac, fingerprint(key, purpose, body))) return undefined;
  const data: unknown = JSON.parse(Buffer.from(body, "base64url").toString("utf8"));
  if (typeof data !== "object" || data === null || !("exp" in data) || typeof data.exp !== "number") return undefined;
  return data.exp * 1000 > Date.now() ? data : undefined;
}

/** As `seal`, with the session secret now in force. */
export const sealForSession = async (purpose: string, data: object, seconds: number): Promise<string> =>
  seal(await Secrets.get("SessionSecret"), purpose, data, seconds);

/** What `sealForSession` sealed: with the secret in force, or with the one before it. */
export const unsealForSession = (purpose: string, text: string): Promise<unknown> =>
  Secrets.accept("SessionSecret", (key) => unseal(key, purpose, text));

/** Encrypts a short text (AES-256-GCM) with a key derived for one purpose. */
export function encrypt(key: string, purpose: string, text: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", derived(key, purpose), iv);
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64url");
}

/** Undoes `encrypt`. Throws when the key is another one or the text was altered. */
export function decrypt(key: string, purpose: string, sealed: string): string {
  const bytes = Buffer.from(sealed, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", derived(key, purpose), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
}

const derived = (key: string, purpose: string): Buffer => Buffer.from(hkdfSync("sha256", key, "", purpose, 32));

export * as Secret from "./index.ts";
