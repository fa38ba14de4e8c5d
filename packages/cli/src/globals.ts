export interface Globals {
  readonly json: boolean;
  /** Folder of the local cloud; undefined searches for one. */
  readonly dataDir: string | undefined;
  /** Set when `--data-dir` has no value. The program reports it as a usage error in the requested format. */
  readonly problem: string | undefined;
}

/** Removes the global options from the arguments, wherever they appear. Arguments after `--` stay as they are. */
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
