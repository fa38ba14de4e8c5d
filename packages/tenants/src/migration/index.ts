import { Directory } from "@lectern/core/kernel/directory";
import { DomainError } from "@lectern/core/kernel/error";
import { createId } from "@lectern/core/kernel/id";
import { isConnectionLost, translate, withCause } from "@lectern/core/kernel/postgres";
import type { Sql } from "postgres";
import * as Cell from "../cell/index.ts";
import { connect } from "../cell/index.ts";
import { schemaOf } from "../provision/index.ts";
import { latestVersion, type MigrationFile, migrationFiles } from "./files.ts";
import { fingerprintsOf, linesOf, template } from "./fingerprint.ts";
import { type Candidate, type Failure, fly } from "./flight.ts";

export { latestVersion, type MigrationFile, migrationFiles } from "./files.ts";
export type { Failure } from "./flight.ts";

export interface Status {
  /** Version of the files. */
  readonly latest: number;
  readonly cells: readonly {
    readonly cell: string;
    readonly schools: number;
    readonly warm: number;
    /** Schools below the latest version. */
    readonly behind: number;
    /** version -> schools, warm ones included. */
    readonly versions: Readonly<Record<number, number>>;
    readonly errors: readonly Failure[];
  }[];
}

/** Returns each version's number of schools, and the errors of those behind. */
export async function status(files: readonly MigrationFile[] = migrationFiles("school")): Promise<Status> {
  const latest = latestVersion(files);
  const cells = await eachCell(undefined, async (sql, cell) => {
    const counts = await sql<{ version: number; count: number; warm: number }[]>`
      select version, count(*)::int as count, count(*) filter (where state = 'warm')::int as warm
      from catalog.school where state <> 'deleting' group by version order by version`;
    const failed = await sql<{ id: string; version: number; last_error: string }[]>`
      select id, version, last_error from catalog.school where last_error is not null order by id`;
    const sum = (pick: (row: (typeof counts)[number]) => number) => counts.reduce((all, row) => all + pick(row), 0);
    return {
      cell: cell.id,
      schools: sum(({ count, warm }) => count - warm),
      warm: sum(({ warm }) => warm),
      behind: sum(({ count, version }) => (version < latest ? count : 0)),
      versions: Object.fromEntries(counts.map(({ version, count }) => [version, count])),
      errors: await withSlugs(
        failed.map(({ id, version, last_error: error }) => ({
          cell: cell.id,
          schoolId: id,
          slug: null,
          version,
          error,
        })),
      ),
    };
  });
  return { latest, cells };
}

export interface Progress {
  readonly ring: string;
  /** Across all rings. */
  readonly done: number;
  readonly failed: number;
  readonly total: number;
}

export interface UpOptions {
  /** Schools migrated before the rings; one failure stops the run. Default: 1 % from 50 schools on, at most 5. */
  readonly canary?: number;
  /** Runs the text on a scratch schema and on the canaries (default 3), rolls back and reports. */
  readonly dryRun?: boolean;
  readonly cell?: string;
  /** Connections per cell; more than the server's cores is slower. */
  readonly workers?: number;
  readonly onProgress?: (progress: Progress) => void;
  /** Files instead of migrations/school, for tests and benches. */
  readonly files?: readonly MigrationFile[];
  /** False skips the final comparison of all schemas. */
  readonly checkDrift?: boolean;
}

export interface Report {
  readonly runId: string;
  readonly target: number;
  readonly dryRun: boolean;
  /**
   * done: all schools succeeded. failed: all rings ran, but some schools failed. stopped: too many failures in one
   * ring.
   */
  readonly state: "done" | "failed" | "stopped";
  readonly rings: readonly { name: string; schools: number; done: number; failed: number }[];
  readonly done: number;
  readonly failed: readonly Failure[];
  /** Schools still behind without a failure of their own. */
  readonly remaining: number;
  readonly drifted: readonly Drifted[];
  readonly ms: number;
}

