import type { Audit } from "@lectern/core/people/audit";
import { actionNouns, audit, fieldWords } from "../messages/en/audit.ts";

type Entry = Awaited<ReturnType<typeof Audit.list>>["items"][number];

const spaced = (word: string): string => word.replaceAll(/([a-z])([A-Z])/g, "$1 $2").replaceAll(/[._]/g, " ");

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();

/** Returns an action in words: `user.created` becomes "Person created". */
export function sentence(action: string): string {
  const [noun = "", verb = ""] = action.split(/\.(.*)/s);
  const name = Object.hasOwn(actionNouns, noun) ? actionNouns[noun] : capital(spaced(noun));
  return verb ? `${name} ${spaced(verb).toLowerCase()}` : `${name}`;
}

export const fieldOf = (field: string): string => fieldWords[field] ?? capital(spaced(field));

/** Returns a value in words: lists with commas, empty as "none". */
export function wordsOf(value: unknown): string {
  if (value === null || value === undefined || value === "") return audit("empty");
  if (typeof value === "boolean") return audit(value ? "yes" : "no");
  if (Array.isArray(value)) return value.length === 0 ? audit("empty") : value.map(wordsOf).join(", ");
  if (typeof value === "object")
    return Object.entries(value)
      .map(([field, part]) => `${fieldOf(field)}: ${wordsOf(part)}`)
      .join("; ");
  return String(value);
}

const partOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? { ...value } : {};

export interface Change {
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

/** Returns an entry's data in words, without ids. */
export function detailsOf({ data }: Pick<Entry, "data">): {
  changes: Change[];
  facts: { field: string; value: string }[];
} {
  const { before, after, ...rest } = data;
  const [was, is] = [partOf(before), partOf(after)];
  const changes = [...new Set([...Object.keys(was), ...Object.keys(is)])].map((field) => ({
    field: fieldOf(field),
    before: wordsOf(was[field]),
    after: wordsOf(is[field]),
  }));
  const facts = Object.entries(rest)
    .filter(([field]) => !/Id$/.test(field) && !(field === "fields" && changes.length > 0))
    .map(([field, value]) => ({ field: fieldOf(field), value: wordsOf(value) }));
  return { changes, facts };
}

export const actorOf = ({ actor }: Pick<Entry, "actor">): string =>
  actor.name ??
  (actor.type === "system" ? audit("platform") : actor.type === "user" ? audit("gone") : audit("visitor"));
