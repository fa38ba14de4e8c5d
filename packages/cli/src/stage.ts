import { log } from "@lectern/core/kernel/log";
import { cellCommands } from "./commands/cell.ts";
import { schoolsThatAre } from "./commands/school.ts";
import { erasingCommands } from "./commands/user.ts";
import { run } from "./run.ts";

// The command line for operators in its ECS task (infra/operator.ts). Commands that need a deployment or a checkout are
// left out.
const operator = process.env.LECTERN_OPERATOR;
if (!operator) {
  process.stderr.write("✗ LECTERN_OPERATOR does not say who works here: start it by `npm run operate`.\n");
  process.exit(1);
}
log.info({ operator, command: process.argv.slice(2).filter((word) => !word.includes("@")) }, "operator's command");

await run({
  about: "Operate Lectern on a stage: schools, people and cells.",
  commands: [schoolsThatAre, erasingCommands, cellCommands],
  examples: ["school move riverside --cell cell-2", "user erase usr_... --school riverside --yes", "cell list --json"],
});
