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
    .description("which version each school is at, and what went wrong")
    .action(async () => {
      connect(io.globals);
      const Migration = await migrations(io);
      const status = await Migration.status();
      io.answer(status, () =>
        [
          `Newest version: ${pc.bold(String(status.latest))}`,
          table(
            ["cell", "schools", "ready-made", "behind", "errors"],
            status.cells.map((cell) => [
              cell.cell,
              String(cell.schools),
              String(cell.warm),
              cell.behind > 0 ? pc.yellow(String(cell.behind)) : "0",
              cell.errors.length > 0 ? pc.red(String(cell.errors.length)) : "0",
            ]),
            "There is no cell.",
          ),
          ...failures(status.cells.flatMap((cell) => cell.errors)),
        ].join("\n"),
      );
    });

  migrate
    .command("up")
    .description("bring every school to the newest version; safe to stop and run again")
    .option("--canary <n>", "so many schools first; one failure among them stops the run", positive)
    .option("--dry-run", "try it and keep nothing")
    .addHelpText("after", "\nExample:\n  lectern migrate up --dry-run && lectern migrate up --canary 5")
    .action(async ({ canary, dryRun }: UpOptions) => {
      connect(io.globals);
      const Migration = await migrations(io);
      const report = await Migration.up({
        ...(canary === undefined ? {} : { canary }),
        ...(dryRun === undefined ? {} : { dryRun }),
        onProgress: ({ ring, done: at, failed: bad, total }) => io.progress(ring, at + bad, total),
      });
      const isWell = report.state === "done" && report.drifted.length === 0;
      io.answer(report, () =>
        [
          isWell
            ? done(
                `${count(dryRun ? report.done + report.remaining : report.done, "school")} ${dryRun ? "would be" : "brought"} to version ${report.target}, after ${report.ms} ms.`,
              )
            : failed(
                `${count(report.failed.length, "school")} failed, ${report.remaining} still behind (${report.state}).`,
              ),
          table(
            ["ring", "schools", "done", "failed"],
            report.rings.map((ring) => [ring.name, String(ring.schools), String(ring.done), String(ring.failed)]),
            "",
          ),
          ...failures(report.failed),
          ...report.drifted.map((each) =>
            failed(`${each.schoolId} has drifted: ${[...each.missing, ...each.extra].slice(0, 3).join("; ")}`),
          ),
        ].join("\n"),
      );
      if (!isWell) await io.exit(1);
    });
}

async function migrations(io: Io) {
  const { closeDatabase } = await import("../database.ts");
  io.onExit(closeDatabase);
  return import("@lectern/tenants/migration");
}

interface Failure {
  readonly schoolId: string;
  readonly slug: string | null;
  readonly version: number;
  readonly error: string;
}

const failures = (all: readonly Failure[]): string[] =>
  all.length === 0
    ? []
    : [
        table(
          ["school", "version", "error"],
          all.map((each) => [each.slug ?? each.schoolId, String(each.version), pc.red(each.error)]),
          "",
        ),
      ];

function positive(text: string): number {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < 1) throw new InvalidArgumentError("It must be a whole number from 1.");
  return n;
}
