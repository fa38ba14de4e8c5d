import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** One SQL file of `migrations/`. Its number is the version a schema has afterwards. */
export interface MigrationFile {
  readonly version: number;
  /** `0001_spine`. */
  readonly name: string;
  readonly text: string;
}

// Lambdas get the folder beside their bundle and say where.
const root = (): string =>
  process.env.LECTERN_MIGRATIONS ?? fileURLToPath(new URL("../../../../migrations", import.meta.url));

const loaded = new Map<string, readonly MigrationFile[]>();

/** The migrations of the catalog or of every school, in order, read once. */
export function migrationFiles(kind: "catalog" | "school"): readonly MigrationFile[] {
  const folder = join(root(), kind);
  const known = loaded.get(folder);
  if (known) return known;
  const files = readdirSync(folder)
    .filter((file) => /^\d{4}_[a-z0-9_]+\.sql$/.test(file))
    .sort()
    .map((file) => ({
      version: Number(file.slice(0, 4)),
      name: file.slice(0, -".sql".length),
      text: readFileSync(join(folder, file), "utf8"),
    }));
  for (const [at, file] of files.entries()) {
    if (file.version !== at + 1) throw new Error(`${folder}: ${file.name} should be number ${at + 1}`);
    // drizzle-kit writes it into foreign keys; it would aim every school at one schema.
    if (file.text.includes('"public".')) throw new Error(`${folder}/${file.name} names the schema "public"`);
  }
  loaded.set(folder, files);
  return files;
}

/** The version a school that is made now has. */
export const latestVersion = (files: readonly MigrationFile[] = migrationFiles("school")): number => files.length;

/** A schema's name as the registry derives it; anything else never reaches SQL text. */
export function quoted(schema: string): string {
  if (!/^s_[0-9a-hjkmnp-tv-z]{26}$/.test(schema)) throw new Error(`not the schema of a school: ${schema}`);
  return `"${schema}"`;
}

/** The text of a migration for one school: `"$school"` stands for its role, which has the schema's name. */
export const textFor = (file: MigrationFile, schema: string): string =>
  file.text.replaceAll('"$school"', quoted(schema));
