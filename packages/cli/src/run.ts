import { exitCodeOf, toFailure } from "./failure.ts";
import { takeGlobals } from "./globals.ts";
import { createIo } from "./io.ts";
import { Answered, createProgram, type Tree } from "./program.ts";

/**
 * Runs the command of this process's arguments and exits. Only its answer goes to stdout; library output goes to
 * stderr.
 */
export async function run(tree: Tree): Promise<void> {
  const { globals, rest } = takeGlobals(process.argv.slice(2));
  const io = createIo(globals);
  const fail = (error: unknown): Promise<never> => {
    const failure = toFailure(error);
    io.fail(failure);
    return io.exit(exitCodeOf(failure));
  };
  process.on("unhandledRejection", fail);
  process.on("uncaughtException", fail);
  process.on("SIGINT", () => void io.exit(130));
  try {
    await createProgram(io, tree).parseAsync(rest, { from: "user" });
    await io.exit(0);
  } catch (error) {
    if (error instanceof Answered) await io.exit(0);
    await fail(error);
  }
}
