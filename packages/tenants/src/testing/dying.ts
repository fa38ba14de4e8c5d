// A process of its own that does one thing of packages/tenants and is killed, by itself, in the middle of it:
//   node --import tsx dying.ts open <step> <input as JSON>     after a step of an opening
//   node --import tsx dying.ts refill <target> <ms>            some time into a refill
//   node --import tsx dying.ts migrate <schools> <cell> <text> after so many schools of a migration
import { Migration } from "../migration/index.ts";
import { Provision } from "../provision/index.ts";
import { OpenInput, openWith } from "../school/open.ts";

const die = (): never => {
  process.kill(process.pid, "SIGKILL");
  throw new Error("still alive");
};

const [what, ...args] = process.argv.slice(2);
if (what === "open") {
  const [step, input = "{}"] = args;
  await openWith(OpenInput.parse(JSON.parse(input)), (reached) => {
    if (reached === step) die();
  });
} else if (what === "refill") {
  const [target, ms] = args.map(Number);
  setTimeout(die, ms);
  await Provision.refill({ target: target ?? 0 });
} else if (what === "migrate") {
  const [schools, cell = "", text = ""] = args;
  const files = Migration.migrationFiles("school");
  await Migration.up({
    cell,
    files: [...files, { version: files.length + 1, name: "test", text }],
    onProgress: ({ done }) => {
      if (done >= Number(schools)) die();
    },
  });
}
process.exit(0);