/**
 * Migrates every school: a scratch schema first, then warm schools, canaries, 1 %, 10 % and all. It can be interrupted
 * and run again; parallel runs share the work. A failure is recorded and the others continue, unless a ring fails too
 * often:
 * any canary, or more than 0.5 % of a ring (and more than one school).
 */
export async function up(options: UpOptions = {}): Promise<Report> {
  const begin = performance.now();
  const files = options.files ?? migrationFiles("school");
  const target = latestVersion(files);
  const runId = createId("run");
  const dryRun = options.dryRun ?? false;
  const failed: Failure[] = [];
  const rings: { name: string; schools: number; done: number; failed: number }[] = [];
  let state: Report["state"] = "done";

  // Each cell's server must accept the text before a school runs it.
  await eachCell(options.cell, async (sql) => {
    const { fingerprint } = await template(sql, files).catch(textFails);
    if (dryRun) return;
    await sql`insert into catalog.template (version, fingerprint) values (${target}, ${fingerprint})
      on conflict (version) do update set fingerprint = excluded.fingerprint, at = now()`;
    await sql`update catalog.run set state = 'stopped', finished_at = now() where state = 'running'`;
    await sql`insert into catalog.run (id, target, state, options)
      values (${runId}, ${target}, 'running', ${JSON.stringify({ canary: options.canary ?? null })}::jsonb)`;
  });

  const plan = ringsOf(await behind(options.cell, target), options.canary ?? (dryRun ? 3 : undefined));
  const total = plan.reduce((all, { schools }) => all + schools.length, 0);
  let done = 0;
  for (const { name, schools } of plan) {
    const ring = { name, schools: schools.length, done: 0, failed: 0 };
    rings.push(ring);
    if (dryRun && name !== "canary") continue;
    await fleet(schools, files, { runId, dryRun, workers: options.workers ?? 2 }, (failure) => {
      if (failure) {
        ring.failed++;
        failed.push(failure);
      } else {
        ring.done++;
        done++;
      }
      options.onProgress?.({ ring: name, done, failed: failed.length, total });
    });
    if (ring.failed > (name === "canary" ? 0 : Math.max(1, ring.schools * 0.005))) {
      state = "stopped";
      break;
    }
  }
  if (state === "done" && failed.length > 0) state = "failed";

  const drifted = dryRun || options.checkDrift === false ? [] : await drift({ ...options, files });
  const report: Report = {
    ...{ runId, target, dryRun, state, rings, done, drifted },
    failed: await withSlugs(failed),
    remaining: total - done - failed.length,
    ms: Math.round(performance.now() - begin),
  };
  if (!dryRun)
    await eachCell(options.cell, async (sql) => {
      await sql`update catalog.run set state = ${state}, finished_at = now(), report = ${JSON.stringify(report)}::jsonb
        where id = ${runId}`;
    });
  return report;
}

