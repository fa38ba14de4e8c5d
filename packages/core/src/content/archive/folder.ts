import { constants } from "node:fs";
import { lstat, open, readdir, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { limits, refuse } from "./limits.ts";
import { checkDepth, NameBook, safePath } from "./names.ts";
import { missing, sorted, type Tree, type TreeEntry } from "./tree.ts";

/** Folders that are never part of a course and can be huge: skipped, but named in the report. */
const skippedFolders: Readonly<Record<string, string>> = {
  ".git": "the history of the repository is not part of the course",
  node_modules: "installed packages are not part of the course",
};

/** Opens a folder under the rules of an archive. Refuses links, even those that stay inside. */
export async function openFolder(path: string): Promise<Tree> {
  const root = await realpath(path);
  const book = new NameBook();
  const entries: TreeEntry[] = [];
  const skipped: { path: string; reason: string }[] = [];
  const onDisk = new Map<string, string>();
  let count = 0;
  let total = 0;

  const walk = async (folder: string, prefix: string): Promise<void> => {
    for (const name of (await readdir(folder)).sort()) {
      count += 1;
      if (count > limits.entries) throw refuse.tooManyFiles();
      const file = join(folder, name);
      const relative = safePath(prefix === "" ? name : `${prefix}/${name}`);
      const stat = await lstat(file);
      if (stat.isSymbolicLink()) throw refuse.link(relative);
      if (stat.isDirectory()) {
        const reason = skippedFolders[name];
        if (reason) {
          skipped.push({ path: `${relative}/`, reason });
          continue;
        }
        checkDepth(relative, true);
        book.addFolder(relative);
        await walk(file, relative);
        continue;
      }
      if (!stat.isFile()) throw refuse.corrupt(`"${relative}" is not an ordinary file`);
      book.addFile(relative);
      if (stat.size > limits.fileBytes) throw refuse.fileTooLarge(relative);
      total += stat.size;
      if (total > limits.totalBytes) throw refuse.totalTooLarge();
      entries.push({ path: relative, bytes: stat.size });
      onDisk.set(relative, file);
    }
  };
  await walk(root, "");
  if (entries.length === 0) throw refuse.empty();
  return {
    name: basename(root),
    entries: sorted(entries),
    skipped,
    has: (entry) => onDisk.has(entry),
    read: async (entry) => readFile(onDisk.get(entry) ?? missing(entry), entry),
    close: async () => {},
  };
}

/** Does not follow a link that replaced the file since the walk, and never reads past the limit. */
async function readFile(file: string, path: string): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ELOOP" ? refuse.link(path) : error;
  });
  try {
    const { size } = await handle.stat();
    if (size > limits.fileBytes) throw refuse.fileTooLarge(path);
    const buffer = Buffer.alloc(size);
    let read = 0;
    while (read < size) {
      const { bytesRead } = await handle.read(buffer, read, size - read, read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return buffer.subarray(0, read);
  } finally {
    await handle.close();
  }
}
