import { fork } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { childOptions, inRepository, nodeBinary } from "../cloud/paths.ts";
import { isRecord } from "../util/files.ts";
import { StartError } from "../util/part.ts";

export interface TaskOptions {
  /** `prepare`, `seedSmall` or `seedFull` of run.ts. */
  name: string;
  input: unknown;
  resources: unknown;
  dataDir: string;
  log: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Runs a job of the application's code in its own process: `Resource` reads the environment once per process, and a
 * test run may hold several local clouds.
 */
export function runTask(options: TaskOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = fork(inRepository("packages", "local", "src", "task", "run.ts"), [options.name], {
      cwd: inRepository(),
      execPath: nodeBinary(),
      execArgv: childOptions(),
      env: {
        ...process.env,
        SST_RESOURCES_JSON: JSON.stringify(options.resources),
        LECTERN_TASK_INPUT: JSON.stringify(options.input),
      },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const logFile = join(options.dataDir, "logs", "tasks.log");
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        appendFileSync(logFile, chunk);
        said = (said + chunk.toString()).slice(-4000);
      });
    }
    options.signal?.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
    let result: { value: unknown } | undefined;
    child.on("message", (message: unknown) => {
      if (!isRecord(message)) return;
      if (message.type === "log") options.log(String(message.line));
      if (message.type === "done") result = { value: message.value };
    });
    child.once("exit", (code, by) => {
      if (result) return resolve(result.value);
      const line =
        said.split("\n").findLast((text) => /Error\b.*: /.test(text)) ?? said.trim().split("\n").at(-1) ?? "";
      reject(
        new StartError(`${options.name} did not finish (${by ?? `code ${code}`}): ${line.trim()}. See ${logFile}.`),
      );
    });
  });
}
