import { useSchool } from "../actor/index.ts";

/**
 * Returns an object key of the actor's school: `<schoolId>/course/crs_.../ast_.../a picture.png`. Each part is one
 * segment; throws for a part that could climb out or hide. Pass file names from outside through `safeFileName` first.
 */
export function key(...parts: readonly string[]): string {
  if (parts.length === 0) throw new Error("an object key needs at least one part after the school");
  for (const part of parts)
    if (part === "" || part === "." || part === ".." || /[\p{Cc}/\\]/u.test(part))
      throw new Error("a part of an object key is empty, climbs, or holds a slash or control character");
  const whole = `${useSchool().schoolId}/${parts.join("/")}`;
  if (Buffer.byteLength(whole) > 1024) throw new Error("an object key is longer than 1,024 bytes");
  return whole;
}

/** Throws for a key of another school, whatever its source, so no function here reaches across. */
export function own(objectKey: string): string {
  const { schoolId } = useSchool();
  if (!objectKey.startsWith(`${schoolId}/`) || objectKey.split("/").some((part) => part === ".." || part === "."))
    throw new Error(`an object key does not belong to school ${schoolId}`);
  return objectKey;
}

/**
 * Returns a file name that is safe to store and show: the last part of a path, without control and bidirectional
 * characters, at most 200 bytes with its extension kept. Empty names become "file".
 */
export function safeFileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const clean = last
    .normalize("NFC")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029"<>|:*?]/gu, "")
    .replaceAll(/\s+/g, " ")
    .replace(/^[. ]+/, "")
    .trim();
  const dot = clean.lastIndexOf(".");
  const extension = dot > 0 && clean.length - dot <= 12 ? clean.slice(dot) : "";
  const stem = withinBytes(extension ? clean.slice(0, dot) : clean, 200 - Buffer.byteLength(extension));
  return `${stem.trim()}${extension}` || "file";
}

/** As many whole characters from the beginning as fit in so many bytes of UTF-8. */
function withinBytes(text: string, most: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > most) break;
    end += character.length;
  }
  return text.slice(0, end);
}
