import { Catalog } from "@lectern/tenants/catalog";
import { Migration, type MigrationFile } from "@lectern/tenants/migration";
import { Provision } from "@lectern/tenants/provision";
import { sql } from "drizzle-orm";
import type { Line } from "../run.ts";
import { median, plainClient, round, theCell, timed } from "./parts.ts";

const schools = 1_000;
const rounds = 5;

/**
 * Adds one column in 1,000 schools: the runner with one worker, compared with bare `begin; alter; commit` in a loop.
 */
export async function migrate(emit: (line: Line) => void): Promise<void> {
  const cell = await theCell();
  await Provision.refill({ target: schools });
  const rows = await Catalog.use(cell.id, (tx) =>
    tx.execute<{ schema_name: string }>(sql`select schema_name from catalog.school`),
  );
  const bare = plainClient(cell, "lectern_migrator");
  await bare.unsafe("set role lectern_owner");
  let files: readonly MigrationFile[] = Migration.migrationFiles("school");
  const ours: number[] = [];
  const baseline: number[] = [];
  for (let i = 0; i < rounds; i++) {
    baseline.push(
      await timed(async () => {
        for (const { schema_name } of rows)
          await bare.unsafe(`begin; alter table ${schema_name}.course add column bare_${i} text; commit`);
      }),
    );
    const version = files.length + 1;
    files = [...files, { version, name: "bench", text: `alter table "course" add column ours_${i} text` }];
    ours.push(
      await timed(async () => {
        const report = await Migration.up({ files, workers: 1, checkDrift: false });
        if (report.state !== "done" || report.done !== rows.length) throw new Error(JSON.stringify(report));
      }),
    );
  }
  await bare.end();
  await Catalog.close();
  emit({
    metric: "tenancy.migrate",
    value: round(median(ours), 0),
    unit: "ms",
    baseline: "bare begin; alter; commit in a loop, one worker",
    baselineValue: round(median(baseline), 0),
    ratio: round(median(ours) / median(baseline)),
    aim: "ratio <= 1.5",
    schools: rows.length,
    schoolsPerSecond: round(rows.length / (median(ours) / 1000), 0),
    ratios: ours.map((own, i) => round(own / (baseline[i] ?? 1))),
  });
}
