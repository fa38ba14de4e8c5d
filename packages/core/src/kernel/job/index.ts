import { type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import * as z from "zod";
import { Db } from "../db/index.ts";
import { at, cancel as cancelTimer, type DueKind, defineDue } from "../due/index.ts";
import { isDomainError } from "../error/index.ts";
import { log } from "../log/index.ts";

// Long work described by its own row, such as an import. The table has the columns id, status, percent, report and
// updated_at, which is the worker's heartbeat.

/** The statuses that every job has; a table may have more, such as "undone". */
export const jobStatuses = ["queued", "running", "done", "failed"] as const;

/** A worker that has not written for so long is dead. */
const silence = "60 seconds";
const heartbeatMs = 10_000;
/** Percent is written no more often than this. */
const percentMs = 500;

/** First check after this; each request of the job anew doubles the time to the next. */
const checkMs = 10 * 60_000;
const maxAttempts = 8;
/** A job without a heartbeat for this long has lost its worker or its event. */
const abandoned = "3 minutes";

export interface JobOptions {
  /** "import": the kind of its timer is `import.check`, and the timer's key `import:<id>`. */
  readonly name: string;
  readonly table: PgTable;
  /** Asks for a worker, by an event that the job's reaction hears. Called in a transaction. */
  readonly request: (id: string) => Promise<void>;
  /** The report of a job that failed through no fault of its input. It is retried with growing pauses. */
  readonly trouble: { readonly code: string; readonly message: string };
}

/** What a worker may say of the job that it has claimed. */
export interface Running {
  /** @throws when the job was canceled */
  percent(value: number): Promise<void>;
  /** Ends the job, in the transaction that writes its result. @throws when the job was canceled */
  done(tx: Db.Tx, report: unknown): Promise<void>;
}

const Timer = z.object({ id: z.string(), attempt: z.number() });

export interface Job {
  /** The kind of timer that looks after the job until it ends. */
  readonly check: DueKind<typeof Timer>;
  /** Sets that timer. Call it before the commit that queues the job. */
  watch(id: string): Promise<void>;
  /**
   * Claims the job and runs it once; does nothing for a finished or canceled job. A `DomainError` ends the job with its
   * code. Any other error is rethrown, and the next request starts over.
   * @returns how it ended, or undefined when there was nothing to do
   * @throws when another worker holds the job, so that the queue redelivers the message in case that worker dies
   */
  run(id: string, work: (running: Running) => Promise<void>): Promise<"done" | "refused" | undefined>;
  /** Sets the status of an unfinished job. Its worker stops at its next heartbeat, and its writes are rolled back. */
  cancel(id: string, status: string): Promise<boolean>;
}

export function defineJob({ name, table, request, trouble }: JobOptions): Job {
  const update = async (tx: Db.Tx, id: string, set: SQL, where: SQL): Promise<boolean> => {
    const rows = await tx.execute<{ id: string }>(
      sql`update ${table} set ${set}, updated_at = now() where id = ${id} and (${where}) returning id`,
    );
    return rows.length > 0;
  };
  const isRunning = sql`status = 'running'`;
  const isTroubled = sql`status = 'failed' and report ->> 'code' = ${trouble.code}`;
  const key = (id: string): string => `${name}:${id}`;

  const check: Job["check"] = defineDue(`${name}.check`, Timer, async ({ id, attempt }) => {
    const [row] = await Db.use((tx) =>
      tx.execute<{ is_abandoned: boolean }>(sql`
        select updated_at < now() - ${abandoned}::interval as is_abandoned from ${table}
        where id = ${id} and (status in ('queued', 'running') or ${isTroubled})`),
    );
    if (!row) return;
    if (!row.is_abandoned) return watchAt(id, attempt);
    if (attempt >= maxAttempts) {
      log.error({ job: name, id, attempt }, "a job was given up");
      return;
    }
    await request(id);
    await watchAt(id, attempt + 1);
  });
  const watchAt = async (id: string, attempt: number): Promise<void> => {
    await at(new Date(Date.now() + checkMs * 2 ** attempt), check, { id, attempt }, key(id));
  };

  async function claim(id: string): Promise<boolean> {
    const isMine = await Db.use((tx) =>
      update(
        tx,
        id,
        sql`status = 'running', percent = 1, report = null`,
        sql`status = 'queued' or (${isTroubled}) or (${isRunning} and updated_at < now() - ${silence}::interval)`,
      ),
    );
    if (isMine) return true;
    const [row] = await Db.use((tx) =>
      tx.execute<{ status: string }>(sql`select status from ${table} where id = ${id}`),
    );
    if (row?.status === "running") throw new Error(`the ${name} is being worked on`);
    return false;
  }

  const say = (id: string, set: SQL): Promise<boolean> => Db.use((tx) => update(tx, id, set, isRunning));

  async function run(id: string, work: (running: Running) => Promise<void>) {
    if (!(await claim(id))) return undefined;
    let isLost = false;
    const held = (holds: boolean): void => {
      isLost ||= !holds;
      if (isLost) throw new JobLost(name);
    };
    const beat = setInterval(() => {
      say(id, sql`percent = percent`).then(
        (holds) => {
          isLost ||= !holds;
        },
        (err: unknown) => log.warn({ err, job: name, id }, "a job's heartbeat failed"),
      );
    }, heartbeatMs);
    let said = 0;
    const running: Running = {
      async percent(value) {
        held(true);
        if (Date.now() - said < percentMs) return;
        said = Date.now();
        held(await say(id, sql`percent = ${Math.floor(value)}`));
      },
      async done(tx, report) {
        held(
          await update(
            tx,
            id,
            sql`status = 'done', percent = 100, report = ${JSON.stringify(report)}::jsonb`,
            isRunning,
          ),
        );
      },
    };
    try {
      await work(running);
      return "done";
    } catch (error) {
      if (error instanceof JobLost) return undefined;
      const refusal = isDomainError(error) && error.kind !== "unavailable" && error.kind !== "suspended";
      const report = refusal ? { code: error.code, message: error.message } : trouble;
      await say(id, sql`status = 'failed', report = ${JSON.stringify(report)}::jsonb`);
      if (!refusal) throw error;
      return "refused";
    } finally {
      clearInterval(beat);
    }
  }

  return {
    check,
    watch: (id) => watchAt(id, 0),
    run,
    async cancel(id, status) {
      const isCancelled = await Db.use((tx) =>
        update(tx, id, sql`status = ${status}`, sql`status in ('queued', 'running') or (${isTroubled})`),
      );
      if (isCancelled) Db.afterCommit(() => void cancelTimer(key(id)).catch(() => {}));
      return isCancelled;
    },
  };
}

/** The job was canceled, or another worker holds it. */
class JobLost extends Error {
  override readonly name = "JobLost";
  constructor(job: string) {
    super(`the ${job} was taken away`);
  }
}

export * as Job from "./index.ts";
