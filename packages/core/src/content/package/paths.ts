/** `a/b/c.md` -> `a/b`; a file of the top folder -> "". */
export const folderOf = (path: string): string => path.split("/").slice(0, -1).join("/");

export const fileNameOf = (path: string): string => path.split("/").at(-1) ?? path;

/** Joins and resolves `.` and `..`; undefined where that would leave the package. */
export function resolvePath(folder: string, relative: string): string | undefined {
  const out: string[] = relative.startsWith("/") || folder === "" ? [] : folder.split("/");
  for (const part of relative.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (out.pop() === undefined) return undefined;
    } else out.push(part);
  }
  return out.join("/");
}

/** True for an address with a scheme or a host, which is no file of the package. */
export const isAbsolute = (url: string): boolean => /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(url.trim());

/** The path an address means, without query and fragment and with its escapes undone. */
export function pathOfUrl(url: string): string {
  const bare = url.trim().replace(/[?#].*$/s, "");
  try {
    return decodeURIComponent(bare).normalize("NFC");
  } catch {
    return bare.normalize("NFC");
  }
}

/** Returns a path for an `asset:` or `lesson:` address, safe inside Markdown and HTML. */
export const encodePath = (path: string): string =>
  path
    .split("/")
    .map((part) =>
      encodeURIComponent(part).replaceAll(/[!'()*~_]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join("/");

/** Reads `asset:<path>` and `lesson:<path>` again. */
export function innerUrl(url: string): { scheme: "asset" | "lesson"; path: string } | undefined {
  const found = /^(asset|lesson):(.*)$/s.exec(url);
  if (!found?.[1] || found[2] === undefined) return undefined;
  return { scheme: found[1] as "asset" | "lesson", path: pathOfUrl(found[2]) };
}

/** Finds files by path as authors write them: exactly, else ignoring case, as Windows and macOS do. */
export class PathIndex {
  readonly #exact: ReadonlySet<string>;
  readonly #folded: ReadonlyMap<string, string>;
  constructor(paths: Iterable<string>) {
    this.#exact = new Set(paths);
    this.#folded = new Map([...this.#exact].map((path) => [path.toLowerCase(), path]));
  }
  find(path: string): string | undefined {
    return this.#exact.has(path) ? path : this.#folded.get(path.toLowerCase());
  }
}

/** Without the number an author put in front for order: `01-getting-started` -> `getting-started`. */
const withoutNumber = (name: string): string => {
  const rest = name.replace(/^(?:\d+(?:[._]\d+)*[\s._)-]+)+/, "");
  return /[\p{L}\p{N}]/u.test(rest) ? rest : name;
};

/** Returns a title from a file or folder name: without number and extension, hyphens to blanks, capitalized. */
export function titleFromName(name: string): string {
  const words = withoutNumber(name).replaceAll(/[-_]+/g, " ").replaceAll(/\s+/g, " ").trim();
  // A name that is all capitals is someone's shouting convention, as in LICENSE.
  const calm = /^[^\p{Ll}]+$/u.test(words) && words.length > 4 ? words.toLowerCase() : words;
  return calm.charAt(0).toUpperCase() + calm.slice(1);
}

/** The number a name begins with, for order: `02-farm`, `week 3`, `ch10-end`. */
export function numberInName(name: string): number | undefined {
  const found =
    /^(\d{1,6})(?:[\s._)-]|$)/.exec(name)?.[1] ??
    /^(?:lessons?|weeks?|modules?|units?|chapters?|chap|ch|parts?|days?|sessions?|sections?|lectures?|lec|topics?|steps?|class|labs?|unidad|lektion|kapitel|modul|teil|le[cç]on)[\s._-]*(\d{1,6})/i.exec(
      name,
    )?.[1];
  return found === undefined ? undefined : Number(found);
}

export const byName = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;
