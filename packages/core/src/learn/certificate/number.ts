import { randomInt } from "node:crypto";

// A certificate number that a person can read out over the phone: `LRN-7K2M-9QXT-4F`. Eight random characters and two
// check characters, without 0, 1, I, L and O. The alphabet has 31 characters, a prime, so the two sums detect any two
// wrong characters and every swap of neighbors.
const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const prefix = "LRN";
const randomLength = 8;

/** A new number; 31^8 of them, so none can be guessed from another. */
export function newNumber(): string {
  let body = "";
  for (let i = 0; i < randomLength; i += 1) body += alphabet.charAt(randomInt(alphabet.length));
  return format(body + checkOf(body));
}

/**
 * Returns a typed number in its stored form, ignoring case, spaces and hyphens. Undefined when a character is missing
 * or mistyped.
 */
export function parseNumber(typed: string): string | undefined {
  const text = typed.toUpperCase().replaceAll(/[^0-9A-Z]/g, "");
  const body = text.startsWith(prefix) && text.length > randomLength + 2 ? text.slice(prefix.length) : text;
  if (body.length !== randomLength + 2 || [...body].some((c) => !alphabet.includes(c))) return undefined;
  return body.slice(randomLength) === checkOf(body.slice(0, randomLength)) ? format(body) : undefined;
}

const format = (body: string): string => `${prefix}-${body.slice(0, 4)}-${body.slice(4, 8)}-${body.slice(8)}`;

function checkOf(body: string): string {
  let first = 0;
  let second = 0;
  for (const [i, character] of [...body].entries()) {
    const value = alphabet.indexOf(character);
    first += value * (i + 1);
    second += value * (i + 1) ** 2;
  }
  return alphabet.charAt(first % alphabet.length) + alphabet.charAt(second % alphabet.length);
}
