import { Command, type CommanderError } from "commander";
import { sentence, UsageError } from "./failure.ts";
import type { Io } from "./io.ts";

type Commands = (program: Command, io: Io) => void;

export interface Tree {
  readonly about: string;
  readonly commands: readonly Commands[];
  readonly examples: readonly string[];
}

/** Returns the command tree. Its parser throws UsageError and prints nothing. */
export function createProgram(io: Io, { about, commands, examples }: Tree): Command {
  if (io.globals.problem) throw new UsageError(io.globals.problem);
  const program = new Command("lectern")
    .description(about)
    .version("0.1.0", "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .showSuggestionAfterError(true)
    .addHelpText("after", footer(examples));
  for (const add of commands) add(program, io);
  quiet(program, io);
  return program;
}

const footer = (examples: readonly string[]) => `
Global options, before or after the command:
  --json               print one JSON document on stdout, refusals included
  --data-dir <dir>     the local cloud of that folder (default: the one running in this repository,
                       or the stage that this environment is linked to)

Exit codes: 0 done, 1 refused, 2 wrong usage, 3 bug.

Examples:
${examples.map((each) => `  lectern ${each}\n`).join("")}`;

/** Makes commander throw errors instead of printing them, so that they can be printed as JSON. */
function quiet(command: Command, io: Io): void {
  let help = "";
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
    writeErr: () => {},
    outputError: () => {},
  });
  command.exitOverride((error: CommanderError) => {
    if (error.exitCode === 0 || error.code === "commander.help") {
      // `lectern school` prints its help but exits as wrong usage.
      if (error.code === "commander.help") {
        throw new UsageError(`${pathOf(command)} needs a command: ${names(command)}.`, pathOf(command));
      }
      const key = error.code === "commander.version" ? "version" : "help";
      io.answer({ [key]: (help || error.message).trim() }, () => help || error.message);
      throw new Answered();
    }
    throw new UsageError(sentence(error.message.replace(/^error: /, "")), pathOf(command));
  });
  for (const inner of command.commands) quiet(inner, io);
}

const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

const names = (command: Command): string => command.commands.map((inner) => inner.name()).join(", ");

/** Unwinds commander after help or version have been printed. */
export class Answered extends Error {
  override readonly name = "Answered";
}