export interface Drifted {
  readonly cell: string;
  readonly schoolId: string;
  /** Lines that the school lacks or has in excess. */
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

/** Returns schools at the latest version whose schema differs from the migrations' result. */
export async function drift(options: { cell?: string; files?: readonly MigrationFile[] } = {}): Promise<Drifted[]> {
  const files = options.files ?? migrationFiles("school");
  const found = await eachCell(options.cell, async (sql, cell) => {
    const wanted = await template(sql, files);
    const schools = await sql<{ id: string }[]>`
      select id from catalog.school where version = ${latestVersion(files)} and state <> 'deleting' order by id`;
    const drifted: Drifted[] = [];
    for (let at = 0; at < schools.length; at += 250) {
      const chunk = schools.slice(at, at + 250);
      const prints = await fingerprintsOf(
        sql,
        chunk.map(({ id }) => schemaOf(id)),
      );
      const differing = chunk.filter(({ id }) => prints.get(schemaOf(id)) !== wanted.fingerprint);
      if (differing.length === 0) continue;
      const lines = await linesOf(
        sql,
        differing.map(({ id }) => schemaOf(id)),
      );
      for (const { id } of differing) {
        const has = new Set(lines.get(schemaOf(id)));
        const must = new Set(wanted.lines);
        const missing = wanted.lines.filter((line) => !has.has(line));
        const extra = [...has].filter((line) => !must.has(line));
        drifted.push({ cell: cell.id, schoolId: id, missing, extra });
      }
    }
    return drifted;
  });
  return found.flat();
}

async function behind(only: string | undefined, target: number): Promise<(Candidate & { isWarm: boolean })[]> {
  const found = await eachCell(only, async (sql, cell) => {
    const rows = await sql<{ id: string; version: number; warm: boolean }[]>`
      select id, version, state = 'warm' as warm from catalog.school
      where version < ${target} and state <> 'deleting' order by (last_error is not null), id`;
    return rows.map(({ id, version, warm }) => ({ cell: cell.id, id, version, isWarm: warm }));
  });
  return found.flat();
}

/** Returns warm schools, canaries, then up to 1 %, 10 % and all active schools, without empty rings. */
export function ringsOf<C extends { readonly isWarm: boolean }>(
  schools: readonly C[],
  canary?: number,
): { name: string; schools: C[] }[] {
  const used = schools.filter(({ isWarm }) => !isWarm);
  const first = Math.min(used.length, canary ?? (used.length < 50 ? 0 : Math.min(5, Math.ceil(used.length / 100))));
  const upTo = (share: number) => first + Math.ceil((used.length - first) * share);
  return [
    { name: "warm", schools: schools.filter(({ isWarm }) => isWarm) },
    { name: "canary", schools: used.slice(0, first) },
    { name: "1 %", schools: used.slice(first, upTo(0.01)) },
    { name: "10 %", schools: used.slice(upTo(0.01), upTo(0.1)) },
    { name: "100 %", schools: used.slice(upTo(0.1)) },
  ].filter((ring) => ring.schools.length > 0);
}

async function fleet(
  schools: readonly Candidate[],
  files: readonly MigrationFile[],
  { workers, ...options }: { runId: string; dryRun: boolean; workers: number },
  onDone: (failure?: Failure) => void,
): Promise<void> {
  const byCell = Map.groupBy(schools, ({ cell }) => cell);
  await Promise.all(
    [...byCell].map(async ([cellId, own]) => {
      const cell = await Directory.cell(cellId);
      if (!cell) throw new Error(`there is no cell ${cellId}`);
      const share = Math.ceil(own.length / workers);
      await Promise.all(
        Array.from({ length: workers }, async (_, index) => {
          const part = own.slice(index * share, (index + 1) * share);
          if (part.length === 0) return;
          const sql = connect(cell.database, "lectern_migrator");
          try {
            await fly(sql, part, files, { ...options, onDone });
          } finally {
            await sql.end();
          }
        }),
      );
    }),
  );
}

async function eachCell<T>(
  only: string | undefined,
  work: (sql: Sql, cell: Directory.Cell) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (const cell of await Cell.list()) {
    if (only !== undefined && cell.id !== only) continue;
    const sql = connect(cell.database, "lectern_migrator");
    try {
      results.push(await work(sql, cell));
    } catch (error) {
      throw translate(error);
    } finally {
      await sql.end();
    }
  }
  return results;
}

/** The migration itself is wrong, and no school has run it. */
function textFails(error: unknown): never {
  if (isConnectionLost(error)) throw error;
  const reason = error instanceof Error ? error.message : String(error);
  throw withCause(
    new DomainError("invalid", "migration.text_fails", `The migration does not run on an empty schema: ${reason}`),
    error,
  );
}

const withSlugs = (failures: readonly Failure[]): Promise<Failure[]> =>
  Promise.all(
    failures.map(async (failure) => ({
      ...failure,
      slug: (await Directory.bySchool(failure.schoolId))?.slug ?? null,
    })),
  );

export * as Migration from "./index.ts";
