import { Secret } from "@lectern/core/kernel/crypto";
import { AuthStore } from "@lectern/core/people/identity";
import type { StorageAdapter } from "@openauthjs/openauth/storage/storage";

// The engine's storage in our own table. Unlike the library's adapters:
// - it stores a code or refresh token as a hash and encrypts the entry, which names the next refresh token, with the token
//   itself, so a reader of the table cannot sign in;
// - reading a code deletes it, so one of two concurrent exchanges succeeds;
// - a scan returns keys that can be removed (the library's DynamoDB adapter joins them, so it never deletes a family).

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
    // Only family deletion passes scanned keys; a code was deleted when it was read.
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

/** Returns once what a code was issued for; undefined for an unknown or used one. */
export async function takeCodeOwner(code: string): Promise<Record<string, unknown> | undefined> {
  return opened(await AuthStore.take(partitions.codeOwner, Secret.hashOf(code)), code);
}

/** Returns the engine's entry of a refresh token; undefined when unknown or expired. */
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
