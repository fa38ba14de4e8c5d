import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { Resource } from "sst";
import { Aws } from "../../kernel/aws/index.ts";
import { sourceOf } from "../../kernel/event/index.ts";
import { ErrorGroupItem } from "./ops.entity.ts";

// Platform events have no school, no actor and no outbox. The item records whether its alert was published, so after a
// crash the next write publishes it again.

/** Publishes one event. `id` is the same for every repetition, so consumers can deduplicate. */
export async function publish(type: string, id: string, data: Record<string, unknown>): Promise<void> {
  const detail = { id, type, version: 1, occurredAt: new Date().toISOString(), data };
  const { Entries = [] } = await Aws.eventbridge().send(
    new PutEventsCommand({
      Entries: [
        { EventBusName: Resource.Bus.name, Source: sourceOf(type), DetailType: type, Detail: JSON.stringify(detail) },
      ],
    }),
  );
  const [entry] = Entries;
  if (!entry?.EventId) throw new Error(`the bus did not accept ${type}: ${entry?.ErrorCode ?? "no answer"}`);
}

interface Group {
  readonly fingerprint: string;
  readonly type: string;
  readonly message: string;
  readonly endpoint: string;
  readonly severity: string;
  readonly firstRelease: string;
  readonly firstSeen: string;
  readonly alertedAt?: number | undefined;
}

/** A claim older than this belongs to a process that died before it published the alert. */
const claimMs = 60_000;

/** Publishes `error.group_opened` once per group. */
export async function tellOpened(group: Group): Promise<void> {
  const { fingerprint } = group;
  if (group.alertedAt !== undefined || !(await claim(fingerprint))) return;
  const { type, message, endpoint, severity, firstRelease, firstSeen } = group;
  await publish("error.group_opened", `error.group_opened/${fingerprint}/${firstSeen}`, {
    fingerprint,
    type,
    message,
    endpoint,
    severity,
    release: firstRelease,
    firstSeen,
  });
  await ErrorGroupItem().patch({ fingerprint }).set({ alertedAt: Date.now() }).go();
}

/** Publishes groups whose alert was missed, because the bus was unavailable or the process died. */
export async function tellUntold(): Promise<void> {
  const { data } = await ErrorGroupItem().query.all({}).go({ pages: "all" });
  for (const group of data) if (group.alertedAt === undefined) await tellOpened(group);
}

async function claim(fingerprint: string): Promise<boolean> {
  const now = Date.now();
  try {
    await ErrorGroupItem()
      .patch({ fingerprint })
      .set({ claimedAt: now })
      .where(
        (item, { notExists, lt }) =>
          `${notExists(item.alertedAt)} AND (${notExists(item.claimedAt)} OR ${lt(item.claimedAt, now - claimMs)})`,
      )
      .go();
    return true;
  } catch (error) {
    const names = [error, error instanceof Error ? error.cause : undefined].map((each) =>
      each instanceof Error ? each.name : "",
    );
    if (names.includes("ConditionalCheckFailedException")) return false;
    throw error;
  }
}
