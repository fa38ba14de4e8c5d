import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, openSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PassThrough, Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { privateFolder } from "../util/files.ts";
import { S3Error } from "./error.ts";

export type Metadata = Record<string, string | number>;

export interface StoredObject {
  bucket: string;
  key: string;
  content: Readable | Buffer | null;
  metadata: Metadata;
  range?: { start: number; end: number };
}
type ObjectClass = new (bucket: string, key: string, content: Readable | null, metadata: Metadata) => StoredObject;

interface Row {
  file: string;
  etag: string;
  size: number;
  modified: number;
  metadata: string;
}

const kept = new Set([
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
]);

/**
 * Objects as files, indexed in SQLite. Replaces s3rver's store, which names files after keys (a key could escape the
 * folder), acknowledges before the bytes are on disk, and shows half-written objects. Here one commit makes an object
 * visible, before the writer gets its answer.
 */
export class ObjectStore {
  readonly #db: DatabaseSync;
  readonly #files: string;
  readonly #makeObject: ObjectClass;

  constructor(dataDir: string) {
    const folder = join(dataDir, "s3");
    this.#files = join(folder, "files");
    privateFolder(folder);
    privateFolder(this.#files);
    const require = createRequire(import.meta.url);
    this.#makeObject = require("s3rver/lib/models/object.js");
    this.#db = new DatabaseSync(join(folder, "objects.sqlite"));
    this.#db.exec(`
      PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;
      CREATE TABLE IF NOT EXISTS bucket (name TEXT PRIMARY KEY, created INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS object (bucket TEXT NOT NULL, key TEXT NOT NULL, file TEXT NOT NULL, etag TEXT NOT NULL,
        size INTEGER NOT NULL, modified INTEGER NOT NULL, metadata TEXT NOT NULL,
        PRIMARY KEY (bucket, key)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS tagging (bucket TEXT NOT NULL, key TEXT NOT NULL, xml TEXT NOT NULL,
        PRIMARY KEY (bucket, key)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS upload (id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL,
        metadata TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS part (upload TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL,
        etag TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (upload, number)) WITHOUT ROWID;`);
  }

  close(): void {
    this.#db.close();
  }

  async listBuckets() {
    const rows = this.#db.prepare("SELECT * FROM bucket ORDER BY name").all();
    return rows.map((row) => ({ name: String(row.name), creationDate: new Date(Number(row.created)) }));
  }
  async getBucket(name: string) {
    const row = this.#db.prepare("SELECT * FROM bucket WHERE name = ?").get(name);
    return row ? { name, creationDate: new Date(Number(row.created)) } : null;
  }
  async putBucket(name: string) {
    this.#db.prepare("INSERT OR IGNORE INTO bucket VALUES (?, ?)").run(name, Date.now());
    return this.getBucket(name);
  }
  async deleteBucket(name: string) {
    this.#db.prepare("DELETE FROM bucket WHERE name = ?").run(name);
  }
  // s3rver asks for these settings; only an object's tags are stored.
  async getSubresource(bucket: string, key: string | undefined, kind: string) {
    const row =
      kind === "tagging" &&
      this.#db.prepare("SELECT xml FROM tagging WHERE bucket = ? AND key = ?").get(bucket, key ?? "");
    return row ? { toXML: () => String(row.xml) } : null;
  }
  async putSubresource(bucket: string, key: string | undefined, config: { type: string; toXML(): string }) {
    if (config.type !== "tagging" || key === undefined)
      throw new S3Error("NotImplemented", "Settings of buckets and objects are not emulated, but for tags.");
    this.#db.prepare("INSERT OR REPLACE INTO tagging VALUES (?, ?, ?)").run(bucket, key, config.toXML());
  }
  async deleteSubresource() {}

  async existsObject(bucket: string, key: string): Promise<boolean> {
    return this.#row(bucket, key) !== undefined;
  }

  /** @param options byte positions, both included */
  async getObject(bucket: string, key: string, options: { start?: number; end?: number } = {}) {
    const row = this.#row(bucket, key);
    if (!row) return null;
    const metadata = metadataOf(row);
    const last = Math.max(0, row.size - 1);
    const ranged = options.start !== undefined || options.end !== undefined;
    const range = { start: options.start ?? 0, end: Math.min(options.end ?? last, last) };
    const satisfiable = range.start <= range.end && (range.start < row.size || !ranged);
    // Open the file before the first await, so that an overwrite cannot remove it.
    const content = satisfiable
      ? row.size === 0
        ? Readable.from([])
        : createReadStream("", { fd: openSync(this.#path(row.file), "r"), ...range })
      : null;
    const object = new this.#makeObject(bucket, key, content, metadata);
    if (ranged) object.range = range;
    return object;
  }

  /** Size in bytes, or undefined when there is no such object. */
  sizeOf(bucket: string, key: string): number | undefined {
    return this.#row(bucket, key)?.size;
  }

  /** Content hash, or undefined when there is no such object. */
  etagOf(bucket: string, key: string): string | undefined {
    return this.#row(bucket, key)?.etag;
  }

  async putObject(object: Pick<StoredObject, "bucket" | "key" | "content" | "metadata">) {
    const content = object.content ?? Buffer.alloc(0);
    const written = await this.write(Buffer.isBuffer(content) ? Readable.from([content]) : content);
    this.commit(object.bucket, object.key, written, object.metadata);
    return { md5: written.etag, size: written.size };
  }

  /** Streams a body to a new, unreferenced file. */
  async write(content: Readable): Promise<{ file: string; etag: string; size: number }> {
    const file = randomUUID();
    const hash = createHash("md5");
    let size = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        size += chunk.length;
        done(null, chunk);
      },
    });
    try {
      await pipeline(content, measure, createWriteStream(this.#path(file)));
    } catch (error) {
      this.#remove([file]);
      throw error;
    }
    return { file, etag: hash.digest("hex"), size };
  }

  /** Publishes a written file as the object of that key and removes the replaced one. */
  commit(bucket: string, key: string, written: { file: string; etag: string; size: number }, metadata: Metadata): void {
    const old = this.#row(bucket, key);
    const own = Object.entries(metadata).filter(([name]) => kept.has(name) || name.startsWith("x-amz-meta-"));
    this.#db
      .prepare("INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?, ?, ?)")
      .run(bucket, key, written.file, written.etag, written.size, Date.now(), JSON.stringify(Object.fromEntries(own)));
    // A new object has only the tags sent with it.
    this.#untag(bucket, key);
    if (typeof metadata.tagging === "string")
      this.#db.prepare("INSERT INTO tagging VALUES (?, ?, ?)").run(bucket, key, metadata.tagging);
    if (old) this.#remove([old.file]);
  }

  /** Deletes a written file that will not be committed. */
  discard(written: { file: string }): void {
    this.#remove([written.file]);
  }

  async copyObject(fromBucket: string, fromKey: string, bucket: string, key: string, replacement: Metadata | null) {
    const source = this.#row(fromBucket, fromKey);
    if (!source) throw new S3Error("NoSuchKey", "The specified key does not exist.");
    const written = await this.write(createReadStream(this.#path(source.file)));
    this.commit(bucket, key, { ...written, etag: source.etag }, replacement ?? JSON.parse(source.metadata));
    const row = this.#row(bucket, key);
    return row ? metadataOf(row) : {};
  }

  async deleteObject(bucket: string, key: string): Promise<void> {
    const row = this.#row(bucket, key);
    if (!row) return;
    this.#db.prepare("DELETE FROM object WHERE bucket = ? AND key = ?").run(bucket, key);
    this.#untag(bucket, key);
    this.#remove([row.file]);
  }

  async listObjects(
    bucket: string,
    options: { delimiter?: string; startAfter?: string; prefix?: string; maxKeys?: number },
  ) {
    const { delimiter = "", prefix = "", maxKeys = 1000 } = options;
    const objects: StoredObject[] = [];
    const commonPrefixes = new Set<string>();
    let isTruncated = false;
    let after = options.startAfter ?? "";
    const page = this.#db.prepare(
      "SELECT * FROM object WHERE bucket = ? AND key > ? AND key >= ? ORDER BY key LIMIT 1000",
    );
    while (!isTruncated) {
      const rows = page.all(bucket, after, prefix);
      for (const row of rows) {
        const key = String(row.key);
        after = key;
        if (!key.startsWith(prefix)) return { objects, commonPrefixes: [...commonPrefixes], isTruncated };
        const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
        if (cut >= 0) {
          commonPrefixes.add(key.slice(0, cut + delimiter.length));
        } else if (objects.length < maxKeys) {
          objects.push(new this.#makeObject(bucket, key, null, metadataOf(toRow(row))));
        } else {
          isTruncated = true;
          break;
        }
      }
      if (rows.length < 1000) break;
    }
    return { objects, commonPrefixes: [...commonPrefixes], isTruncated };
  }

  async initiateUpload(bucket: string, key: string, uploadId: string, metadata: Metadata): Promise<void> {
    this.#db.prepare("INSERT INTO upload VALUES (?, ?, ?, ?)").run(uploadId, bucket, key, JSON.stringify(metadata));
  }

  async putPart(_bucket: string, uploadId: string, partNumber: string, content: Readable) {
    const number = Number(partNumber);
    this.#upload(uploadId);
    const written = await this.write(content);
    const old = this.#db.prepare("SELECT file FROM part WHERE upload = ? AND number = ?").get(uploadId, number);
    this.#db
      .prepare("INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?)")
      .run(uploadId, number, written.file, written.etag, written.size);
    if (old) this.#remove([String(old.file)]);
    return { md5: written.etag, size: written.size };
  }

  async putObjectMultipart(_bucket: string, uploadId: string, parts: readonly { number: number; etag: string }[]) {
    const upload = this.#upload(uploadId);
    const known = new Map(this.#parts(uploadId).map((part) => [part.number, part]));
    const chosen = parts.map(({ number, etag }, at) => {
      const part = known.get(number);
      if (!part || part.etag !== etag)
        throw new S3Error("InvalidPart", "One or more of the specified parts could not be found.");
      if (at > 0 && number <= (parts[at - 1]?.number ?? 0))
        throw new S3Error("InvalidPartOrder", "The list of parts was not in ascending order.");
      return part;
    });
    const whole = new PassThrough();
    const joined = (async () => {
      for (const part of chosen) await pipeline(createReadStream(this.#path(part.file)), whole, { end: false });
      whole.end();
    })();
    const [written] = await Promise.all([this.write(whole), joined]);
    const digests = Buffer.concat(chosen.map((part) => Buffer.from(part.etag, "hex")));
    const etag = `${createHash("md5").update(digests).digest("hex")}-${chosen.length}`;
    this.commit(upload.bucket, upload.key, { ...written, etag }, upload.metadata);
    this.abortUpload(uploadId);
    return { md5: etag, size: written.size };
  }

  abortUpload(uploadId: string): void {
    const files = this.#parts(uploadId).map((part) => part.file);
    this.#db.prepare("DELETE FROM upload WHERE id = ?").run(uploadId);
    this.#db.prepare("DELETE FROM part WHERE upload = ?").run(uploadId);
    this.#remove(files);
  }

  #untag(bucket: string, key: string): void {
    this.#db.prepare("DELETE FROM tagging WHERE bucket = ? AND key = ?").run(bucket, key);
  }

  #upload(id: string): { bucket: string; key: string; metadata: Metadata } {
    const row = this.#db.prepare("SELECT * FROM upload WHERE id = ?").get(id);
    if (!row) throw new S3Error("NoSuchUpload", "The specified upload does not exist.");
    return { bucket: String(row.bucket), key: String(row.key), metadata: JSON.parse(String(row.metadata)) };
  }

  #parts(upload: string) {
    return this.#db
      .prepare("SELECT * FROM part WHERE upload = ? ORDER BY number")
      .all(upload)
      .map((row) => ({ number: Number(row.number), file: String(row.file), etag: String(row.etag) }));
  }

  #row(bucket: string, key: string): Row | undefined {
    const row = this.#db.prepare("SELECT * FROM object WHERE bucket = ? AND key = ?").get(bucket, key);
    return row && toRow(row);
  }

  #path(file: string): string {
    return join(this.#files, file);
  }

  #remove(files: readonly string[]): void {
    for (const file of files) rmSync(this.#path(file), { force: true });
  }
}

const toRow = (row: Record<string, unknown>): Row => ({
  file: String(row.file),
  etag: String(row.etag),
  size: Number(row.size),
  modified: Number(row.modified),
  metadata: String(row.metadata),
});

function metadataOf(row: Row): Metadata {
  return {
    ...(JSON.parse(row.metadata) as Metadata),
    etag: JSON.stringify(row.etag),
    "last-modified": new Date(row.modified).toUTCString(),
    "content-length": row.size,
  };
}

/** A sink for streams that must be drained. */
export const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });
