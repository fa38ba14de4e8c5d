import { createHash } from "node:crypto";
import { DomainError } from "@lectern/core/kernel/error";
import { damaged, type Manifest, manifestFile, unsealed } from "./format.ts";
import { keys, read, readText } from "./shelf.ts";

export interface Found {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Prefix of dumps that a restore makes first: "latest" skips them. */
export const beforeMark = "before-";

/**
 * Returns the newest dump of a school, the newest of a UTC day, or the dump of a folder.
 * @throws dump.not_found
 */
export async function find(schoolId: string, from: string): Promise<Found> {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(from);
  const [, named] = /^(?:.*\/)?((?:before-)?run_[0-9a-z]{26})\/?$/.exec(from) ?? [];
  if (from !== "latest" && !isDay && named === undefined)
    throw new DomainError("invalid", "dump.which", "Say “latest”, a day such as 2025-03-31, or a dump's own name.");
  let newest: string | undefined;
  for await (const key of keys(`${schoolId}/${isDay ? `${from}/` : ""}`)) {
    const [, , run = "", file, ...rest] = key.split("/");
    if (file !== manifestFile || rest.length > 0) continue;
    // Keys arrive sorted, and both days and run ids sort by time.
    if (named === undefined ? !run.startsWith(beforeMark) : run === named) newest = key;
  }
  if (newest === undefined)
    throw new DomainError("not_found", "dump.not_found", `There is no finished dump of ${schoolId} (${from}).`);
  const manifest = unsealed(await readText(newest));
  if (manifest.school.id !== schoolId) throw damaged(manifestFile);
  return { folder: newest.slice(0, -manifestFile.length), manifest };
}

/**
 * Reads every file of a dump and compares it with the manifest.
 * @throws dump.damaged
 */
export async function verify({ folder, manifest }: Found): Promise<void> {
  for (const file of [...manifest.tables, manifest.items]) {
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of await open(folder, file.file)) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    if (bytes !== file.bytes || hash.digest("hex") !== file.sha256) throw damaged(file.file);
  }
}

/** Opens a file of a dump. A missing file counts as damage. */
export async function open(folder: string, file: string) {
  try {
    return await read(`${folder}${file}`);
  } catch (error) {
    if (error instanceof Error && (error.name === "NoSuchKey" || error.name === "NotFound"))
      throw Object.assign(damaged(file), { cause: error });
    throw error;
  }
}
