import type { Command } from "commander";
import pc from "picocolors";
import { connect } from "../cloud.ts";
import type { Io } from "../io.ts";
import { requireLocal } from "../school.ts";
import { count, done, failed, table } from "../text.ts";

export function checkCommands(program: Command, io: Io): void {
  const check = program.command("check").description("proofs that the house keeps its promises");
  check
    .command("isolation")
    .description(
      "every operation, loader and action as every actor, against own, not entitled and another school's rows",
    )
    .option(
      "--plant <route>",
      'switch one route\'s check off for this run, which must then be found: "GET /courses/{courseId}"',
    )
    .addHelpText(
      "after",
      '\nOpens two throwaway schools on a local stage and deletes them.\n\nExample:\n  lectern check isolation --plant "GET /courses/{courseId}"',
    )
    .action(async ({ plant }: { plant?: string }) => {
      connect(io.globals);
      requireLocal("This check");
      const { closeDatabase } = await import("../database.ts");
      io.onExit(closeDatabase);
      const [{ Isolation }, { openSite }] = await Promise.all([
        import("@lectern/functions/isolation"),
        import("../site.ts"),
      ]);
      const site = await openSite(io.note);
      const result = await Isolation.check({
        ...(plant === undefined ? {} : { plant }),
        site,
        onProgress: (at, total) => io.progress("calls", at, total),
      });
      io.answer(result, () =>
        [
          plant !== undefined && result.leaks > 0 ? done("The planted fault was found.") : "",
          result.leaks === 0
            ? done(`No leak in ${count(result.calls, "call")} of ${count(result.routes, "route")}.`)
            : failed(
                `${count(result.leaks, "leak")} in ${count(result.calls, "call")} of ${count(result.routes, "route")}.`,
              ),
          result.findings.length === 0
            ? ""
            : table(
                ["route", "actor", "target", "expected", "got"],
                result.findings.map((row) => [row.route, row.actor, row.target, pc.dim(row.expected), pc.red(row.got)]),
                "",
              ),
        ]
          .filter(Boolean)
          .join("\n"),
      );
      // A run with a planted fault must find it; a run without one must find nothing.
      const isWell = plant === undefined ? result.leaks === 0 : result.leaks > 0;
      if (!isWell) await io.exit(1);
    });
}
