import type { Command } from "commander";
import pc from "picocolors";
import { connect } from "../cloud.ts";
import type { Io } from "../io.ts";
import { asOperator } from "../school.ts";
import { count, done, facts } from "../text.ts";

/** Adds the backup and restore commands below `lectern school`. */
export function backupCommands(school: Command, io: Io): void {
  school
    .command("dump <slug>")
    .description("dump a school into the locked bucket now, as every night does")
    .action(async (slug: string) => {
      connect(io.globals);
      const { closeDatabase } = await import("../database.ts");
      io.onExit(closeDatabase);
      const { Backup } = await import("@lectern/tenants/backup");
      const { folder, manifest, bytes, ms } = await asOperator(slug, () => Backup.dump());
      const rows = manifest.tables.reduce((all, table) => all + table.rows, 0);
      io.answer({ folder, bytes, ms, rows, items: manifest.items.items }, () =>
        [
          done(`${pc.bold(slug)} is dumped, after ${ms} ms.`),
          facts([
            ["folder", folder],
            ["rows", rows.toLocaleString("en")],
            ["items", manifest.items.items.toLocaleString("en")],
            ["bytes", bytes.toLocaleString("en")],
          ]),
        ].join("\n"),
      );
    });

  school
    .command("restore <school>")
    .description("put one school back to a dump of it; cut short, the same command goes on")
    .option("--from <dump>", "latest, a UTC day such as 2025-03-31, or a dump's own name", "latest")
    .option("--as <slug>", "as a new school at this address, beside the first (which may be gone: then by its id)")
    .addHelpText(
      "after",
      "\nExamples:\n  lectern school restore riverside --from 2025-03-31\n  lectern school restore riverside --as riverside-before",
    )
    .action(async (of: string, options: { from: string; as?: string }) => {
      connect(io.globals);
      const { closeDatabase } = await import("../database.ts");
      io.onExit(closeDatabase);
      const { Restore } = await import("@lectern/tenants/restore");
      const restored =
        options.as === undefined
          ? await Restore.restore({ slug: of, from: options.from })
          : await Restore.restoreBeside({ of, from: options.from, slug: options.as });
      io.answer(restored, () =>
        [
          done(`${pc.bold(restored.slug)} is as it was at ${restored.rowsAt}, after ${restored.ms} ms.`),
          facts([
            ["dump", restored.folder],
            ["rows", `${restored.rows.toLocaleString("en")} in ${count(restored.tables, "table")}`],
            ["items", restored.items.toLocaleString("en")],
            ["before it", restored.before ?? "not dumped"],
            ["kept as", restored.kept ? `${restored.kept}, for seven days` : "nothing was there"],
          ]),
        ].join("\n"),
      );
    });

  school
    .command("move <school>")
    .description("move one school to another cell; cut short, the same command goes on")
    .requiredOption("--cell <cell>", "where to; the cell has to be open")
    .addHelpText("after", "\nExample:\n  lectern school move riverside --cell cell-2")
    .action(async (slug: string, { cell }: { cell: string }) => {
      connect(io.globals);
      const { closeDatabase } = await import("../database.ts");
      io.onExit(closeDatabase);
      const { Restore } = await import("@lectern/tenants/restore");
      const moved = await Restore.move({ slug, cell });
      io.answer(moved, () =>
        [
          done(`${pc.bold(slug)} is in ${moved.to}, after ${moved.ms} ms.`),
          facts([
            ["came from", `${moved.from}, where its schema is kept for ${moved.keptDays} days`],
            ["rows", moved.rows.toLocaleString("en")],
            ["items", moved.items.toLocaleString("en")],
          ]),
        ].join("\n"),
      );
    });

  school
    .command("reindex [school]")
    .description("tell “find my school” of everybody in one school, or in all of them")
    .action(async (slug?: string) => {
      connect(io.globals);
      const { closeDatabase } = await import("../database.ts");
      io.onExit(closeDatabase);
      const { reindex } = await import("../reindex.ts");
      const indexed = await reindex(slug, (schools) => io.progress("schools", schools, undefined));
      io.answer(indexed, () =>
        done(`${count(indexed.people, "person", "people")} of ${count(indexed.schools, "school")} can be found.`),
      );
    });

  school
    .command("sweep")
    .description("erase what openings have claimed that nobody went on with for a day")
    .action(async () => {
      connect(io.globals);
      const { closeDatabase } = await import("../database.ts");
      io.onExit(closeDatabase);
      const { School } = await import("@lectern/tenants/school");
      const swept = await School.sweep();
      io.answer(swept, () => done(`${count(swept.erased.length, "abandoned opening")} erased.`));
    });
}
