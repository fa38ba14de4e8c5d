import { codeOf, isConnectionLost } from "@lectern/core/kernel/postgres";
import type { Sql } from "postgres";
import { schemaOf } from "../provision/index.ts";
import { type MigrationFile, quoted, textFor } from "./files.ts";

export interface Candidate {
  readonly cell: string;
  readonly id: string;
  readonly version: number;
}

export interface Failure {
  readonly cell: string;
  readonly schoolId: string;
  /** For the report; null for an unclaimed warm school. */
  readonly slug: string | null;
  readonly version: number;
  readonly error: string;
}

// Schools per pipeline: the server runs their texts without a round trip between them.
const perFlight = 10;
const attempts = 5;

/**
 * Returns one school's migration as one message and so one transaction. The ledger row comes first: a runner without it
 * fails at once.
 */
export function stepsSql(school: Candidate, files: readonly MigrationFile[], runId: string): string {
  const schema = schemaOf(school.id);
  const steps = files
    .filter(({ version }) => version > school.version)
    .map(
      (file) => `set local role none;
select catalog.step('${school.id}', ${file.version - 1}, ${file.version}, '${runId}');
set local role lectern_owner;
set local search_path = ${quoted(schema)}, ext;
${textFor(file, schema)}`,
    );
  return `set local lock_timeout = '2s';\nset local statement_timeout = '60s';\n${steps.join("\n")}`;
}

/**
 * Migrates schools over one pipelined connection. A locked school is retried; a failure is recorded in its row and
 * reported, and the others continue.
 */
export async function fly(
  sql: Sql,
  schools: readonly Candidate[],
  files: readonly MigrationFile[],
  options: { runId: string; dryRun?: boolean; onDone: (failure?: Failure) => void },
): Promise<void> {
  for (let at = 0; at < schools.length; at += perFlight) {
    let waiting = schools.slice(at, at + perFlight).map((school) => ({ school, tries: 0 }));
    while (waiting.length > 0) {
      const results = await Promise.allSettled(
        waiting.map(({ school }) => {
          const text = stepsSql(school, files, options.runId);
          return sql.unsafe(
            options.dryRun ? `${text}\n;do $$ begin raise exception using errcode = 'LS000'; end $$;` : text,
          );
        }),
      );
      const again: typeof waiting = [];
      for (const [index, { school, tries }] of waiting.entries()) {
        const result = results[index];
        const error: unknown = result?.status === "rejected" ? result.reason : undefined;
        const code = codeOf(error);
        // LS410: another runner did it, which is as good.
        if (result?.status === "fulfilled" || code === "LS410" || code === "LS000") options.onDone();
        else if (isPassing(error) && tries + 1 < attempts) again.push({ school, tries: tries + 1 });
        else options.onDone(await note(sql, school, error, options.dryRun ?? false));
      }
      const longest = Math.max(0, ...again.map(({ tries }) => tries));
      if (again.length > 0) await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** longest));
      waiting = again;
    }
  }
}

const passing = new Set(["55P03", "40P01", "40001", "LS423"]);
const isPassing = (error: unknown): boolean => passing.has(codeOf(error) ?? "") || isConnectionLost(error);

async function note(sql: Sql, school: Candidate, cause: unknown, dryRun: boolean): Promise<Failure> {
  const code = codeOf(cause);
  const text = cause instanceof Error ? cause.message : String(cause);
  const error = `${text}${code ? ` (${code})` : ""}`.slice(0, 1000);
  // The report contains the error too, in case this statement fails.
  if (!dryRun) await sql`update catalog.school set last_error = ${error} where id = ${school.id}`.catch(() => {});
  return { cell: school.cell, schoolId: school.id, slug: null, version: school.version, error };
}
