import { messageOf, type Part, sleep } from "../util/part.ts";
import { signal as send } from "../util/processes.ts";

interface EnginePart extends Part {
  port: number;
  pid: number;
}

/** A server in its own process (Postgres, DynamoDB) that restarts on the same port. */
export class Engine<P extends EnginePart> {
  readonly #name: string;
  readonly #launch: (port: number | undefined, onExit: () => void) => Promise<P>;
  readonly #log: (line: string) => void;
  #part: P | undefined;
  #working: PromiseWithResolvers<void> | undefined;
  #stopped = false;
  #held: Promise<unknown> | undefined;

  /** @param launch starts the server; on exactly `port` when one is given */
  constructor(
    name: string,
    launch: (port: number | undefined, onExit: () => void) => Promise<P>,
    log: (line: string) => void,
  ) {
    this.#name = name;
    this.#launch = launch;
    this.#log = log;
  }

  get pid(): number {
    return this.#part?.pid ?? 0;
  }

  async start(): Promise<P> {
    this.#part = await this.#launch(undefined, () => this.#died());
    return this.#part;
  }

  /** Sends a signal and resolves when the successor answers; the restart waits for `until`. */
  async kill({ signal = "SIGKILL", until }: { signal?: NodeJS.Signals; until?: Promise<unknown> } = {}): Promise<void> {
    const pid = this.#part?.pid;
    if (!pid) throw new Error(`${this.#name} is not a process of ours.`);
    this.#held = until;
    this.#working ??= Promise.withResolvers();
    send(pid, signal);
    await this.#working.promise;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#part?.stop();
  }

  #died(): void {
    if (this.#stopped) return;
    this.#working ??= Promise.withResolvers();
    const again = () => {
      this.#log(`${this.#name} ended; it starts again`);
      void this.#revive(this.#part?.port);
    };
    const held = this.#held;
    this.#held = undefined;
    if (held) void held.then(again, again);
    else again();
  }

  async #revive(port: number | undefined): Promise<void> {
    for (let wait = 50; !this.#stopped; wait = Math.min(wait * 2, 5000)) {
      try {
        const part = await this.#launch(port, () => this.#died());
        this.#part = part;
        if (this.#stopped) await part.stop();
        this.#working?.resolve();
        this.#working = undefined;
        return;
      } catch (error) {
        this.#log(`${this.#name} does not start again: ${messageOf(error)}`);
        await sleep(wait);
      }
    }
  }
}
