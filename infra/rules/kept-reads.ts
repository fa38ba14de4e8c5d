import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { graphs, root } from "../synth/paths.ts";
import { readsOf } from "./reads.ts";

// Following the code takes seconds, and every rule's test needs it, so the result is cached until a source changes.

const file = path.join(path.dirname(graphs), "synth-reads.json");

interface Kept {
  readonly sources: string;
  readonly reads: Record<string, Record<string, string>>;
}

let now: Kept | undefined;

/** As `readsOf`. */
export function keptReads(source: string, without: ReadonlySet<string> = new Set()): ReadonlyMap<string, string> {
  now ??= fromFile();
  const id = [source, ...without].join(" ");
  const known = now.reads[id];
  if (known) return new Map(Object.entries(known));
  const found = readsOf(source, without);
  now.reads[id] = Object.fromEntries(found);
  mkdirSync(path.dirname(file), { recursive: true });
  // Concurrent writers each rename a complete file.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(now));
  renameSync(draft, file);
  return found;
}

function fromFile(): Kept {
  const sources = stamp();
  const kept: Kept | undefined = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  return kept?.sources === sources ? kept : { sources, reads: {} };
}

/** Changes with every source that affects the result, this rule's included. */
function stamp(): string {
  const files = ["packages/core/src", "packages/tenants/src", "packages/functions/src", "packages/cli/src"].flatMap(
    (folder) => ts.sys.readDirectory(path.join(root, folder), [".ts", ".tsx"]),
  );
  const all = [...files, path.join(root, "sst-env.d.ts"), path.join(root, "infra/rules/reads.ts")].sort();
  const hash = createHash("sha256");
  for (const each of all) {
    const { mtimeMs, size } = statSync(each);
    hash.update(`${each} ${mtimeMs} ${size}\n`);
  }
  return hash.digest("hex");
}
