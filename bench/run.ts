// npm run bench [-- name...] prints one JSON line per metric on stdout and everything else on stderr. A name is a metric
// or a group, the part of a metric's name before the dot; the default is all. Ratios to a baseline of the same run are
// comparable across machines, absolute figures are not.
import { fork } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";

process.env.LECTERN_LOG ??= "silent";

export interface Line {
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: string | null;
  readonly baselineValue: number | null;
  readonly ratio: number | null;
  readonly aim: string;
  readonly [extra: string]: unknown;
}

export interface Bench {
  readonly group: string;
  /** A bench of several metrics may measure only the wanted ones. */
  readonly run: (emit: (line: Line) => void, isWanted: (metric: string) => boolean) => Promise<void>;
}

const here = import.meta.dirname;
/** Exit code of a file without any requested group. */
const noSuchGroup = 4;
const [first, ...others] = process.argv.slice(2);

// `Resource` is read once per process and every file starts its own local cloud, so each file runs in its own process.
if (first === "--file") await runFile(others[0] ?? "", others.slice(1));
else await runAll(process.argv.slice(2));

async function runAll(wanted: readonly string[]): Promise<never> {
  const files = (await readdir(here)).filter((name) => name.endsWith(".bench.ts")).sort();
  if (wanted.some((name) => name.startsWith("-"))) {
    const names = files.map((file) => file.replace(".bench.ts", "")).join(", ");
    process.stderr.write(`npm run bench [-- group...]: one JSON line a metric; without a group all\nin: ${names}\n`);
    process.exit(wanted.includes("--help") ? 0 : 2);
  }
  const codes = new Set<number | null>();
  for (const file of files) {
    const child = fork(import.meta.filename, ["--file", file, ...wanted], { execArgv: process.execArgv });
    const [code] = (await once(child, "exit")) as [number | null];
    codes.add(code);
  }
  if (codes.size === 1 && codes.has(noSuchGroup)) {
    process.stderr.write(`There is no bench ${wanted.join(" or ")}.\n`);
    process.exit(2);
  }
  process.exit([...codes].every((code) => code === 0 || code === noSuchGroup) ? 0 : 1);
}

async function runFile(file: string, wanted: readonly string[]): Promise<never> {
  const { benches } = (await import(pathToFileURL(path.join(here, file)).href)) as { benches: Bench[] };
  const isWanted = ({ group }: Bench) =>
    wanted.length === 0 || wanted.some((name) => name === group || name.split(".")[0] === group);
  const chosen = benches.filter(isWanted);
  if (chosen.length === 0) process.exit(noSuchGroup);
  let failed = false;
  for (const bench of chosen) {
    try {
      await bench.run(
        (line) => process.stdout.write(`${JSON.stringify(line)}\n`),
        (metric) => wanted.length === 0 || wanted.includes(metric) || wanted.includes(bench.group),
      );
    } catch (error) {
      failed = true;
      process.stderr.write(`${file} ${bench.group}: ${error instanceof Error ? error.stack : String(error)}\n`);
    }
  }
  process.exit(failed ? 1 : 0);
}
