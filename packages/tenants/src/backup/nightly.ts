import { Actor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { Metric } from "@lectern/core/kernel/metric";
import * as Cell from "../cell/index.ts";
import { dump } from "./dump.ts";
import { dayOf } from "./format.ts";
import { done, failed, next, standing } from "./turn.ts";

export interface Nightly {
  readonly done: number;
  readonly failed: number;
  /** Schools without a dump of today, left for the next run. */
  readonly left: number;
}

/** Schools of one cell in parallel: each dump holds a connection, and a Lambda has one. */
const atOnce = process.env.AWS_LAMBDA_FUNCTION_NAME ? 1 : 2;

/**
 * Dumps every school that has no dump of today (UTC), until the deadline. The schedule calls it every 15 minutes, and
 * the next run retries whatever is left, failed or killed. A failure does not stop other schools; the call throws at
 * the end, after it has published all metrics.
 */
export async function nightly(options: {
  /** Epoch ms: no dump starts later. */
  readonly until: number;
  /** Lease on a school. Must be at least as long as a run may take. */
  readonly holdSeconds?: number;
  readonly cell?: string;
  readonly onDumped?: (schoolId: string) => void | Promise<void>;
}): Promise<Nightly> {
  const { until, holdSeconds = 14 * 60 } = options;
  const total = { done: 0, failed: 0, left: 0 };
  for (const cell of await Cell.list()) {
    if (options.cell !== undefined && options.cell !== cell.id) continue;
    const day = dayOf(new Date());
    const work = async (): Promise<void> => {
      while (Date.now() < until) {
        const schoolId = await next(cell.id, day, holdSeconds);
        if (schoolId === undefined) return;
        try {
          const { folder, bytes, ms } = await one(schoolId);
          await done(cell.id, schoolId, { day, folder, bytes, ms });
          Metric.dumped({ cell: cell.id, bytes, ms });
          total.done += 1;
          await options.onDumped?.(schoolId);
        } catch (err) {
          total.failed += 1;
          log.error({ err, schoolId }, "a school could not be dumped");
          await failed(cell.id, schoolId, err instanceof Error ? err.message : String(err), Math.min(600, holdSeconds));
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    const { oldestMs, left } = await standing(cell.id, day);
    total.left += left;
    Metric.undumped({ cell: cell.id, ageMs: oldestMs });
  }
  log.info(total, "nightly dumps");
  return total;
}

async function one(schoolId: string) {
  const school = await Directory.readSchool(schoolId);
  if (!school) throw new Error("the directory does not know this school");
  const actor = { type: "system", reason: "school.dump", school, requestId: createId("request") } as const;
  return Actor.withActor(actor, () => dump());
}
