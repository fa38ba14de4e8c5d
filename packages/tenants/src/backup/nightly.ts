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
  /** Schools that have no dump of today yet: the next turn's. */
  readonly left: number;
}

/** Schools of a cell at a time: each holds a connection while it is dumped, and a Lambda has one. */
const atOnce = process.env.AWS_LAMBDA_FUNCTION_NAME ? 1 : 2;

/**
 * Dumps every school of every cell that has no dump of today (UTC), for as long as there is time. Called every quarter of
 * an hour: what is left over, failed or was killed in the middle is the next turn's. One school's failure stops no other;
 * if there was any, it fails at the end, when every figure has been told.
 */
export async function nightly(options: {
  /** Epoch ms: no school is begun after it. */
  readonly until: number;
  /** How long a school is left to whoever began it. At least as long as a turn may take. */
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
