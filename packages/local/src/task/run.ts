import { existsSync } from "node:fs";
import { inRepository } from "../cloud/paths.ts";
import { isRecord } from "../util/files.ts";

process.on("disconnect", () => process.exit(1));

const name = process.argv[2] ?? "";
const input: unknown = JSON.parse(process.env.LECTERN_TASK_INPUT ?? "{}");
const log = (line: string): void => void process.send?.({ type: "log", line });

interface CellInput {
  id: string;
  database: { host: string; port: number; database: string };
  table: string;
  max: number;
}

/** Creates missing roles, databases, catalog tables and directory entries of cells. */
async function prepare(options: unknown): Promise<null> {
  if (!isPrepareInput(options)) throw new Error("prepare needs { superuserUrl, passwords, cells }");
  const { Cell } = await import("@lectern/tenants/cell");
  for (const cell of options.cells) {
    await Cell.bootstrap({
      superuserUrl: options.superuserUrl,
      database: cell.database.database,
      passwords: options.passwords,
    });
    await Cell.register(cell);
  }
  return null;
}

interface PrepareInput {
  superuserUrl: string;
  passwords: { app: string; platform: string; migrator: string; provisioner: string };
  cells: CellInput[];
}

const isPrepareInput = (value: unknown): value is PrepareInput =>
  isRecord(value) && typeof value.superuserUrl === "string" && Array.isArray(value.cells) && isRecord(value.passwords);

async function seed(kind: string, context: unknown): Promise<unknown> {
  const file = inRepository("packages", "local", "src", "demo", "index.ts");
  if (!existsSync(file)) return null;
  const demo: unknown = await import(file);
  const work = isRecord(demo) ? demo[kind] : undefined;
  if (typeof work !== "function") throw new Error(`${file} does not export ${kind}`);
  return work({ ...(isRecord(context) ? context : {}), log });
}

const value = name === "prepare" ? await prepare(input) : await seed(name, input);
await new Promise<void>((resolve) => {
  if (process.send) process.send({ type: "done", value }, () => resolve());
  else resolve();
});
process.exit(0);
