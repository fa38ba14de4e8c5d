import { existsSync } from "node:fs";
import { DomainError } from "@lectern/core/kernel/error";
import type { Command } from "commander";
import pc from "picocolors";
import { connect, pathOf } from "../cloud.ts";
import type { Io } from "../io.ts";
import { asOperator } from "../school.ts";
import { count, done, table } from "../text.ts";

interface ImportOptions {
  school: string;
  publish?: boolean;
}

export function courseCommands(program: Command, io: Io): void {
  const course = program.command("course").description("courses of a school");
  course
    .command("import <path>")
    .description("a course from a folder or zip of Markdown, or a Common Cartridge (.imscc)")
    .requiredOption("--school <slug>", "which school")
    .option("--publish", "show it in the catalog at once")
    .addHelpText("after", "\nExample:\n  lectern course import --school riverside ./git-basics --publish")
    .action(async (path: string, { school, publish }: ImportOptions) => {
      const source = pathOf(path);
      if (!existsSync(source)) {
        throw new DomainError("not_found", "package.not_found", `There is no file or folder ${source}.`);
      }
      connect(io.globals);
      const { closeDatabase } = await import("../database.ts");
      io.onExit(closeDatabase);
      const { CourseImport } = await import("@lectern/core/learn/course-import");
      const report = await asOperator(school, () => CourseImport.fromPath({ path: source, publish: publish ?? false }));
      const { courseId, title, modules, lessons, moved, changed, dropped } = report;
      io.answer({ courseId, title, modules, lessons, moved, changed, dropped }, () =>
        [
          done(
            `${pc.bold(title)}: ${count(modules, "module")}, ${count(lessons, "lesson")}${publish ? ", published" : ", a draft"}.`,
          ),
          ...section("Changed", changed),
          ...section("Dropped", dropped),
          pc.dim(courseId),
        ].join("\n"),
      );
    });
}

interface Line {
  readonly what: string;
  readonly where: string;
  readonly reason: string;
}

function section(title: string, lines: readonly Line[]): string[] {
  if (lines.length === 0) return [];
  const rows = lines.map(({ what, where, reason }) => [what, pc.dim(where), reason]);
  return ["", `${title} (${lines.length})`, table(["what", "where", "why"], rows, "")];
}
