import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep } from "../util/part.ts";

/** Options for every SDK client in tests. */
export const clientOptions = (endpoint: string) => ({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local-secret" },
});

/** Creates an empty folder; `remove` deletes it. */
export function tempDir(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "lectern-local-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Polls until the answer is not undefined. */
export async function until<T>(ask: () => Promise<T | undefined> | T | undefined, withinMs = 5000): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`nothing came within ${withinMs} ms`);
    await sleep(20);
  }
}
