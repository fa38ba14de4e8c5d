import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32, createInflateRaw } from "node:zlib";
import * as yauzl from "yauzl";
import { isDomainError } from "../../kernel/error/index.ts";
import { limits, refuse } from "./limits.ts";
import { checkDepth, NameBook, safePath } from "./names.ts";
import { missing, sorted, type Tree } from "./tree.ts";

interface Found {
  readonly entry: yauzl.Entry;
  readonly path: string;
  readonly isFolder: boolean;
}
interface Placed extends Found {
  readonly dataStart: number;
}

/**
 * Opens a zip from its bytes or from a file. Inflates and counts each file once before it returns, so a caller that
 * writes what it reads never has to roll back.
 */
export async function openZip(source: Buffer | string, name: string): Promise<Tree> {
  // Reads names as bytes: the checks here are stricter than yauzl's, and each has its own code.
  const options = { autoClose: false, decodeStrings: false, validateEntrySizes: false } as const;
  const zip = await asCorrupt(() =>
    typeof source === "string" ? yauzl.openPromise(source, options) : yauzl.fromBufferPromise(source, options),
  );
  try {
    const files = await examine(zip, typeof source === "string" ? peekFile(source) : peekBuffer(source));
    return {
      name,
      entries: sorted([...files].map(([path, { bytes }]) => ({ path, bytes }))),
      skipped: [],
      has: (path) => files.has(path),
      read: async (path) => (files.get(path) ?? missing(path)).read(),
      close: async () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

/** The four bytes at a position, or undefined behind the end. */
type Peek = (position: number) => Promise<number | undefined>;

const peekBuffer =
  (buffer: Buffer): Peek =>
  async (position) =>
    position + 4 <= buffer.length ? buffer.readUInt32LE(position) : undefined;

const peekFile =
  (path: string): Peek =>
  async (position) => {
    const handle = await open(path, "r");
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, position);
      return bytesRead === 4 ? buffer.readUInt32LE(0) : undefined;
    } finally {
      await handle.close();
    }
  };

async function examine(zip: yauzl.ZipFile, peek: Peek) {
  const found = await list(zip);
  // The directory must end where its count says: only other readers would see entries behind it.
  const next = await peek(inner(zip).readEntryCursor);
  if (next === 0x02014b50) throw refuse.corrupt("it holds more files than it says");
  const placed = await place(zip, found);
  const files = new Map<string, { bytes: number; read: () => Promise<Buffer> }>();
  const count = new Counter(archiveSize(zip));
  for (const file of placed) {
    const bytes = await inflate(zip, file, count);
    if (file.isFolder) {
      if (bytes > 0) throw refuse.corrupt(`the folder "${file.path}" has content`);
      continue;
    }
    files.set(file.path, { bytes, read: () => content(zip, file) });
  }
  if (files.size === 0) throw refuse.empty();
  return files;
}

/** Reads the archive's directory and checks names, links, encryption and methods before any content. */
async function list(zip: yauzl.ZipFile): Promise<Found[]> {
  const book = new NameBook();
  const found: Found[] = [];
  if (zip.entryCount > limits.entries) throw refuse.tooManyFiles();
  await asCorrupt(async () => {
    for await (const entry of zip.eachEntry()) {
      if (found.length >= limits.entries) throw refuse.tooManyFiles();
      const name = nameOf(entry);
      const isFolder = name.endsWith("/");
      const path = safePath(name);
      if (isLink(entry)) throw refuse.link(name);
      if (isSpecial(entry)) throw refuse.corrupt(`"${path}" is not an ordinary file`);
      checkDepth(path, isFolder);
      if (path === "") {
        if (!isFolder) throw refuse.corrupt("a file has no name");
        continue;
      }
      if (entry.isEncrypted() || (entry.generalPurposeBitFlag & 0x2040) !== 0)
        throw refuse.corrupt(`"${path}" is locked with a password`);
      if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
        throw refuse.corrupt(`"${path}" is packed with method ${entry.compressionMethod}, which is not supported`);
      if (isFolder) book.addFolder(path);
      else book.addFile(path);
      found.push({ entry, path, isFolder });
    }
  });
  return found;
}

/** Reads every local header: it must match the directory, and no two files may share bytes. */
async function place(zip: yauzl.ZipFile, found: readonly Found[]): Promise<Placed[]> {
  const placed: Placed[] = [];
  const ranges: { from: number; to: number; path: string }[] = [];
  for (const file of found) {
    const { entry, path } = file;
    const header = await asCorrupt(() => zip.readLocalFileHeaderPromise(entry));
    if (!header.fileName.equals(entry.fileNameRaw)) throw refuse.corrupt(`"${path}" is called otherwise further on`);
    if (header.compressionMethod !== entry.compressionMethod || (header.generalPurposeBitFlag & 0x2041) !== 0)
      throw refuse.corrupt(`"${path}" is packed otherwise than its directory says`);
    const to = header.fileDataStart + entry.compressedSize;
    if (to > archiveSize(zip)) throw refuse.corrupt(`"${path}" ends behind the archive`);
    ranges.push({ from: entry.relativeOffsetOfLocalHeader, to, path });
    placed.push({ ...file, dataStart: header.fileDataStart });
  }
  ranges.sort((a, b) => a.from - b.from);
  ranges.forEach((range, i) => {
    const next = ranges[i + 1];
    if (next && range.to > next.from) throw refuse.corrupt(`"${range.path}" and "${next.path}" overlap`);
  });
  return placed;
}

/** Counts what comes out of an archive as it comes out. */
class Counter {
  #total = 0;
  constructor(readonly archiveBytes: number) {}

  add(chunk: number, file: Placed, fileBytes: number): void {
    this.#total += chunk;
    if (fileBytes > limits.fileBytes) throw refuse.fileTooLarge(file.path);
    if (this.#total > limits.totalBytes) throw refuse.totalTooLarge();
    if (fileBytes > limits.ratioFrom && fileBytes > limits.ratio * file.entry.compressedSize)
      throw refuse.ratio(file.path);
    if (this.#total > limits.ratioFrom && this.#total > limits.ratio * this.archiveBytes) throw refuse.ratio(file.path);
  }
}

/** Inflates one file to nowhere, and answers its size. */
async function inflate(zip: yauzl.ZipFile, file: Placed, count: Counter): Promise<number> {
  let bytes = 0;
  let sum = 0;
  await pour(zip, file, (chunk) => {
    bytes += chunk.length;
    count.add(chunk.length, file, bytes);
    sum = crc32(chunk, sum);
  });
  if (bytes !== file.entry.uncompressedSize) throw refuse.corrupt(`"${file.path}" has another size than it says`);
  if (sum !== file.entry.crc32) throw refuse.corrupt(`the checksum of "${file.path}" does not match`);
  return bytes;
}

async function content(zip: yauzl.ZipFile, file: Placed): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  await pour(zip, file, (chunk) => {
    bytes += chunk.length;
    // Fails if the file on disk has changed since the archive was checked.
    if (bytes > file.entry.uncompressedSize) throw refuse.corrupt(`"${file.path}" changed while it was read`);
    chunks.push(chunk);
  });
  return Buffer.concat(chunks, bytes);
}

async function pour(zip: yauzl.ZipFile, file: Placed, take: (chunk: Buffer) => void): Promise<void> {
  const { compressedSize, compressionMethod } = file.entry;
  if (compressedSize === 0) {
    if (compressionMethod === 8) throw refuse.corrupt(`"${file.path}" is cut off`);
    return;
  }
  await asCorrupt(async () => {
    const stored = await storedBytes(zip, file);
    const sink = async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) take(chunk);
    };
    if (compressionMethod === 0) await pipeline(stored, sink);
    else await pipeline(stored, createInflateRaw(), sink);
  });
}

