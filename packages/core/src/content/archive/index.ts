import { open as openFile, readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { DomainError } from "../../kernel/error/index.ts";
import { openFolder } from "./folder.ts";
import { memoryTree, stem, type Tree } from "./tree.ts";
import { openZip } from "./zip.ts";

export { openFolder } from "./folder.ts";
export { limits } from "./limits.ts";
export { memoryTree, stem, type Tree, type TreeEntry } from "./tree.ts";
export { openZip } from "./zip.ts";

/**
 * Opens a folder, a zip or cartridge, or a single page. `source` is a path or a file's bytes; `fileName` is the
 * original name for bytes or a temporary path. Refuses with an `archive.*` code, or `package.unknown` for a file that
 * is neither an archive nor a page.
 */
export async function openTree(source: string | Buffer, fileName?: string): Promise<Tree> {
  const name = fileName ?? (typeof source === "string" ? basename(source) : "course");
  if (typeof source === "string") {
    const found = await stat(source).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
      throw new DomainError("not_found", "package.not_found", `There is no file or folder called ${source}.`);
    });
    if (found.isDirectory()) return openFolder(source);
  }
  const head = typeof source === "string" ? await headOf(source) : source.subarray(0, 4);
  if (isZip(head) || /\.(?:zip|imscc|cc)$/i.test(name)) return openZip(source, stem(name));
  if (!/\.(?:md|markdown|mdown|html?|xhtml)$/i.test(name))
    throw new DomainError(
      "invalid",
      "package.unknown",
      "That is neither a folder or zip of Markdown, nor a Common Cartridge, nor a single page.",
    );
  return memoryTree(stem(name), { [name]: typeof source === "string" ? await readFile(source) : source });
}

/** A local file header, or the end record an empty archive begins with. */
const isZip = (head: Buffer): boolean =>
  head.length >= 4 && (head.readUInt32LE(0) === 0x04034b50 || head.readUInt32LE(0) === 0x06054b50);

async function headOf(path: string): Promise<Buffer> {
  const handle = await openFile(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

export * as Archive from "./index.ts";
