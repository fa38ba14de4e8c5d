// A process that does one thing of packages/tenants and kills itself midway:
//   node --import tsx dying.ts open <step> <input as JSON>     after a step of an opening
//   node --import tsx dying.ts refill <ms>                     that long into a refill's second transaction
//   node --import tsx dying.ts dump <school id> <files>        after that many files of a dump
//   node --import tsx dying.ts restore <step> <slug>           after a step of a restore
//   node --import tsx dying.ts beside <step> <of> <slug>       after a step of a restore as a new school
//   node --import tsx dying.ts move <step> <slug> <cell>       after a step of a move
//   node --import tsx dying.ts erase <step> <school id> <user> after a step of a person's erasure
//   node --import tsx dying.ts nightly <schools> <cell>        after that many schools of a nightly run
//   node --import tsx dying.ts migrate <schools> <cell> <text> after that many schools of a migration
//   node --import tsx dying.ts domain <step> <school> <host> [<ms>] after a step of a domain claimed that long ago
import { Actor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { Backup } from "../backup/index.ts";
import { advance } from "../domain/advance.ts";
import { DomainItem } from "../domain/domain.entity.ts";
import { Erasure } from "../erasure/index.ts";
import { Migration } from "../migration/index.ts";
import { Provision } from "../provision/index.ts";
import { Restore } from "../restore/index.ts";
import { OpenInput, openWith } from "../school/open.ts";
import { asSystem } from "./index.ts";

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
  // Never completes.
  await Provision.refill({ target: 10_000, onProgress: (made) => void (made > 0 && setTimeout(die, Number(args[0]))) });
} else if (what === "dump") {
  const [schoolId = "", files] = args;
  const school = await Directory.readSchool(schoolId);
  if (!school) throw new Error("no such school");
  let written = 0;
  const onFile = () => {
    written += 1;
    if (written >= Number(files)) die();
  };
  await Actor.withActor({ type: "system", reason: "test", school, requestId: "dying" }, () => Backup.dump({ onFile }));
} else if (what === "restore") {
  const [step, slug = ""] = args;
  await Restore.restoreWith({ slug, from: "latest" }, (reached) => {
    if (reached === step) die();
  });
} else if (what === "beside") {
  const [step, of = "", slug = ""] = args;
  await Restore.restoreBesideWith({ of, slug, from: "latest" }, (reached) => {
    if (reached === step) die();
  });
} else if (what === "move") {
  const [step, slug = "", cell = ""] = args;
  await Restore.moveWith({ slug, cell }, (reached) => {
    if (reached === step) die();
  });
} else if (what === "erase") {
  const [step, schoolId = "", userId = ""] = args;
  const school = await Directory.readSchool(schoolId);
  if (!school) throw new Error(`no school ${schoolId}`);
  await asSystem(school, () =>
    Erasure.eraseWith(userId, (reached) => {
      if (reached === step) die();
    }),
  );
} else if (what === "nightly") {
  const [schools, cell = ""] = args;
  let dumped = 0;
  await Backup.nightly({
    ...{ cell, until: Date.now() + 60_000, holdSeconds: 2 },
    onDumped: () => {
      dumped += 1;
      if (dumped >= Number(schools)) die();
    },
  });
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
} else if (what === "domain") {
  const [step, schoolId = "", host = "", askedMs] = args;
  const school = await Directory.bySchool(schoolId);
  if (!school) throw new Error(`no school ${schoolId}`);
  if (askedMs) {
    const requestedAt = new Date(Date.now() - Number(askedMs)).toISOString();
    await DomainItem().patch({ schoolId, host }).set({ requestedAt }).go();
  }
  await asSystem(school, async () => {
    for (const from = Date.now(); Date.now() - from < 30_000; ) {
      const dueAt = await advance(host, (reached) => {
        if (reached === step) die();
      });
      if (!dueAt) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
}
process.exit(0);