/** The callback form: yauzl 3.4.0's promise form of this one calls another function. */
const storedBytes = (zip: yauzl.ZipFile, { dataStart, entry }: Placed): Promise<Readable> =>
  new Promise((resolve, reject) => {
    zip.openReadStreamLowLevel(
      dataStart,
      entry.compressedSize,
      0,
      entry.compressedSize,
      false,
      null,
      (error, stream) => (error ? reject(error) : resolve(stream)),
    );
  });

/** Turns errors of yauzl and zlib into `corrupt`; our own refusals pass through. */
async function asCorrupt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isDomainError(error)) throw error;
    // A disk error or our own bug is not the archive's fault.
    if (error instanceof TypeError || (error instanceof Error && "syscall" in error)) throw error;
    const why = error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
    throw refuse.corrupt(Array.from(why, (char) => (/\p{C}/u.test(char) ? "?" : char)).join(""));
  }
}

/** What yauzl's own declaration lacks or calls a boolean. */
const inner = (zip: yauzl.ZipFile) => zip as unknown as { readonly fileSize: number; readonly readEntryCursor: number };
const archiveSize = (zip: yauzl.ZipFile): number => inner(zip).fileSize;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Returns the name an unpacker would use. Many archives contain unmarked UTF-8; only invalid UTF-8 is read as the old
 * DOS code page. Checks a second name in the archive too.
 */
function nameOf(entry: yauzl.Entry): string {
  const raw = entry.fileNameRaw;
  const isUtf8 = (entry.generalPurposeBitFlag & 0x800) !== 0;
  let name: string;
  try {
    name = utf8.decode(raw);
  } catch {
    if (isUtf8) throw refuse.corrupt("the name of a file is not readable");
    name = yauzl.getFileNameLowLevel(0, raw, [], true);
  }
  if (!entry.extraFields.some((field) => field.id === 0x7075)) return name;
  safePath(name);
  return yauzl.getFileNameLowLevel(isUtf8 ? 0x800 : 0, raw, entry.extraFields, true);
}

const fileType = (entry: yauzl.Entry): number => {
  // The "ASi" extra field can carry another mode than the attributes do.
  const asi = entry.extraFields.find((field) => field.id === 0x756e && field.data.length >= 6);
  if (asi && (asi.data.readUInt16LE(4) & 0o170000) === 0o120000) return 0o120000;
  return (entry.externalFileAttributes >>> 16) & 0o170000;
};

const isLink = (entry: yauzl.Entry): boolean => {
  const madeOn = entry.versionMadeBy >>> 8;
  const isReparsePoint = (madeOn === 0 || madeOn === 10) && (entry.externalFileAttributes & 0x400) !== 0;
  return isReparsePoint || fileType(entry) === 0o120000;
};

/** Devices, pipes and sockets. A missing type is common: archives made on Windows have none. */
const isSpecial = (entry: yauzl.Entry): boolean => ![0, 0o100000, 0o040000].includes(fileType(entry));
