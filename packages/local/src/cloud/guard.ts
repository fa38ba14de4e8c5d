import { type ChildProcess, spawn } from "node:child_process";
import { sleep } from "../util/part.ts";
import { inRepository, nodeBinary } from "./paths.ts";

/** Watches over processes that cannot notice our end: see bin/guard.mjs. Started again if somebody kills it. */
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

  /** Ends it with SIGKILL and resolves when its successor has been told whom to watch. */
  async kill(): Promise<void> {
    const before = this.#child;
    before?.kill("SIGKILL");
    while (this.#child === before) await sleep(20);
  }

  /** Lets it go; nothing it watches is touched. */
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
    child.stdin.on("error", () => {}); // a write to one just killed; its successor is told everything
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
