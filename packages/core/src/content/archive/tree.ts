import { limits, refuse } from "./limits.ts";
import { checkDepth, NameBook, safePath } from "./names.ts";

export interface TreeEntry {
  /** Relative, `/` between its parts, in NFC. */
  readonly path: string;
  /** Counted, not declared. */
  readonly bytes: number;
}

/** The files of a package, all checked before the first is read. Folders exist only as parts of paths. */
export interface Tree {
  /** The archive's or folder's name without path and extension: a title of last resort. */
  readonly name: string;
  /** Sorted by path. */
  readonly entries: readonly TreeEntry[];
  /** Folders left out unread, as `.git` is, each with its reason. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  has(path: string): boolean;
  /** The bytes of one file. Throws when there is no such file. */
  read(path: string): Promise<Buffer>;
  close(): Promise<void>;
}

/** Creates a tree of files in memory, under the rules of an archive. `path` -> content. */
export function memoryTree(name: string, files: Readonly<Record<string, string | Uint8Array>>): Tree {
  const book = new NameBook();
  const contents = new Map<string, Buffer>();
  let total = 0;
  for (const [raw, content] of Object.entries(files)) {
    const path = safePath(raw);
    checkDepth(path, false);
    book.addFile(path);
    const bytes = typeof content === "string" ? Buffer.from(content) : Buffer.from(content);
    if (bytes.length > limits.fileBytes) throw refuse.fileTooLarge(path);
    total += bytes.length;
    contents.set(path, bytes);
  }
  if (contents.size === 0) throw refuse.empty();
  if (contents.size > limits.entries) throw refuse.tooManyFiles();
  if (total > limits.totalBytes) throw refuse.totalTooLarge();
  return {
    name,
    entries: sorted([...contents].map(([path, content]) => ({ path, bytes: content.length }))),
    skipped: [],
    has: (path) => contents.has(path),
    read: async (path) => contents.get(path) ?? missing(path),
    close: async () => {},
  };
}

export const sorted = (entries: TreeEntry[]): TreeEntry[] =>
  entries.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));

/** A path that is not from `entries` is the caller's bug, not a refusal. */
export function missing(path: string): never {
  throw new Error(`no such file in the tree: ${path}`);
}

/** The last part of a path or file name, without its ending. */
export const stem = (fileName: string): string => {
  const base = fileName.split(/[/\\]/).at(-1) ?? fileName;
  return base.replace(/(?<=.)\.[a-z0-9]{1,8}$/i, "");
};
