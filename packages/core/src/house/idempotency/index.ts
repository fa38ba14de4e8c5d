import { createHash } from "node:crypto";
import { Resource } from "sst";
import { maybeActor } from "../../kernel/actor/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { createId } from "../../kernel/id/index.ts";
import { IdempotencyRecord } from "./idempotency.entity.ts";

export interface Answer {
  readonly status: number;
  /** JSON text. */
  readonly body: string;
}

/** How long a first attempt holds the key before a second one takes over: longer than any request may run. */
const holdMs = 60_000;
const keepSeconds = 24 * 60 * 60;
/** A DynamoDB item holds 400 KB; an answer to a creation is a few. */
const maxBody = 300_000;

/** What a client may send as `Idempotency-Key`. */
export const keyPattern = /^[\x21-\x7e]{8,128}$/;

/**
 * Runs the work once per key: a second call with the same key and request gets the first one's answer. Refusals and
 * bugs are not stored, so the next attempt runs again. After a crash between the work and its record, an attempt after
 * `holdMs` runs the work again, so work that must happen once also needs a unique constraint.
 * @param input.scope actor and route
 * @param input.request the request's bytes
 * @throws idempotency.key_reused (conflict) when another request used the key
 * @throws idempotency.in_progress (conflict, with retryAfter) while the first call is running
 */
export async function run(
  input: { key: string; scope: string; request: string },
  work: () => Promise<Answer>,
): Promise<Answer & { replayed: boolean }> {
  if (!keyPattern.test(input.key)) {
    throw new DomainError(
      "invalid",
      "idempotency.key_invalid",
      "The Idempotency-Key must be 8 to 128 visible characters.",
      {
        "Idempotency-Key": "8 to 128 visible ASCII characters.",
      },
    );
  }
  const school = maybeActor()?.school;
  const record = school ? IdempotencyRecord() : IdempotencyRecord.asPlatform(Resource.DirectoryTable.name);
  const id = { schoolId: school?.schoolId ?? "platform", scope: input.scope, key: input.key };
  const hash = createHash("sha256").update(input.request).digest("base64url");
  const holder = createId("run");

  if (!(await claim())) {
    const { data: known } = await record.get(id).go({ consistent: true });
    if (known && known.hash !== hash) {
      throw new DomainError("conflict", "idempotency.key_reused", "This Idempotency-Key was used for another request.");
    }
    if (known?.state === "done") return { status: known.status ?? 200, body: known.body ?? "", replayed: true };
    throw new DomainError(
      "conflict",
      "idempotency.in_progress",
      "The first request with this Idempotency-Key is still being worked on.",
      undefined,
      1,
    );
  }

  let answer: Answer;
  try {
    answer = await work();
  } catch (error) {
    await release();
    throw error;
  }
  if (answer.status >= 300 || answer.body.length > maxBody) await release();
  else await keep(answer);
  return { ...answer, replayed: false };

  async function claim(): Promise<boolean> {
    const now = Date.now();
    return whenFree(() =>
      record
        .put({
          ...id,
          hash,
          state: "running",
          holder,
          heldUntil: now + holdMs,
          expiresAt: Math.floor(now / 1000) + keepSeconds,
        })
        // TTL deletes late, so an expired or abandoned key counts as free; an abandoned key stays bound to its request.
        .where(
          (item, op) =>
            `${op.notExists(item.hash)} OR ${op.lt(item.expiresAt, Math.floor(now / 1000))} OR (${op.eq(item.state, "running")} AND ${op.lt(item.heldUntil, now)} AND ${op.eq(item.hash, hash)})`,
        )
        .go(),
    );
  }

  async function keep(done: Answer): Promise<void> {
    await whenFree(() =>
      record
        .patch(id)
        .set({ state: "done", status: done.status, body: done.body })
        .where((item, op) => op.eq(item.holder, holder))
        .go(),
    );
  }

  async function release(): Promise<void> {
    await whenFree(() =>
      record
        .delete(id)
        .where((item, op) => op.eq(item.holder, holder))
        .go(),
    );
  }
}

/** False when the write's condition did not hold. */
async function whenFree(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isConditionFailed(error)) return false;
    throw error;
  }
}

function isConditionFailed(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at.name === "ConditionalCheckFailedException") return true;
  return false;
}

export * as Idempotency from "./index.ts";
