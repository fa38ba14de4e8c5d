import { awsJson } from "../util/aws-json.ts";
import { isRecord } from "../util/files.ts";
import { messageOf, sleep } from "../util/part.ts";
import { context, type LambdaContext } from "./context.ts";

export interface QueueRecord {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, string>;
  messageAttributes: Record<string, unknown>;
  md5OfBody: string;
  eventSource: "aws:sqs";
  eventSourceARN: string;
  awsRegion: string;
}
export interface QueueEvent {
  Records: QueueRecord[];
}

/**
 * A queue's function. The queue redelivers the messages in `batchItemFailures`, or the whole batch when the function
 * throws.
 */
export type QueueHandler = (event: QueueEvent, context: LambdaContext) => Promise<unknown> | unknown;

export interface QueueSourceOptions {
  endpoint: string;
  queueUrl: string;
  name: string;
  handler: QueueHandler;
  batchSize?: number;
  waitSeconds?: number;
  log?: (line: string) => void;
}

const longestRetrySeconds = 30;

/**
 * Feeds a queue to a function as Lambda's event source mapping does: long polling, batches, partial batch failures.
 * Failed messages return after their visibility timeout, which the function may change. When the function throws, all
 * return after 1, 2, 4... seconds by receive count (AWS waits the whole visibility timeout). After `maxReceiveCount` a
 * message moves to the dead-letter queue.
 * @returns stops it after the current batch
 */
export function consume(options: QueueSourceOptions): () => Promise<void> {
  const stop = new AbortController();
  const work = (async () => {
    while (!stop.signal.aborted) {
      try {
        await once(options, stop.signal);
      } catch (error) {
        if (stop.signal.aborted) return;
        options.log?.(`${options.name}: the queue does not answer: ${messageOf(error)}`);
        await sleep(500);
      }
    }
  })();
  return async () => {
    stop.abort();
    await work;
  };
}

async function once(options: QueueSourceOptions, signal: AbortSignal): Promise<void> {
  const { endpoint, queueUrl, name, handler, log } = options;
  const { Messages } = await awsJson(
    endpoint,
    "AmazonSQS.ReceiveMessage",
    {
      QueueUrl: queueUrl,
      MaxNumberOfMessages: options.batchSize ?? 10,
      WaitTimeSeconds: options.waitSeconds ?? 20,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    },
    signal,
  );
  const records = (Array.isArray(Messages) ? Messages : [])
    .filter(isRecord)
    .map((message) => toRecord(message, queueUrl));
  if (records.length === 0) return;
  let threw = false;
  const failed = await failures(
    records,
    () => handler({ Records: records }, context(name)),
    (error) => {
      threw = true;
      log?.(`${name} failed: ${messageOf(error)}`);
    },
  );
  const done = records.filter((record) => !failed.has(record.messageId));
  if (done.length > 0) {
    await awsJson(endpoint, "AmazonSQS.DeleteMessageBatch", {
      QueueUrl: queueUrl,
      Entries: done.map(({ receiptHandle }, at) => ({ Id: String(at), ReceiptHandle: receiptHandle })),
    });
  }
  if (!threw) return;
  for (const { receiptHandle, attributes } of records) {
    const received = Number(attributes.ApproximateReceiveCount ?? 1);
    await awsJson(endpoint, "AmazonSQS.ChangeMessageVisibility", {
      QueueUrl: queueUrl,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: Math.min(2 ** (received - 1), longestRetrySeconds),
    });
  }
}

/** Returns the ids of failed messages. As on AWS, an unknown id means that the whole batch failed. */
async function failures(
  records: readonly QueueRecord[],
  call: () => unknown,
  failed: (error: unknown) => void,
): Promise<Set<string>> {
  const all = new Set(records.map((record) => record.messageId));
  try {
    const answer: unknown = await call();
    const items: unknown[] =
      isRecord(answer) && Array.isArray(answer.batchItemFailures) ? answer.batchItemFailures : [];
    const named = items.map((item) => (isRecord(item) ? String(item.itemIdentifier) : ""));
    return named.every((id) => all.has(id)) ? new Set(named) : all;
  } catch (error) {
    failed(error);
    return all;
  }
}

function toRecord(message: Record<string, unknown>, queueUrl: string): QueueRecord {
  const attributes = isRecord(message.Attributes) ? message.Attributes : {};
  const messageAttributes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(isRecord(message.MessageAttributes) ? message.MessageAttributes : {})) {
    if (isRecord(value)) {
      messageAttributes[name] = {
        dataType: value.DataType,
        stringValue: value.StringValue,
        binaryValue: value.BinaryValue,
      };
    }
  }
  return {
    messageId: String(message.MessageId),
    receiptHandle: String(message.ReceiptHandle),
    body: String(message.Body),
    attributes: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)])),
    messageAttributes,
    md5OfBody: String(message.MD5OfBody),
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queueUrl.split("/").at(-1)}`,
    awsRegion: "us-east-1",
  };
}
