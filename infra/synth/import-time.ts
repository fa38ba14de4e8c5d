import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import type { Bundle } from "./graph.ts";

const known = new Map<string, Promise<number>>();

/** Returns the import time of a bundle in a fresh process, in ms; 0 for SST's dev bridge. */
export function importMs(bundle: Bundle): Promise<number> {
  const [file = ""] = bundle.handler.split(".");
  const entry = path.join(bundle.out, `${file}.mjs`);
  // Stages share bundles.
  const ms = known.get(entry) ?? measured(bundle.name, entry);
  known.set(entry, ms);
  return ms;
}

async function measured(name: string, entry: string): Promise<number> {
  if (!existsSync(entry)) return 0;
  const script = `
    globalThis.awslambda = { streamifyResponse: (handler) => handler, HttpResponseStream: { from: (stream) => stream } };
    const begin = performance.now();
    await import(${JSON.stringify(entry)});
    process.stdout.write(String(performance.now() - begin));
    process.exit(0);`;
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      env: { ...process.env, SST_RESOURCE_App: JSON.stringify({ name: "lectern", stage: "synth" }) },
    });
    return Math.round(Number(stdout));
  } catch (error) {
    throw new Error(`${name}: its bundle does not import: ${String(error).slice(-2000)}`);
  }
}
