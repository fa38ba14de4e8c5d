import { type ChildProcess, spawn } from "node:child_process";
import { sleep } from "../util/part.ts";
import { inRepository, nodeBinary } from "./paths.ts";

/** Watches processes that cannot notice the supervisor's end (bin/guard.mjs). Restarts when it is killed. */
export class Guard {
  readonly #watched = new Map<number, NodeJS.Signals>();
  #child: ChildProcess | undefined;
  #stopped = false;

  constructor() {
    this.#start();
  }

  watch(pid: number, signal: NodeJS.Signals): void {
    this.#watched.set(pid, signal);
    this.#tell(`+ ${pid} ${signal}`);
  }

  forget(pid: number): void {
    this.#watched.delete(pid);
    this.#tell(`- ${pid}`);
  }

  /** Kills it and resolves when the successor knows which processes to watch. */
  async kill(): Promise<void> {
    const before = this.#child;
    before?.kill("SIGKILL");
    while (this.#child === before) await sleep(20);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const pid of this.#watched.keys()) this.#tell(`- ${pid}`);
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    child.ref();
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.stdin?.end();
    await gone;
  }

  #start(): void {
    const child = spawn(nodeBinary(), [inRepository("packages", "local", "bin", "guard.mjs")], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    child.unref();
    child.stdin.on("error", () => {}); // the process was just killed; its successor receives the whole list
    this.#child = child;
    for (const [pid, signal] of this.#watched) this.#tell(`+ ${pid} ${signal}`);
    child.once("exit", () => {
      if (!this.#stopped) setTimeout(() => !this.#stopped && this.#start(), 100).unref();
    });
  }

  #tell(line: string): void {
    this.#child?.stdin?.write(`${line}\n`);
  }
}
