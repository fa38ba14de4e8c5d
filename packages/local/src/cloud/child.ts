import { type ChildProcess, fork } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../util/files.ts";
import { StartError } from "../util/part.ts";
import { signal as send, waitGone } from "../util/processes.ts";
import { childOptions, inRepository, nodeBinary } from "./paths.ts";

export interface ChildOptions {
  name: string;
  script: string;
  args?: string[];
  dataDir: string;
  env: () => Record<string, string>;
  log: (line: string) => void;
  onMessage?: (message: Record<string, unknown>) => void;
  /** Called after each unexpected exit, before the restart. */
  onExit?: () => void;
}

const firstWaitMs = 100;
const longestWaitMs = 5000;

/** A Node process that restarts whenever it exits. It sends `{ type: "ready" }` once it works. */
export class Child {
  readonly #options: ChildOptions;
  readonly #log: WriteStream;
  #process: ChildProcess | undefined;
  #ready: PromiseWithResolvers<void> = Promise.withResolvers();
  #isReady = false;
  #wasReady = false;
  #failures = 0;
  #wait = firstWaitMs;
  #stopped = false;
  #lastWords = "";
  #held: Promise<unknown> | undefined;

  constructor(options: ChildOptions) {
    this.#options = options;
    this.#log = createWriteStream(join(options.dataDir, "logs", `${options.name}.log`), { flags: "a" });
    this.#ready.promise.catch(() => {});
  }

  /** Starts the process and resolves when it is ready. @throws StartError when it fails twice before that */
  start(): Promise<void> {
    this.#spawn();
    return this.#ready.promise;
  }

  /** Resolves when the current process or its successor is ready. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  tell(message: Record<string, unknown>): void {
    if (this.#process?.connected) this.#process.send(message, () => {});
  }

  /** Sends a signal and resolves when the successor is ready; the restart waits for `until`. */
  async kill({ signal = "SIGKILL", until }: { signal?: NodeJS.Signals; until?: Promise<unknown> } = {}): Promise<void> {
    const { pid } = this;
    this.#held = until;
    this.#notReady();
    if (pid) send(pid, signal);
    await this.#ready.promise;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ready.reject(new Error(`${this.#options.name} was stopped.`));
    const child = this.#process;
    if (child?.pid && child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      if (!(await waitGone(child.pid, 5000))) child.kill("SIGKILL");
    }
    this.#log.end();
  }

  #failed(reason: string, isFinal: boolean): boolean {
    if (!isFinal || this.#wasReady) return false;
    const file = join(this.#options.dataDir, "logs", `${this.#options.name}.log`);
    this.#ready.reject(new StartError(`The ${this.#options.name} does not start: ${reason}\nSee ${file}.`));
    this.#stopped = true;
    return true;
  }

  #notReady(): void {
    if (!this.#isReady) return;
    this.#isReady = false;
    this.#ready = Promise.withResolvers();
    this.#ready.promise.catch(() => {});
  }

  #spawn(): void {
    const { name, script, args, env, log } = this.#options;
    const begin = Date.now();
    const child = fork(inRepository("packages", "local", script), args ?? [], {
      cwd: inRepository(),
      execPath: nodeBinary(),
      execArgv: childOptions(),
      // A restarted site serves the existing build; only a first start rebuilds it.
      env: { ...process.env, ...env(), LECTERN_RESTARTED: this.#wasReady ? "1" : "" },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#process = child;
    child.stdout?.on("data", (chunk: Buffer) => this.#log.write(chunk));
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#log.write(chunk);
      this.#lastWords = (this.#lastWords + chunk.toString()).slice(-4000);
    });
    child.on("message", (message: unknown) => {
      if (!isRecord(message)) return;
      if (message.type === "ready") {
        this.#wait = firstWaitMs;
        this.#isReady = true;
        this.#wasReady = true;
        this.#ready.resolve();
      } else if (message.type === "log") {
        log(String(message.line));
      } else if (message.type === "failed") {
        this.#failed(String(message.reason), true);
      } else {
        this.#options.onMessage?.(message);
      }
    });
    child.once("exit", (code, by) => {
      if (this.#stopped) return;
      this.#notReady();
      const words = by ? "" : lastError(this.#lastWords);
      this.#lastWords = "";
      if (!this.#wasReady && !by && this.#failed(words || `code ${code}`, ++this.#failures > 1)) return;
      const again = () => {
        if (this.#stopped) return;
        log(`${name} ended (${words || (by ?? `code ${code}`)}); it starts again`);
        this.#options.onExit?.();
        this.#spawn();
      };
      const held = this.#held;
      this.#held = undefined;
      // A SIGTERM to the whole group may reach the child before the supervisor; wait before the restart.
      if (held) void held.then(again, again);
      else setTimeout(again, this.#wait);
      this.#wait = Date.now() - begin > 30_000 ? firstWaitMs : Math.min(this.#wait * 2, longestWaitMs);
    });
  }
}

function lastError(text: string): string {
  const lines = text.split("\n").filter((line) => /^\w*(Error|Exception|Refusal)\b.*: /.test(line.trim()));
  return (lines.at(-1) ?? "").trim().slice(0, 300);
}
