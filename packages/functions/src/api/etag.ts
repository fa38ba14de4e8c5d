import { hash } from "node:crypto";
import { HttpRefusal } from "./problem.ts";

/** Returns a strong ETag of a JSON text, prefixed with the row's version, which If-Match compares. */
export function etagOf(body: string, version?: number): string {
  const digest = hash("sha1", body, "base64url").slice(0, 16);
  return version === undefined ? `"${digest}"` : `"${version}-${digest}"`;
}

/** Returns the opaque tags of a header such as `"a", W/"b"`, without the suffix that compression adds. */
function tagsOf(header: string): string[] {
  return [...header.matchAll(/(?:W\/)?"([^"]*)"/g)].map(([, tag = ""]) => tag.replace(/-(br|gzip)$/, ""));
}

/** Returns whether If-None-Match contains this tag, which means 304. */
export function isKnown(header: string | undefined, etag: string): boolean {
  if (!header) return false;
  if (header.trim() === "*") return true;
  return tagsOf(header).includes(etag.slice(1, -1));
}

/**
 * Returns the version that a client changed, from If-Match (`"7"` or the whole ETag) or the body. Refuses with 428
 * without one, because several people edit courses and lessons.
 */
export function versionOf(
  header: string | undefined,
  body: unknown,
  need: "required" | "optional",
): number | undefined {
  const fromBody = typeof body === "object" && body !== null && "version" in body ? body.version : undefined;
  if (header === undefined && typeof fromBody === "number") return fromBody;
  if (need === "optional" && (header === undefined || header.trim() === "*")) return undefined;
  const [tag] = header === undefined ? [] : tagsOf(header);
  const version = tag === undefined ? Number.NaN : Number(tag.split("-", 1)[0]);
  if (Number.isSafeInteger(version) && version >= 0 && version <= 2_147_483_647) return version;
  // A tag of unknown form cannot match the current one.
  if (header !== undefined && header.trim() !== "*") throw stale();
  throw new HttpRefusal(
    428,
    "version.required",
    "Say which version you changed: send its ETag as If-Match, or its number as `version`.",
  );
}

/** Refuses with 412 unless If-Match contains the current tag. */
export function requireMatch(header: string, etag: string): void {
  if (header.trim() === "*" || tagsOf(header).includes(etag.slice(1, -1))) return;
  throw stale();
}

const stale = (): HttpRefusal =>
  new HttpRefusal(412, "resource.stale", "It has changed since you read it. Read it again, then change it.");
