import { Aws } from "@lectern/core/kernel/aws";
import { Resource } from "sst";
import type { WorkMessage } from "./message.ts";
import { workQueue } from "./queue.list.ts";

/** SendMessageBatch takes so many, and so many calls run at once. */
const perCall = 10;
const callsAtOnce = 8;

/**
 * Puts every message into the queue `school-work`, or throws. The school is the message group: SQS then serves the other
 * schools first while one of them has a backlog (fair queues).
 */
export async function sendWork(messages: readonly WorkMessage[]): Promise<void> {
  const calls = Array.from({ length: Math.ceil(messages.length / perCall) }, (_, i) =>
    messages.slice(i * perCall, (i + 1) * perCall),
  );
  for (let at = 0; at < calls.length; at += callsAtOnce) await Promise.all(calls.slice(at, at + callsAtOnce).map(send));
}

async function send(messages: readonly WorkMessage[]): Promise<void> {
  const { SendMessageBatchCommand } = await import("../event/queue-commands.ts");
  const { Failed = [] } = await Aws.sqs().send(
    new SendMessageBatchCommand({
      QueueUrl: Resource.Queues.urls[workQueue],
      Entries: messages.map((message, at) => ({
        Id: String(at),
        MessageBody: JSON.stringify(message),
        MessageGroupId: message.schoolId,
      })),
    }),
  );
  if (Failed.length > 0) throw new Error(`${Failed.length} messages were not taken: ${Failed[0]?.Message}`);
}
