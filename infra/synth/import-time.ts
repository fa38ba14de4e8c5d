import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import type { Bundle } from "./graph.ts";

const known = new Map<string, number>();

/** How long a bundle takes to import in a fresh process, in ms, as a cold start would; 0 for SST's own dev bridge. */
export async function importMs(bundle: Bundle): Promise<number> {
  const [file = ""] = bundle.handler.split(".");
  const entry = path.join(bundle.out, `${file}.mjs`);
  if (!existsSync(entry)) return 0;
  const before = known.get(entry);
  if (before !== undefined) return before;
  const script = `
    globalThis.awslambda = { streamifyResponse: (handler) => handler, HttpResponseStream: { from: (stream) => stream } };
    const begin = performance.now();
    await import(${JSON.stringify(entry)});
    process.stdout.write(String(performance.now() - begin));
    process.exit(0);`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    env: { ...process.env, SST_RESOURCE_App: JSON.stringify({ name: "lectern", stage: "synth" }) },
  });
  if (status !== 0) throw new Error(`${bundle.name}: its bundle does not import: ${stderr.slice(-2000)}`);
  const ms = Math.round(Number(stdout));
  known.set(entry, ms);
  return ms;
}
