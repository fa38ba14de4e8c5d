// Writes the next migration of every school's schema from what the tables in packages/core say now:
//   node --import tsx migrations/new.ts <name>              the difference to the last one
//   node --import tsx migrations/new.ts <name> --replace    writes the last one anew; only before it has run anywhere
//   node --import tsx migrations/new.ts <name> --rebase     gives it the next free number, when another took its number first
//   node --import tsx migrations/new.ts --print             SQL that makes the tables from nothing, on stdout
// Generated with drizzle-kit, applied by packages/tenants/src/migration: drizzle-kit cannot aim at a schema, and writes
// "public". into foreign keys, which is taken out here. "$school" stands for the school's role.
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import { getTableName, is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, "school");
const meta = join(folder, "meta");

/** Rights of a school's role on its tables, where they are fewer than all four. */
const narrower: Record<string, string> = {
  // The trail is written and read, never changed.
  audit_entry: "SELECT, INSERT",
};

/** Every table that a `*.sql.ts` of core exports. */
async function schoolTables(): Promise<Record<string, PgTable>> {
  const tables: Record<string, PgTable> = {};
  for (const file of globSync("packages/core/src/**/*.sql.ts", { cwd: dirname(here) }).sort()) {
    const module: Record<string, unknown> = await import(pathToFileURL(join(dirname(here), file)).href);
    for (const value of Object.values(module)) if (is(value, PgTable)) tables[getTableName(value)] = value;
  }
  return tables;
}

/** SQL that makes the tables from nothing, unqualified. */
async function fullDdl(): Promise<string[]> {
  const empty = generateDrizzleJson({});
  return (await generateMigration(empty, generateDrizzleJson(await schoolTables(), empty.id))).map(unqualified);
}

const unqualified = (statement: string): string => statement.replaceAll('"public".', "");

function grants(tables: readonly string[]): string[] {
  const all = tables.filter((table) => !narrower[table]).sort();
  const lines = all.length > 0 ? [grant("SELECT, INSERT, UPDATE, DELETE", all)] : [];
  for (const table of tables.filter((name) => narrower[name]).sort()) lines.push(grant(narrower[table] ?? "", [table]));
  return lines;
}

const grant = (rights: string, tables: readonly string[]): string =>
  `GRANT ${rights} ON\n\t${tables.map((table) => `"${table}"`).join(",\n\t")}\nTO "$school";`;

async function main(name: string, replace: boolean): Promise<void> {
  mkdirSync(meta, { recursive: true });
  let last = readdirSync(folder).filter((file) => file.endsWith(".sql")).length;
  if (replace) {
    for (const file of readdirSync(folder)) if (file.startsWith(pad(last))) rmSync(join(folder, file));
    rmSync(join(meta, `${pad(last)}.json`), { force: true });
    last -= 1;
  }
  const path = join(meta, `${pad(last)}.json`);
  const previous = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : generateDrizzleJson({});
  const next = generateDrizzleJson(await schoolTables(), previous.id);
  const statements = (await generateMigration(previous, next)).map(unqualified);
  if (statements.length === 0) return say("The tables have not changed.");
  const known = new Set(Object.values(previous.tables as Record<string, { name: string }>).map((table) => table.name));
  const made = Object.values(next.tables)
    .map((table) => table.name)
    .filter((table) => !known.has(table));
  const file = join(folder, `${pad(last + 1)}_${name}.sql`);
  writeFileSync(file, `${[...statements, ...grants(made)].join("\n\n")}\n`);
  writeFileSync(join(meta, `${pad(last + 1)}.json`), `${JSON.stringify(next, null, 1)}\n`);
  say(file);
}

/** Renumbers a migration behind all others and writes its snapshot anew. Its SQL stays as it is. */
async function rebase(name: string): Promise<void> {
  const files = readdirSync(folder).filter((file) => file.endsWith(".sql"));
  const own = files.find((file) => file.slice(5) === `${name}.sql`);
  if (!own) throw new Error(`there is no migration ${name}`);
  const last = files.length - 1;
  const twins = files.filter((file) => file !== own).map((file) => Number(file.slice(0, 4)));
  if (new Set(twins).size !== last || Math.max(...twins) !== last)
    throw new Error("the other migrations are not numbered without gaps");
  const file = join(folder, `${pad(last + 1)}_${name}.sql`);
  renameSync(join(folder, own), file);
  const previous: { id: string } = JSON.parse(readFileSync(join(meta, `${pad(last)}.json`), "utf8"));
  const next = generateDrizzleJson(await schoolTables(), previous.id);
  writeFileSync(join(meta, `${pad(last + 1)}.json`), `${JSON.stringify(next, null, 1)}\n`);
  say(file);
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const pad = (version: number): string => String(version).padStart(4, "0");

const [name, flag] = process.argv.slice(2);
if (name === "--print") say((await fullDdl()).join("\n"));
else if (name && /^[a-z][a-z0-9_]*$/.test(name))
  await (flag === "--rebase" ? rebase(name) : main(name, flag === "--replace"));
else throw new Error("usage: node --import tsx migrations/new.ts <name> [--replace | --rebase] | --print");
