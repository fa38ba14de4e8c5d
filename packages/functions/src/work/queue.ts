import { batch } from "../event/consumer.ts";
import type { SqsBatchResponse, SqsEvent, SqsRecord } from "../event/sqs.ts";
import { runDue } from "./due.ts";
import { WorkMessage } from "./message.ts";
import { maxReceives, workQueue } from "./queue.list.ts";
import { visitSchool } from "./visits.ts";

/**
 * The one queue of work in schools. Deployed, a function takes one message at a time, so a school that is slow or kills its
 * worker delays no other.
 */
export const schoolWork: {
  readonly name: string;
  readonly handler: (event: SqsEvent) => Promise<SqsBatchResponse>;
} = { name: workQueue, handler: batch(workQueue, work) };
export const { handler } = schoolWork;

async function work({ body, attributes }: SqsRecord): Promise<void> {
  const message = WorkMessage.parse(JSON.parse(body));
  if (message.type === "visit") return visitSchool(message);
  return runDue(message, Number(attributes?.ApproximateReceiveCount ?? 1) >= maxReceives);
}
