import { log } from "@lectern/core/kernel/log";
import { cellCommands } from "./commands/cell.ts";
import { schoolsThatAre } from "./commands/school.ts";
import { erasingCommands } from "./commands/user.ts";
import { run } from "./run.ts";

// The command line as it runs on a stage, in a task of its own (infra/operator.ts): what operators do with schools, people
// and cells that are there. The rest is the deployment's, the pages' or a checkout's.
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
