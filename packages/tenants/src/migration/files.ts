import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** One SQL file of `migrations/`. Its number is the schema's version afterwards. */
export interface MigrationFile {
  readonly version: number;
  /** `0001_spine`. */
  readonly name: string;
  readonly text: string;
}

// Lambdas have the folder beside their bundle and set its path.
const root = (): string =>
  process.env.LECTERN_MIGRATIONS ?? fileURLToPath(new URL("../../../../migrations", import.meta.url));

const loaded = new Map<string, readonly MigrationFile[]>();

/** Returns the migrations of the catalog or of schools, in order, cached. */
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
    // drizzle-kit writes it into foreign keys; every school would then refer to one schema.
    if (file.text.includes('"public".')) throw new Error(`${folder}/${file.name} names the schema "public"`);
  }
  loaded.set(folder, files);
  return files;
}

/** Returns the version of a new school. */
export const latestVersion = (files: readonly MigrationFile[] = migrationFiles("school")): number => files.length;

/** Quotes a schema name of the registry's form and throws on any other, so none reaches SQL text. */
export function quoted(schema: string): string {
  if (!/^s_[0-9a-hjkmnp-tv-z]{26}$/.test(schema)) throw new Error(`not the schema of a school: ${schema}`);
  return `"${schema}"`;
}

/** Returns a migration's text for one school: `"$school"` becomes its role, named like the schema. */
export const textFor = (file: MigrationFile, schema: string): string =>
  file.text.replaceAll('"$school"', quoted(schema));
