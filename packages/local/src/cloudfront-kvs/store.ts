import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { isRecord, readJson, writeJson } from "../util/files.ts";

export class KeyValueStoreError extends Error {
  constructor(
    override readonly name:
      | "AccessDeniedException"
      | "ConflictException"
      | "ResourceNotFoundException"
      | "ServiceQuotaExceededException"
      | "ValidationException",
    message: string,
  ) {
    super(message);
  }
}

interface Kept {
  readonly createdAt: number;
  modifiedAt: number;
  etag: string;
  readonly values: Map<string, string>;
}

/** AWS's limits: bytes of a key, a value and a store, and changes per request. */
const most = { key: 512, value: 1_024, store: 5 * 1024 * 1024, changes: 50 } as const;
const size = (text: string) => Buffer.byteLength(text);
const newEtag = () => `K${randomBytes(7).toString("hex").toUpperCase()}`;

export class KeyValueStores {
  readonly #file: string;
  readonly #stores = new Map<string, Kept>();

  constructor(dataDir: string) {
    this.#file = join(dataDir, "cloudfront-kvs.json");
    const saved = readJson(this.#file);
    for (const [arn, kept] of Object.entries(isRecord(saved) ? saved : {})) {
      if (!isRecord(kept) || !isRecord(kept.values)) continue;
      this.#stores.set(arn, {
        createdAt: Number(kept.createdAt),
        modifiedAt: Number(kept.modifiedAt),
        etag: String(kept.etag),
        values: new Map(Object.entries(kept.values).map(([key, value]) => [key, String(value)])),
      });
    }
  }

  ensure(arn: string): void {
    if (this.#stores.has(arn)) return;
    const now = Date.now();
    this.#stores.set(arn, { createdAt: now, modifiedAt: now, etag: newEtag(), values: new Map() });
    this.#save();
  }

  get(arn: string): Readonly<Kept> {
    const kept = this.#stores.get(arn);
    if (!kept) throw new KeyValueStoreError("ResourceNotFoundException", "The key value store was not found.");
    return kept;
  }

  value(arn: string, key: string): string {
    const value = this.get(arn).values.get(key);
    if (value === undefined) throw new KeyValueStoreError("ResourceNotFoundException", `The key ${key} was not found.`);
    return value;
  }

  /** Applies all changes or none. The version must be the one that the caller has seen. */
  change(
    arn: string,
    ifMatch: string | undefined,
    puts: readonly [string, string][],
    deletes: readonly string[],
  ): Kept {
    const kept = this.get(arn) as Kept;
    if (!ifMatch) throw new KeyValueStoreError("ValidationException", "If-Match is required.");
    if (ifMatch !== kept.etag)
      throw new KeyValueStoreError("ConflictException", "The key value store was changed: If-Match does not match.");
    if (puts.length + deletes.length === 0 || puts.length + deletes.length > most.changes)
      throw new KeyValueStoreError("ValidationException", `Between 1 and ${most.changes} changes are taken at once.`);
    const next = new Map(kept.values);
    for (const [key, value] of puts) {
      if (key === "" || size(key) > most.key || size(value) > most.value)
        throw new KeyValueStoreError("ValidationException", "A key or a value is too long, or a key is empty.");
      next.set(key, value);
    }
    for (const key of deletes) next.delete(key);
    if (bytesOf(next) > most.store)
      throw new KeyValueStoreError("ServiceQuotaExceededException", "The key value store is full.");
    const changed: Kept = { createdAt: kept.createdAt, modifiedAt: Date.now(), etag: newEtag(), values: next };
    this.#stores.set(arn, changed);
    this.#save();
    return changed;
  }

  #save(): void {
    writeJson(
      this.#file,
      Object.fromEntries(
        [...this.#stores].map(([arn, kept]) => [arn, { ...kept, values: Object.fromEntries(kept.values) }]),
      ),
    );
  }
}

export const bytesOf = (values: ReadonlyMap<string, string>): number =>
  [...values].reduce((sum, [key, value]) => sum + size(key) + size(value), 0);
