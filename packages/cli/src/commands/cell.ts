import type { Command } from "commander";
import pc from "picocolors";
import { connect } from "../cloud.ts";
import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { done, table } from "../text.ts";

const states = ["open", "full", "draining"] as const;
type State = (typeof states)[number];

/** Adds the commands that list, open and close cells; deployments create cells (`cells` in infra/stage.ts). */
export function cellCommands(program: Command, io: Io): void {
  const cell = program.command("cell").description("the databases and tables that schools live in");
  cell
    .command("list")
    .description("every cell: whether it takes schools, how many it has and may have")
    .action(async () => {
      connect(io.globals);
      const { Cell } = await import("@lectern/tenants/cell");
      const cells = await Cell.list();
      io.answer(cells, () =>
        table(
          ["cell", "state", "schools", "most", "database", "table"],
          cells.map(({ id, state, count, max, database, table: items }) => [
            pc.bold(id),
            state === "open" ? pc.green(state) : pc.yellow(state),
            String(count),
            String(max),
            `${database.host}:${database.port}/${database.database}`,
            items,
          ]),
          "There is no cell.",
        ),
      );
    });

  cell
    .command("state <cell> <state>")
    .description(`let it take schools or not: ${states.join(", ")}`)
    .addHelpText(
      "after",
      `
full: nobody opens or moves a school there. draining: the same, and its stage may take it away once it is empty.

Example:
  lectern cell state cell-2 draining`,
    )
    .action(async (id: string, wanted: string) => {
      const state = stateFrom(wanted);
      connect(io.globals);
      const { Cell } = await import("@lectern/tenants/cell");
      const changed = await Cell.setState(id, state);
      io.answer(changed, () => done(`${pc.bold(id)} is ${state}.`));
    });
}

function stateFrom(text: string): State {
  const found = states.find((each) => each === text);
  if (!found) throw new UsageError(`There is no state "${text}". States are: ${states.join(", ")}.`);
  return found;
}
