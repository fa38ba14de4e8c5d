import { type EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { Aws } from "@lectern/core/kernel/aws";
import { Resource } from "sst";
import { workQueue } from "../../work/queue.list.ts";
import type { Reaction } from "../consumer.ts";
import { reactions } from "../reactions.ts";

// What infrastructure does on AWS and the worker does locally, small enough for a test to cut it anywhere: a queue and a
// rule for each reaction, and handing messages to their handlers.

const visibilitySeconds = 2;

/** Makes queue and rule of every reaction, and the queue of work in schools; answers the addresses for `Resource.Queues`. */
export async function connectAll(
  eventbridge: EventBridgeClient,
  sqs: ReturnType<typeof Aws.sqs>,
  bus: string,
): Promise<Record<string, string>> {
  const urls: Record<string, string> = {};
  for (const name of [...reactions.map((reaction) => reaction.name), workQueue]) {
    const { QueueUrl = "" } = await sqs.send(
      new CreateQueueCommand({
        QueueName: `test-${name}`,
        Attributes: { VisibilityTimeout: String(visibilitySeconds) },
      }),
    );
    urls[name] = QueueUrl;
  }
  for (const reaction of reactions) {
    const EventBusName = reaction.bus === "default" ? "default" : bus;
    await eventbridge.send(
      new PutRuleCommand({
        EventBusName,
        Name: reaction.name,
        EventPattern: JSON.stringify({
          "detail-type": reaction.on,
          ...(reaction.source && { source: [reaction.source] }),
        }),
      }),
    );
    const Arn = `arn:aws:sqs:us-east-1:000000000000:test-${reaction.name}`;
    await eventbridge.send(
      new PutTargetsCommand({ EventBusName, Rule: reaction.name, Targets: [{ Id: "queue", Arn }] }),
    );
  }
  return urls;
}

/** Takes what is in one queue and hands it to the reaction; answers how many messages it took. */
export async function pump(
  reaction: Pick<Reaction, "name" | "handler">,
  { waitSeconds = 0, atOnce = 10 } = {},
): Promise<number> {
  const QueueUrl = Resource.Queues.urls[reaction.name];
  const { Messages = [] } = await Aws.sqs().send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: atOnce,
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ["All"],
    }),
  );
  if (Messages.length === 0) return 0;
  const Records = Messages.map(({ MessageId = "", ReceiptHandle = "", Body = "", Attributes = {} }) => ({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes,
  }));
  const { batchItemFailures } = await reaction.handler({ Records });
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const done = Records.filter(({ messageId }) => !failed.has(messageId));
  if (done.length > 0) {
    await Aws.sqs().send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: done.map(({ receiptHandle }, i) => ({ Id: String(i), ReceiptHandle: receiptHandle })),
      }),
    );
  }
  return Records.length;
}

/** Messages in this queue, those in flight and those postponed included. */
export async function depth(name: string): Promise<number> {
  const { Attributes = {} } = await Aws.sqs().send(
    new GetQueueAttributesCommand({
      QueueUrl: Resource.Queues.urls[name],
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  return Object.values(Attributes).reduce((sum, value) => sum + Number(value), 0);
}
