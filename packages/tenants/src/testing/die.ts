import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Runs `dying.ts` with these arguments; true when it was killed, false when it came to its end before. */
export function die(...args: string[]): Promise<boolean> {
  const script = fileURLToPath(new URL("./dying.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    env: process.env,
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
