import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import pc from "picocolors";
import { connect } from "../cloud.ts";
import type { Io } from "../io.ts";
import { count, done, failed, table } from "../text.ts";

interface UpOptions {
  canary?: number;
  dryRun?: boolean;
}

export function migrateCommands(program: Command, io: Io): void {
  const migrate = program.command("migrate").description("the schemas of all schools");
  migrate
    .command("status")
    .description("which version each school is at")
    .action(async () => {
      connect(io.globals);
      const { Migration } = await import("@lectern/tenants/migration");
      const status = await Migration.status();
      io.answer(status, () => describe(status));
    });

  migrate
    .command("up")
    .description("bring every school to the newest version; safe to stop and run again")
    .option("--canary <n>", "only this many schools, to see it go well first", positive)
    .option("--dry-run", "say what would be done, and do nothing")
    .addHelpText("after", "\nExample:\n  lectern migrate up --canary 5 && lectern migrate up")
    .action(async ({ canary, dryRun }: UpOptions) => {
      connect(io.globals);
      const { Migration } = await import("@lectern/tenants/migration");
      const result = await Migration.up({
        ...(canary === undefined ? {} : { canary }),
        ...(dryRun === undefined ? {} : { dryRun }),
        onProgress: ({ done: at, total }) => io.progress("schools", at, total),
      });
      io.answer(result, () => describe(result));
      if (result.failed > 0) await io.exit(1);
    });
}

function describe(result: object): string {
  const rows = Object.entries(result);
  const lines = rows.filter(([, value]) => !Array.isArray(value)).map(([name, value]) => [pc.dim(name), String(value)]);
  const lists = rows.filter(
    (row): row is [string, Record<string, unknown>[]] => Array.isArray(row[1]) && row[1].length > 0,
  );
  return [
    "failed" in result && Number(result.failed) > 0
      ? failed(`${count(Number(result.failed), "school")} could not be migrated; the others are done.`)
      : done("Every school has been looked at."),
    table(["", ""], lines, "").trimStart(),
    ...lists.map(([name, items]) => {
      const heads = Object.keys(items[0] ?? {});
      return `${pc.dim(name)}\n${table(
        heads,
        items.map((item) => heads.map((head) => String(item[head] ?? ""))),
        "",
      )}`;
    }),
  ].join("\n");
}

function positive(text: string): number {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < 1) throw new InvalidArgumentError("It must be a whole number from 1.");
  return n;
}
