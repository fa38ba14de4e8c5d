import {
  DeleteRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TestEventPatternCommand,
} from "@aws-sdk/client-eventbridge";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as sqs from "../sqs/index.ts";
import { clientOptions, tempDir, until } from "../testing/index.ts";
import { type EventBridge, type FunctionTarget, start } from "./index.ts";

let dir: ReturnType<typeof tempDir>;
let queues: sqs.Sqs;
let bus: EventBridge;
let events: EventBridgeClient;
let messages: SQSClient;
const functions = new Map<string, FunctionTarget>();
const lines: string[] = [];

const startBus = () =>
  start({
    dataDir: dir.path,
    sqsEndpoint: queues.endpoint,
    buses: ["lectern"],
    functions,
    log: (line) => lines.push(line),
  });

beforeEach(async () => {
  dir = tempDir();
  functions.clear();
  lines.length = 0;
  queues = await sqs.start({ dataDir: dir.path });
  bus = await startBus();
  events = new EventBridgeClient(clientOptions(bus.endpoint));
  messages = new SQSClient(clientOptions(queues.endpoint));
});
afterEach(async () => {
  await bus.stop();
  await queues.stop();
  dir.remove();
});

async function rule(name: string, pattern: unknown, target: object) {
  const EventBusName = "lectern";
  await events.send(new PutRuleCommand({ Name: name, EventBusName, EventPattern: JSON.stringify(pattern) }));
  await events.send(new PutTargetsCommand({ Rule: name, EventBusName, Targets: [{ Id: "1", Arn: "", ...target }] }));
}
const entry = (over: object = {}) => ({
  EventBusName: "lectern",
  Source: "lectern.enrollment",
  DetailType: "enrollment.created",
  Detail: JSON.stringify({ id: "evt_1", data: { courseId: "crs_1" } }),
  ...over,
});
const next = (url: string) =>
  until(async () => {
    const { Messages } = await messages.send(
      new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 1, MessageAttributeNames: ["All"] }),
    );
    return Messages?.[0];
  });

