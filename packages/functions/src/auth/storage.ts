import { AuthStore, Secret } from "@lectern/core/identity";
import type { StorageAdapter } from "@openauthjs/openauth/storage/storage";

// The engine's storage over our own table. Three things its own adapters do not do:
// - a code or refresh token is stored as a hash, and its entry (which names the next refresh token) is encrypted with the
//   token itself: whoever reads the table cannot sign in with what stands there;
// - a code is taken by the read, so of two exchanges at the same moment one gets it;
// - a scan answers keys that can be removed (the library's DynamoDB adapter joins them, so it never ends a family).

const { partitions } = AuthStore;

export const storage: StorageAdapter = {
  async get(key) {
    const place = placeOf(key);
    if (!place.secret) return asRecord(await AuthStore.get(place.pk, place.sk));
    const read = place.pk === partitions.code ? AuthStore.take : AuthStore.get;
    return opened(await read(place.pk, place.sk), place.secret);
  },
  async set(key, value, expiry) {
    const { pk, sk, secret } = placeOf(key);
    const stored = secret ? { sealed: Secret.encrypt(secret, "auth-store", JSON.stringify(value)) } : value;
    await AuthStore.put(pk, sk, stored, expiry);
    if (pk === partitions.code && secret)
      await AuthStore.put(partitions.codeOwner, sk, stored, new Date(Date.now() + ownerMs));
  },
  async remove(key) {
    const [kind = "", first = "", entry] = key;
    // Only a scan's keys come here (a family that ends); a code was removed when it was read.
    if (kind === "oauth:refresh" && entry) await AuthStore.remove(partitions.refresh(first), entry);
    else if (kind !== partitions.code) await AuthStore.remove(kind, first);
  },
  async *scan(prefix) {
    const [kind = "", subject] = prefix;
    const pk = kind === "oauth:refresh" && subject !== undefined ? partitions.refresh(subject) : kind;
    for await (const { sk, value } of AuthStore.scan(pk)) {
      yield [subject === undefined ? [kind, sk] : [kind, subject, sk], value];
    }
  },
};

const ownerMs = 24 * 60 * 60 * 1000;

/** What a code was made with, once; undefined when it was no code, or its owner was taken before. */
export async function takeCodeOwner(code: string): Promise<Record<string, unknown> | undefined> {
  return opened(await AuthStore.take(partitions.codeOwner, Secret.hashOf(code)), code);
}

/** What the engine remembers of a refresh token; undefined when it is unknown or over. */
export const refreshEntry = (subject: string, token: string): Promise<Record<string, unknown> | undefined> =>
  storage.get(["oauth:refresh", subject, token]);

interface Place {
  readonly pk: string;
  readonly sk: string;
  readonly secret?: string;
}

function placeOf(key: readonly string[]): Place {
  const [kind, first, secret] = key;
  if (kind === "oauth:refresh" && first && secret)
    return { pk: partitions.refresh(first), sk: Secret.hashOf(secret), secret };
  if (kind === partitions.code && first) return { pk: kind, sk: Secret.hashOf(first), secret: first };
  if (kind && first && key.length === 2) return { pk: kind, sk: first };
  throw new Error("the engine stores something this adapter does not know");
}

function opened(stored: unknown, secret: string): Record<string, unknown> | undefined {
  const sealed = asRecord(stored)?.sealed;
  if (typeof sealed !== "string") return undefined;
  return asRecord(JSON.parse(Secret.decrypt(secret, "auth-store", sealed)));
}

const asRecord = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === "object" && value !== null ? { ...value } : undefined;
