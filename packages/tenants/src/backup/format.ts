import { createHash } from "node:crypto";
import { DomainError } from "@lectern/core/kernel/error";
import { idPattern } from "@lectern/core/kernel/id";
import * as z from "zod";

// A dump is a folder in the backups bucket, `<school id>/<UTC day>/<run id>/`:
//
//   tables/<table>.copy.gz   rows as COPY ... TO STDOUT writes them (text format), all of one moment
//   items.ndjson.gz          the people's DynamoDB items, one JSON document a line, person by person
//   manifest.json            written last: without it the folder is no dump. Says what the rest must be
//
// Every run has a folder of its own, so a run that is cut short damages none that was finished.

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** As Postgres writes names that need no quotes: they become part of SQL text. */
const name = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);
const File = z.object({
  /** Below the dump's folder. */
  file: z.string().regex(/^[a-z0-9_./-]{1,100}$/),
  /** Of the file as it lies there, compressed. */
  bytes: z.number().int().nonnegative(),
  sha256,
});

export const Manifest = z.object({
  format: z.literal(1),
  runId: z.string().regex(idPattern("run")),
  /** The release that wrote it. */
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
  /** Number of the last migration of migrations/school that had run there. */
  schemaVersion: z.number().int().positive(),
  /** ISO instants: the moment that all rows are of, and when the items were read, a little after it. */
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

/** The manifest as it is stored: with a sum of its own, so that it vouches for the files and for itself. */
export const sealed = (manifest: Manifest): string =>
  JSON.stringify({ ...manifest, sha256: digest(JSON.stringify(manifest)) }, null, 1);

/** Reads a stored manifest. DomainError invalid `dump.damaged` when it is not what was written. */
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
