import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { consume, type QueueEvent } from "../lambda/index.ts";
import { clientOptions, tempDir, until } from "../testing/index.ts";
import { type Sqs, start } from "./index.ts";

let dir: ReturnType<typeof tempDir>;
let server: Sqs;
let sqs: SQSClient;

async function restart() {
  await server?.stop();
  server = await start({ dataDir: dir.path });
  sqs = new SQSClient(clientOptions(server.endpoint));
}
beforeEach(async () => {
  dir = tempDir();
  await restart();
});
afterEach(async () => {
  await server.stop();
  dir.remove();
});

const receive = async (QueueUrl: string, over: object = {}) => {
  const answer = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All"], ...over }),
  );
  return answer.Messages ?? [];
};
function queueWithDlq(maxReceiveCount: number, VisibilityTimeout = "30") {
  const dead = server.ensureQueue("work-dlq");
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount });
  return { queue: server.ensureQueue("work", { VisibilityTimeout, RedrivePolicy }), dead };
}

test("messages, receive counts and attributes survive a restart on another port", async () => {
  const { queue } = queueWithDlq(5);
  await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: "one" }));
  const [first] = await receive(queue.url);
  await sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: queue.url,
      ReceiptHandle: first?.ReceiptHandle,
      VisibilityTimeout: 0,
    }),
  );
  await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: "two" }));
  await restart();
  const url = `${server.endpoint}/000000000000/work`;
  const found = await receive(url);
  expect(found.map((each) => [each.Body, each.Attributes?.ApproximateReceiveCount]).sort()).toEqual([
    ["one", "2"],
    ["two", "1"],
  ]);
  for (const { ReceiptHandle } of found) await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
  await restart();
  expect(await receive(`${server.endpoint}/000000000000/work`)).toEqual([]);
});

test("what a dead consumer held is given to the next one", async () => {
  const queue = server.ensureQueue("held", { VisibilityTimeout: "600" });
  await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: "x" }));
  expect(await receive(queue.url)).toHaveLength(1);
  expect(await receive(queue.url)).toHaveLength(0);
  server.releaseInFlight();
  expect(await receive(queue.url)).toHaveLength(1);
});

test("a function gets batches; messages it reports as failed return, and finally move to the dead-letter queue", async () => {
  const { queue, dead } = queueWithDlq(2, "1");
  const bodies = ["good-1", "bad", "good-2"];
  await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: queue.url,
      Entries: bodies.map((MessageBody, at) => ({ Id: `${at}`, MessageBody })),
    }),
  );
  const seen: string[] = [];
  const stop = consume({
    endpoint: server.endpoint,
    queueUrl: queue.url,
    name: "test",
    waitSeconds: 1,
    handler: async ({ Records }: QueueEvent) => {
      seen.push(...Records.map((record) => record.body));
      expect(Records[0]).toMatchObject({ eventSource: "aws:sqs", eventSourceARN: queue.arn, awsRegion: "us-east-1" });
      return {
        batchItemFailures: Records.filter(({ body }) => body === "bad").map(({ messageId }) => ({
          itemIdentifier: messageId,
        })),
      };
    },
  });
  const letter = await until(async () => (await receive(dead.url))[0], 30_000);
  await stop();
  expect(letter.Body).toBe("bad");
  expect(seen.sort()).toEqual(["bad", "bad", "good-1", "good-2"]);
}, 40_000);

test("a function that throws gets the whole batch again", async () => {
  const queue = server.ensureQueue("throws", { VisibilityTimeout: "30" });
  await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: "x" }));
  let calls = 0;
  const lines: string[] = [];
  const stop = consume({
    endpoint: server.endpoint,
    queueUrl: queue.url,
    name: "flaky",
    waitSeconds: 1,
    log: (line) => lines.push(line),
    handler: async () => {
      calls++;
      if (calls === 1) throw new Error("first time");
    },
  });
  await until(() => (calls === 2 ? true : undefined));
  await stop();
  expect(lines).toEqual(["flaky failed: first time"]);
  await restart();
  expect(await receive(`${server.endpoint}/000000000000/throws`)).toEqual([]);
});
