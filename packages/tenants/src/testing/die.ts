import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { bundleProgram, type Program } from "@lectern/local/program";
import { afterAll } from "vitest";

// Bundles the killed program once per file, because some files kill it a dozen times.
let bundled: Promise<Program> | undefined;
const program = () => {
  bundled ??= bundleProgram(fileURLToPath(new URL("./dying.ts", import.meta.url)));
  return bundled;
};
afterAll(async () => (await bundled)?.remove());

/** Runs `dying.ts`. Returns true if it was killed, false if it finished. */
export async function die(...args: string[]): Promise<boolean> {
  const { file, env } = await program();
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...env },
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (signal === "SIGKILL") resolve(true);
      else if (code === 0) resolve(false);
      else reject(new Error(`ended with ${code}: ${said}`));
    });
  });
}
