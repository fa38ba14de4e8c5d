import { limits, refuse } from "./limits.ts";

/**
 * Returns an entry's path in NFC, with `/` separators and without empty or `.` parts. Refuses paths that could leave
 * the archive or that a file system would not accept.
 */
export function safePath(name: string): string {
  // Checked before normalization: an absolute path or a drive must not become a harmless one.
  if (/[\p{Cc}\\]/u.test(name) || /^(?:\/|[a-z]:)/i.test(name)) throw refuse.pathEscape(name);
  const parts = name
    .normalize("NFC")
    .split("/")
    .filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw refuse.pathEscape(name);
  for (const part of parts) if (Buffer.byteLength(part) > limits.nameBytes) throw refuse.nameTooLong(part);
  return parts.join("/");
}

/** Refuses a file (or, with `isFolder`, a folder) that lies too deep. */
export function checkDepth(path: string, isFolder: boolean): void {
  const parts = path === "" ? 0 : path.split("/").length;
  if (parts - (isFolder ? 0 : 1) > limits.folders) throw refuse.tooDeep(path);
}

/**
 * Finds names that cannot coexist: equal ones, ones that differ only in case or Unicode form, and a file where another
 * path needs a folder. Two unpackers would show different content for them.
 */
export class NameBook {
  readonly #files = new Map<string, string>();
  readonly #folders = new Map<string, string>();

  addFile(path: string): void {
    const folded = fold(path);
    const other = this.#files.get(folded) ?? this.#folders.get(folded);
    if (other !== undefined) throw refuse.corrupt(`two of its files are called "${path}"`);
    this.#files.set(folded, path);
    const parts = folded.split("/");
    for (let i = 1; i < parts.length; i++) this.#addFolder(parts.slice(0, i).join("/"), path);
  }

  addFolder(path: string): void {
    const parts = fold(path).split("/");
    for (let i = 1; i <= parts.length; i++) this.#addFolder(parts.slice(0, i).join("/"), path);
  }

  #addFolder(folded: string, path: string): void {
    if (this.#files.has(folded)) throw refuse.corrupt(`"${path}" needs a folder where a file lies`);
    this.#folders.set(folded, path);
  }
}

const fold = (path: string): string => path.normalize("NFKC").toLowerCase().normalize("NFC");
