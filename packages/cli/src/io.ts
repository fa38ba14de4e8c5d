import { format } from "node:util";
import pc from "picocolors";
import type { Failure } from "./failure.ts";
import type { Globals } from "./globals.ts";

export interface Io {
  readonly globals: Globals;
  /** Prints the command's answer, as JSON or as text; call it once. */
  answer(value: unknown, human: () => string): void;
  fail(failure: Failure): void;
  /** Prints progress to stderr, with a bar on terminals only; `total` is undefined when unknown. */
  progress(label: string, done: number, total: number | undefined): void;
  /** Prints a remark to stderr. */
  note(text: string): void;
  onExit(close: () => Promise<void>): void;
  exit(code: number): Promise<never>;
}

export function createIo(globals: Globals): Io {
  const out = process.stdout.write.bind(process.stdout);
  const closers: (() => Promise<void>)[] = [];
  let isAnswered = false;
  let hasBar = false;
  let drawnAt = 0;

  // Scripts parse stdout, so every other output goes to stderr.
  const toError = (...values: unknown[]): void => void process.stderr.write(`${format(...values)}\n`);
  Object.assign(console, { log: toError, info: toError, warn: toError, debug: toError });
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  // `lectern ... | head` closes the pipe; this is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 3));

  const clearBar = (): void => {
    if (hasBar) process.stderr.write("\r\x1b[2K");
    hasBar = false;
  };
  const say = (text: string): void => {
    if (isAnswered) return;
    isAnswered = true;
    clearBar();
    out(text.endsWith("\n") ? text : `${text}\n`);
  };

  return {
    globals,
    answer: (value, human) => say(globals.json ? JSON.stringify(value, null, 2) : human()),
    fail(failure) {
      clearBar();
      const { code, message, fields } = failure;
      if (globals.json) say(JSON.stringify({ code, message, ...(fields ? { fields } : {}) }, null, 2));
      else process.stderr.write(inWords(failure));
      if (globals.json && failure.kind === "bug" && failure.stack) process.stderr.write(`${failure.stack}\n`);
    },
    progress(label, done, total) {
      const now = performance.now();
      if (!process.stderr.isTTY || (now - drawnAt < 50 && done !== total)) return;
      drawnAt = now;
      hasBar = true;
      process.stderr.write(`\r\x1b[2K${bar(label, done, total)}`);
    },
    note(text) {
      clearBar();
      process.stderr.write(`${text}\n`);
    },
    onExit: (close) => void closers.push(close),
    async exit(code) {
      clearBar();
      await Promise.race([Promise.allSettled(closers.map((close) => close())), pause(3000)]);
      // Flush the pipe before the process exits.
      await new Promise<void>((resolve) => out("", () => resolve()));
      process.exit(code);
    },
  };
}

function inWords(failure: Failure): string {
  const fields = Object.entries(failure.fields ?? {})
    .filter(([, text]) => text !== failure.message)
    .map(([name, text]) => `  ${pc.dim(name)}  ${text}\n`);
  if (failure.kind === "bug") {
    return `${pc.red("✗")} This is a bug in Lectern: ${failure.message}\n${pc.dim(failure.stack ?? "")}\n`;
  }
  const help = failure.help ? `${pc.dim("See")} ${failure.help}\n` : "";
  return `${pc.red("✗")} ${failure.message} ${pc.dim(`(${failure.code})`)}\n${fields.join("")}${help}`;
}

function bar(label: string, done: number, total: number | undefined): string {
  if (total === undefined || total <= 0) return `${pc.dim("…")} ${label} ${done || ""}`;
  const width = 24;
  const filled = Math.min(width, Math.round((done / total) * width));
  const percent = Math.floor((done / total) * 100);
  return `${label} ${pc.green("━".repeat(filled))}${pc.dim("━".repeat(width - filled))} ${percent} % ${pc.dim(`${done}/${total}`)}`;
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
