import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { Resource } from "sst";
import { DomainError } from "../../kernel/error/index.ts";
import { commonPasswords, commonWords } from "./common-passwords.ts";

/** The password of all demo accounts. It is printed at each start, so only a local stage accepts it. */
export const demoPassword = "lighthouse-and-lectern";

export const minLength = 12;
export const maxLength = 128;

/** Said wherever a password is chosen. */
export const rules = `At least ${minLength} characters. A few unrelated words make a good one; any characters are allowed.`;

/**
 * OWASP's parameters for Argon2id: 19 MiB, two passes, one lane. Raising them rehashes each password at its next use.
 */
const parameters = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const tagLength = 32;
const derive = promisify(argon2);

/** Hashes a password into PHC form, `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. Takes about 25 ms of one core. */
export async function hash(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await derive("argon2id", { message: normal(password), nonce, tagLength, ...parameters });
  const { memory, passes, parallelism } = parameters;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(tag)}`;
}

/**
 * Checks a password. Without a stored hash it takes as long on a dummy and returns false, so the response time reveals
 * nothing.
 */
export async function verify(password: string, stored: string | null | undefined): Promise<boolean> {
  const parsed = parsePhc(stored ?? dummy) ?? parsePhc(dummy);
  if (!parsed) throw new Error("the dummy hash does not parse");
  const tag = await derive("argon2id", {
    message: normal(password),
    nonce: parsed.nonce,
    tagLength: parsed.tag.length,
    memory: parsed.memory,
    passes: parsed.passes,
    parallelism: parsed.parallelism,
  });
  return timingSafeEqual(tag, parsed.tag) && typeof stored === "string" && stored !== dummy;
}

/** Was it hashed with other parameters than today's? Then a successful sign-in rehashes it. */
export function isOutdated(stored: string): boolean {
  const parsed = parsePhc(stored);
  return (
    !parsed ||
    parsed.memory !== parameters.memory ||
    parsed.passes !== parameters.passes ||
    parsed.parallelism !== parameters.parallelism
  );
}

/** Refuses a password that is too short, too long or easy to guess. `field` names its input. */
export function requireGood(password: string, about: readonly string[] = [], field = "password"): void {
  const refusal = refusalOf(password, about);
  if (refusal) throw new DomainError("invalid", refusal.code, refusal.message, { [field]: refusal.message });
}

/**
 * Returns why a password is refused, or undefined. `about` are texts close to the person: address, names, the school.
 */
export function refusalOf(password: string, about: readonly string[]): { code: string; message: string } | undefined {
  const length = [...password].length;
  if (length < minLength)
    return { code: "password.too_short", message: `Use at least ${minLength} characters. This has ${length}.` };
  if (length > maxLength)
    return { code: "password.too_long", message: `Use at most ${maxLength} characters. This has ${length}.` };
  const lower = password.toLowerCase();
  if (commonPasswords.has(lower) || commonWords.has(lower.replace(/^[^a-z]+|(?<![^a-z])[^a-z]+$/g, "")))
    return {
      code: "password.common",
      message: "Many people use this password, so it is guessed first. Choose another.",
    };
  if (isPattern(lower))
    return { code: "password.pattern", message: "This repeats or counts, so it is guessed quickly. Choose another." };
  if (lower === demoPassword && Resource.App.stage !== "local")
    return { code: "password.demo", message: "This is the demo's password, known to everyone. Choose another." };
  const own = about.map((text) => text.toLowerCase()).filter((text) => text.length >= 4);
  if (own.some((text) => lower.replaceAll(text, "").length < 6))
    return { code: "password.personal", message: "This is mostly your name or address. Choose something less close." };
  return undefined;
}

/** "aaaaaaaaaaaa", "abcabcabcabc", "123456789012", "abcdefghijkl". */
function isPattern(text: string): boolean {
  if (/^(.{1,4})\1+.{0,3}$/su.test(text)) return true;
  const steps = new Set<number>();
  for (let i = 1; i < text.length; i++) {
    const step = text.charCodeAt(i) - text.charCodeAt(i - 1);
    steps.add(step === -9 ? 1 : step === 9 ? -1 : step); // 9 -> 0 goes on counting
  }
  return steps.size === 1;
}

// Two keyboards may send one letter as different code points; NFKC unifies them, as NIST SP 800-63B asks.
const normal = (password: string): Buffer => Buffer.from(password.normalize("NFKC"), "utf8");

const base64 = (bytes: Buffer): string => bytes.toString("base64").replaceAll("=", "");

const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function parsePhc(stored: string) {
  const [, memory, passes, parallelism, nonce, tag] = phc.exec(stored) ?? [];
  if (!memory || !passes || !parallelism || !nonce || !tag) return undefined;
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    nonce: Buffer.from(nonce, "base64"),
    tag: Buffer.from(tag, "base64"),
  };
}

// Compared where there is no account, with today's parameters, so the response time does not reveal accounts.
const dummy = `$argon2id$v=19$m=${parameters.memory},t=${parameters.passes},p=${parameters.parallelism}$${base64(Buffer.alloc(16, 7))}$${base64(Buffer.alloc(tagLength, 7))}`;

export * as Password from "./password.ts";
