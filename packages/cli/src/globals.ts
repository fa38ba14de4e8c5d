export interface Globals {
  /** One JSON document on stdout and nothing else. */
  readonly json: boolean;
  /** Folder of the local cloud to speak to; undefined: find it. */
  readonly dataDir: string | undefined;
  /** `--data-dir` without a value: told as a usage error, in the format asked for. */
  readonly problem: string | undefined;
}

/**
 * Takes the global options out of the arguments, wherever they stand: before the command, after it, or among its own
 * options. Everything behind `--` is left alone.
 */
export function takeGlobals(args: readonly string[]): { globals: Globals; rest: string[] } {
  const rest: string[] = [];
  let json = false;
  let dataDir: string | undefined;
  let problem: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (arg === "--") {
      rest.push(...args.slice(i));
      break;
    }
    if (arg === "--json") json = true;
    else if (arg === "--data-dir" || arg.startsWith("--data-dir=")) {
      const inline = arg.startsWith("--data-dir=");
      const value = inline ? arg.slice("--data-dir=".length) : args[i + 1];
      if (value === undefined || value === "" || (!inline && value.startsWith("-"))) {
        problem = "--data-dir needs a folder.";
      } else {
        dataDir = value;
        if (!inline) i++;
      }
    } else rest.push(arg);
  }
  return { globals: { json, dataDir, problem }, rest };
}