describe("PutEvents", () => {
  test("hands the AWS envelope to every queue whose rule matches, and to no other", async () => {
    const wanted = queues.ensureQueue("wanted");
    const other = queues.ensureQueue("other");
    await rule("wanted", { "detail-type": ["enrollment.created"] }, { Arn: wanted.arn });
    await rule("other", { source: [{ prefix: "aws." }] }, { Arn: other.arn });
    const answer = await events.send(new PutEventsCommand({ Entries: [entry({ Resources: ["arn:x"] })] }));
    expect(answer.FailedEntryCount).toBe(0);
    const body = JSON.parse((await next(wanted.url)).Body ?? "");
    expect(body).toMatchObject({
      version: "0",
      id: answer.Entries?.[0]?.EventId,
      "detail-type": "enrollment.created",
      source: "lectern.enrollment",
      account: "000000000000",
      region: "us-east-1",
      resources: ["arn:x"],
      detail: { id: "evt_1", data: { courseId: "crs_1" } },
    });
    expect(body.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const { Messages } = await messages.send(new ReceiveMessageCommand({ QueueUrl: other.url }));
    expect(Messages).toBeUndefined();
  });

  test("answers for each entry and publishes the good ones", async () => {
    const queue = queues.ensureQueue("q");
    await rule("all", { "detail-type": [{ exists: true }] }, { Arn: queue.arn });
    const answer = await events.send(
      new PutEventsCommand({
        Entries: [
          entry({ Detail: "not json" }),
          entry({ Source: undefined }),
          entry({ Source: "aws.ses" }),
          entry({ EventBusName: "nowhere" }),
          entry({ DetailType: "good" }),
        ],
      }),
    );
    expect(answer.FailedEntryCount).toBe(4);
    expect(answer.Entries?.map((each) => each.ErrorCode)).toEqual([
      "MalformedDetail",
      "InvalidArgument",
      "NotAuthorizedForSourceException",
      "InvalidArgument",
      undefined,
    ]);
    expect(JSON.parse((await next(queue.url)).Body ?? "")["detail-type"]).toBe("good");
  });

  test("refuses more than 10 entries, and more than 256 KB", async () => {
    const eleven = Array.from({ length: 11 }, () => entry());
    await expect(events.send(new PutEventsCommand({ Entries: eleven }))).rejects.toMatchObject({
      name: "ValidationException",
    });
    const big = entry({ Detail: JSON.stringify({ text: "x".repeat(256 * 1024) }) });
    await expect(events.send(new PutEventsCommand({ Entries: [big] }))).rejects.toMatchObject({
      name: "ValidationException",
    });
    const fits = entry({ Detail: JSON.stringify({ text: "x".repeat(255 * 1024) }) });
    await expect(events.send(new PutEventsCommand({ Entries: [fits] }))).resolves.toMatchObject({
      FailedEntryCount: 0,
    });
  });

  test("loses nothing when the queues are away and the bus is restarted", async () => {
    const queue = queues.ensureQueue("late");
    await rule("late", { source: ["lectern.enrollment"] }, { Arn: queue.arn });
    const { port } = queues;
    await queues.stop();
    await events.send(new PutEventsCommand({ Entries: [entry()] }));
    await bus.stop();
    queues = await sqs.start({ dataDir: dir.path, port });
    bus = await startBus();
    messages = new SQSClient(clientOptions(queues.endpoint));
    expect(JSON.parse((await next(`${queues.endpoint}/000000000000/late`)).Body ?? "").detail.id).toBe("evt_1");
  });
});

describe("delivery", () => {
  test("to a queue that does not exist ends in the target's dead-letter queue, with the reason", async () => {
    const dead = queues.ensureQueue("dead");
    const gone = "arn:aws:sqs:us-east-1:000000000000:gone";
    await rule("gone", { source: ["lectern.enrollment"] }, { Arn: gone, DeadLetterConfig: { Arn: dead.arn } });
    await events.send(new PutEventsCommand({ Entries: [entry()] }));
    const letter = await next(dead.url);
    expect(letter.MessageAttributes?.ERROR_CODE?.StringValue).toBe("NO_RESOURCE");
    expect(letter.MessageAttributes?.TARGET_ARN?.StringValue).toBe(gone);
    expect(letter.MessageAttributes?.RULE_ARN?.StringValue).toBe(
      "arn:aws:events:us-east-1:000000000000:rule/lectern/gone",
    );
    expect(JSON.parse(letter.Body ?? "").detail.id).toBe("evt_1");
  });

  test("to a function is tried again, then ends in the dead-letter queue", async () => {
    const dead = queues.ensureQueue("dead");
    const arn = "arn:aws:lambda:us-east-1:000000000000:function:fails";
    let calls = 0;
    functions.set(arn, async () => {
      calls++;
      throw new Error("no luck");
    });
    await rule(
      "fails",
      { source: ["lectern.enrollment"] },
      {
        Arn: arn,
        DeadLetterConfig: { Arn: dead.arn },
        RetryPolicy: { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 },
      },
    );
    await events.send(new PutEventsCommand({ Entries: [entry()] }));
    const letter = await next(dead.url);
    expect(calls).toBe(2);
    expect(letter.MessageAttributes?.ERROR_MESSAGE?.StringValue).toBe("no luck");
    expect(letter.MessageAttributes?.EXHAUSTED_RETRY_CONDITION?.StringValue).toBe("MaximumRetryAttempts");
  });

  test("without a dead-letter queue says so in the log", async () => {
    await rule("gone", { source: ["lectern.enrollment"] }, { Arn: "arn:aws:sqs:us-east-1:000000000000:gone" });
    await events.send(new PutEventsCommand({ Entries: [entry()] }));
    expect(await until(() => lines.find((line) => line.includes("NO_RESOURCE")))).toContain("rule gone");
  });

  test("of what AWS itself publishes arrives on the default bus", async () => {
    const queue = queues.ensureQueue("ses");
    const pattern = JSON.stringify({ source: ["aws.ses"], detail: { mail: { tags: { eventId: ["e1"] } } } });
    await events.send(new PutRuleCommand({ Name: "ses", EventPattern: pattern }));
    await events.send(new PutTargetsCommand({ Rule: "ses", Targets: [{ Id: "1", Arn: queue.arn }] }));
    bus.publishFromAws("aws.ses", "Email Sent", { mail: { tags: { eventId: ["e1"] } } });
    expect(JSON.parse((await next(queue.url)).Body ?? "")["detail-type"]).toBe("Email Sent");
  });
});

describe("rules", () => {
  test("refuse bad patterns, and are listed, changed and deleted", async () => {
    const put = (EventPattern: string) =>
      events.send(new PutRuleCommand({ Name: "r", EventBusName: "lectern", EventPattern }));
    await expect(put('{"source":"x"}')).rejects.toMatchObject({ name: "InvalidEventPatternException" });
    await put('{"source":["x"]}');
    await put('{"source":["y"]}');
    const { Rules } = await events.send(new ListRulesCommand({ EventBusName: "lectern" }));
    expect(Rules).toMatchObject([{ Name: "r", EventPattern: '{"source":["y"]}', State: "ENABLED" }]);
    const arn = queues.ensureQueue("q").arn;
    await events.send(new PutTargetsCommand({ Rule: "r", EventBusName: "lectern", Targets: [{ Id: "1", Arn: arn }] }));
    const remove = () => events.send(new DeleteRuleCommand({ Name: "r", EventBusName: "lectern" }));
    await expect(remove()).rejects.toMatchObject({ name: "ValidationException" });
    await events.send(new RemoveTargetsCommand({ Rule: "r", EventBusName: "lectern", Ids: ["1"] }));
    await remove();
    expect((await events.send(new ListRulesCommand({ EventBusName: "lectern" }))).Rules).toEqual([]);
    await expect(
      events.send(new PutTargetsCommand({ Rule: "r", EventBusName: "lectern", Targets: [{ Id: "1", Arn: arn }] })),
    ).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("can be tried without being made", async () => {
    const Event = JSON.stringify({
      id: "1",
      account: "1",
      source: "lectern.course",
      time: "2026-01-01T00:00:00Z",
      region: "us-east-1",
      resources: [],
      "detail-type": "course.published",
    });
    const ask = (pattern: unknown) =>
      events.send(new TestEventPatternCommand({ Event, EventPattern: JSON.stringify(pattern) }));
    expect((await ask({ source: [{ suffix: "course" }] })).Result).toBe(true);
    expect((await ask({ source: [{ "anything-but": { prefix: "lectern" } }] })).Result).toBe(false);
    await expect(ask({ source: [{ like: "x" }] })).rejects.toMatchObject({ name: "InvalidEventPatternException" });
  });
});
