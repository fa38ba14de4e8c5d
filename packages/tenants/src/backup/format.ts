import { createHash } from "node:crypto";
import { DomainError } from "@lectern/core/kernel/error";
import { idPattern } from "@lectern/core/kernel/id";
import * as z from "zod";

// A dump is a folder in the backups bucket, `<school id>/<UTC day>/<run id>/`:
//
//   tables/<table>.copy.gz   rows in COPY's text format, all from one snapshot
//   items.ndjson.gz          the people's DynamoDB items, one JSON document per line, ordered by person
//   manifest.json            written last, with checksums; a folder without it is not a dump
//
// Each run has its own folder, so an interrupted run cannot damage a finished one.

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Names that need no quotes, because they become part of SQL text. */
const name = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);
const File = z.object({
  /** Path below the dump's folder. */
  file: z.string().regex(/^[a-z0-9_./-]{1,100}$/),
  /** Compressed size. */
  bytes: z.number().int().nonnegative(),
  sha256,
});

export const Manifest = z.object({
  format: z.literal(1),
  runId: z.string().regex(idPattern("run")),
  /** Release that wrote the dump. */
  release: z.string(),
  school: z.object({
    id: z.string().regex(idPattern("school")),
    slug: z.string(),
    name: z.string(),
    brand: z.object({
      accent: z.string(),
      font: z.string(),
      radius: z.enum(["sharp", "soft", "round"]),
      logo: z.string().nullable(),
      logoDark: z.string().nullable().default(null),
      logoHasName: z.boolean().default(false),
      tagline: z.string().nullable(),
    }),
    locale: z.string(),
    zone: z.string(),
  }),
  /** Number of the last migration in migrations/school that the school had. */
  schemaVersion: z.number().int().positive(),
  /** ISO instants: the snapshot of the rows, and when the items were read shortly after. */
  rowsAt: z.iso.datetime(),
  itemsAt: z.iso.datetime(),
  tables: z.array(File.extend({ table: name, columns: z.array(name).min(1), rows: z.number().int().nonnegative() })),
  items: File.extend({ people: z.number().int().nonnegative(), items: z.number().int().nonnegative() }),
});
export type Manifest = z.infer<typeof Manifest>;
export type DumpedTable = Manifest["tables"][number];

export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
export const folderOf = (schoolId: string, day: string, runId: string): string => `${schoolId}/${day}/${runId}/`;
export const manifestFile = "manifest.json";

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Returns the stored form of a manifest, which includes a checksum of the manifest. */
export const sealed = (manifest: Manifest): string =>
  JSON.stringify({ ...manifest, sha256: digest(JSON.stringify(manifest)) }, null, 1);

/**
 * Parses a stored manifest.
 * @throws dump.damaged
 */
export function unsealed(text: string): Manifest {
  try {
    const { sha256, ...rest } = JSON.parse(text) as Record<string, unknown>;
    if (sha256 !== digest(JSON.stringify(rest))) throw damaged(manifestFile);
    return Manifest.parse(rest);
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    throw Object.assign(damaged(manifestFile), { cause });
  }
}

export const damaged = (file: string): DomainError =>
  new DomainError(
    "invalid",
    "dump.damaged",
    `The dump is damaged: ${file} is not what was written. Nothing was changed.`,
  );
