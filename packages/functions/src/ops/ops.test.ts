import { gzipSync } from "node:zlib";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ScanCommand, type ScanCommandOutput } from "@aws-sdk/lib-dynamodb";
import { Ops } from "@lectern/core/house/ops";
import { Aws } from "@lectern/core/kernel/aws";
import { createId } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { School } from "@lectern/tenants/school";
import { aSchool, asUser } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { expect, test, vi } from "vitest";
import { createApp } from "../api/app.ts";
import { Api } from "../api/index.ts";
import { hostOf } from "../api/testing/caller.ts";
import { gatherHere } from "./index.ts";
import { handler } from "./logs.ts";

const unique = () => `Planted${createId("run").slice(4)}Error`;

/** Returns a log line as our processes write it. */
const line = (type: string, more: Record<string, unknown> = {}) =>
  JSON.stringify({
    level: "error",
    time: new Date().toISOString(),
    release: "r1",
    endpoint: "GET /courses/:courseSlug",
    requestId: createId("request"),
    err: { type, message: "the row 17 is odd", stack: `${type}: x\n    at odd (/srv/packages/core/src/odd.ts:1:1)` },
    msg: "page failed",
    ...more,
  });

/** Returns a delivery as CloudWatch makes it. */
const delivered = (messages: readonly string[], id = createId("run"), messageType = "DATA_MESSAGE") => ({
  awslogs: {
    data: gzipSync(
      JSON.stringify({
        messageType,
        owner: "123456789012",
        logGroup: "/aws/lambda/lectern-api",
        logStream: "2025/03/31/[$LATEST]abc",
        subscriptionFilters: ["errors"],
        logEvents: messages.map((message, i) => ({ id: `${id}${i}`, timestamp: Date.now(), message })),
      }),
    ).toString("base64"),
  },
});

const groupOf = async (type: string) => (await Ops.errors({ limit: 1_000 })).filter((group) => group.type === type);

test("errors become groups: first and last seen, how often, at which schools, in which release", async () => {
  const type = unique();
  const [one, other] = await Promise.all([aSchool(), aSchool()]);
  const early = new Date(Date.now() - 60_000).toISOString();
  const first = await handler(
    delivered([
      line(type, { schoolId: one.schoolId, time: early }),
      line(type, { schoolId: one.schoolId }),
      "not JSON at all",
      JSON.stringify({ level: "info", msg: "request" }),
      "{}",
    ]),
  );
  expect(first).toMatchObject({ errors: 2 });
  const late = line(type, {
    schoolId: other.schoolId,
    release: "r2",
    err: { type, message: "the row 99 is odd", stack: `${type}: x\n    at odd (/srv/packages/core/src/odd.ts:7:1)` },
  });
  await handler(delivered([late, line(type)]));
  const groups = await groupOf(type);
  expect(groups).toEqual([
    {
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      type,
      message: "the row <n> is odd",
      frame: "odd packages/core/src/odd.ts",
      endpoint: "GET /courses/:courseSlug",
      severity: "error",
      count: 4,
      firstSeen: early,
      lastSeen: expect.any(String),
      firstRelease: "r1",
      lastRelease: "r1",
      lastRequestId: expect.stringMatching(/^req_/),
      schoolCount: 2,
      schoolIds: expect.arrayContaining([one.schoolId, other.schoolId]),
    },
  ]);
});

test("a repeated delivery counts once, and a control message does not count", async () => {
  const type = unique();
  const event = delivered([line(type)]);
  expect(await handler(event)).toMatchObject({ errors: 1, opened: [expect.any(String)] });
  expect(await handler(event)).toMatchObject({ errors: 0, opened: [] });
  expect((await groupOf(type))[0]?.count).toBe(1);
  expect(await handler(delivered(["CWL CONTROL MESSAGE"], "c", "CONTROL_MESSAGE"))).toBeUndefined();
});

test("a hundred concurrent errors are all counted in one group with one alert; the next raises none", async () => {
  const type = unique();
  const heard = await listen("error.group_opened");
  const school = await aSchool();
  const results = await Promise.all(
    Array.from({ length: 20 }, () =>
      handler(delivered(Array.from({ length: 5 }, () => line(type, { schoolId: school.schoolId })))),
    ),
  );
  expect(results.flatMap((each) => each?.opened ?? [])).toHaveLength(1);
  const [group] = await groupOf(type);
  expect(group).toMatchObject({ count: 100, schoolCount: 1 });
  await handler(delivered([line(type)]));
  const told = (await heard()).filter(({ detail }) => detail.data.type === type);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({
    source: "lectern.error",
    detail: {
      type: "error.group_opened",
      version: 1,
      data: { fingerprint: group?.fingerprint, type, severity: "error", release: "r1", message: "the row <n> is odd" },
    },
  });
  // Alerts contain no school's name or id.
  expect(JSON.stringify(told)).not.toContain(school.schoolId);
}, 30_000);

test("a failed alert is sent later, once", async () => {
  const type = unique();
  const heard = await listen("error.group_opened");
  const send = vi.spyOn(Aws.eventbridge(), "send").mockRejectedValueOnce(new Error("the bus is away"));
  expect(await handler(delivered([line(type)]))).toMatchObject({ errors: 1 });
  send.mockRestore();
  await Ops.tellUntold();
  expect((await heard()).filter(({ detail }) => detail.data.type === type)).toHaveLength(0);
  // The claim lasts a minute.
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 61_000);
  await Promise.all([Ops.tellUntold(), Ops.tellUntold()]);
  vi.restoreAllMocks();
  expect((await heard()).filter(({ detail }) => detail.data.type === type)).toHaveLength(1);
});

test("fatal errors and crashed functions are critical", async () => {
  const [fatal, died] = [unique(), unique()];
  await handler(
    delivered([
      line(fatal, { level: "fatal" }),
      JSON.stringify({
        timestamp: new Date().toISOString(),
        level: "ERROR",
        requestId: "1",
        message: { errorType: died, errorMessage: "out of memory", stackTrace: [] },
      }),
    ]),
  );
  expect((await groupOf(fatal))[0]?.severity).toBe("critical");
  expect((await groupOf(died))[0]?.severity).toBe("critical");
});

test("a school sees its own errors and slow routes, no other school's, and no error messages", async () => {
  const type = unique();
  const [mine, theirs] = await Promise.all([aSchool(), aSchool()]);
  const slow = (schoolId: string, ms: number) =>
    JSON.stringify({
      level: "warn",
      time: new Date().toISOString(),
      endpoint: "GET /slow",
      schoolId,
      ms,
      msg: "slow request",
    });
  await handler(
    delivered([
      line(type, { schoolId: mine.schoolId }),
      line(type, { schoolId: theirs.schoolId, endpoint: "POST /theirs" }),
      line(type, { schoolId: theirs.schoolId, endpoint: "POST /theirs" }),
      slow(mine.schoolId, 1_500),
      slow(mine.schoolId, 2_500),
      slow(theirs.schoolId, 9_000),
    ]),
  );
  const health = await asUser(mine, { roles: ["admin"] }, () => Ops.health());
  expect(health.days).toHaveLength(7);
  expect(health.days.at(-1)).toEqual({ day: new Date().toISOString().slice(0, 10), errors: 1 });
  expect(health.trouble).toEqual([
    {
      reference: expect.any(String),
      endpoint: "GET /courses/:courseSlug",
      count: 1,
      lastSeen: expect.any(String),
      requestId: expect.stringMatching(/^req_/),
    },
  ]);
  expect(health.slow).toEqual([{ endpoint: "GET /slow", count: 2, meanMs: 2_000, lastSeen: expect.any(String) }]);
  expect(JSON.stringify(health)).not.toMatch(/odd|theirs|Planted/i);
  for (const role of ["learner", "instructor", "billing"] as const)
    await expect(asUser(mine, { roles: [role] }, () => Ops.health())).rejects.toMatchObject({ kind: "forbidden" });
});

test("a removed school leaves no trace in any group, even from late lines", async () => {
  const type = unique();
  const school = await aSchool();
  await handler(delivered([line(type, { schoolId: school.schoolId })]));
  expect(await itemsWith(school.schoolId)).not.toEqual([]);
  await School.remove({ slug: school.slug });
  await handler(delivered([line(type, { schoolId: school.schoolId })]));
  expect(await itemsWith(school.schoolId)).toEqual([]);
  expect((await groupOf(type))[0]).toMatchObject({ count: 2, schoolIds: [] });
}, 30_000);

test("response times become daily histograms; the nightly run compares a day with the week before and reports regressions", async () => {
  const heard = await listen("performance.regressed");
  const [slower, steady] = [`GET /planted/${createId("run").slice(-6)}a`, `GET /planted/${createId("run").slice(-6)}b`];
  // Days that no other test writes to.
  const now = Date.parse("2031-05-20T00:20:00Z") + Math.floor(Math.random() * 300) * 86_400_000;
  const dayMs = 86_400_000;
  const times = (endpoint: string, at: number, ms: number) =>
    JSON.stringify({
      _aws: { Timestamp: at, CloudWatchMetrics: [] },
      endpoint,
      ResponseTime: Array.from({ length: 60 }, () => ms),
    });
  const lines = [2, 3, 4].flatMap((day) => [
    times(slower, now - day * dayMs, 200),
    times(steady, now - day * dayMs, 200),
  ]);
  await handler(delivered([...lines, times(slower, now - dayMs, 600), times(steady, now - dayMs, 210)]));
  // Outside the compared week: older, or today.
  await handler(delivered([times(slower, now - 9 * dayMs, 5_000), times(slower, now, 5_000)]));
  const report = await Ops.analyse(now);
  expect(report.routes.map(({ endpoint }) => endpoint)).toEqual([slower, steady]);
  expect(report.routes[0]).toMatchObject({ requests: 60, weekRequests: 180, isRegression: true });
  expect(report.routes[0]?.p95).toBeGreaterThan(560);
  expect(report.routes[0]?.weekP95).toBeLessThan(215);
  expect(report.routes[1]).toMatchObject({ isRegression: false });
  expect(await Ops.lastReport()).toEqual(report);
  await Ops.analyse(now);
  const told = (await heard()).filter(({ detail }) => detail.data.day === report.day);
  expect(new Set(told.map(({ detail }) => detail.id)).size).toBe(1);
  expect(told[0]?.detail.data.routes).toEqual([
    { endpoint: slower, p95: report.routes[0]?.p95, weekP95: report.routes[0]?.weekP95 },
  ]);
});

test("on a local stage the process gathers its own lines: a bug in the API becomes a group", async () => {
  const type = unique();
  const school = await aSchool();
  const [some] = Api.endpoints.filter(({ name }) => name === "GET /school");
  if (!some) throw new Error("there is no such route");
  const planted = Object.assign(new Error("planted at row 12"), { name: type });
  const app = createApp([{ ...some, run: () => Promise.reject(planted) }]);
  const level = log.level;
  log.level = "error";
  const stop = gatherHere();
  const host = hostOf(school);
  const answer = await app.request(`http://${host}/api/v1/school`, { headers: { host } });
  await stop();
  log.level = level;
  expect(answer.status).toBe(500);
  const [group] = await groupOf(type);
  expect(group).toMatchObject({
    type,
    message: "planted at row <n>",
    endpoint: "GET /api/v1/school",
    count: 1,
    schoolIds: [school.schoolId],
    lastRequestId: answer.headers.get("x-request-id"),
  });
});

/** Returns the keys of every item in the global table that names the id. */
async function itemsWith(id: string): Promise<string[]> {
  const found: string[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page: ScanCommandOutput = await Aws.dynamodb().send(
      new ScanCommand({ TableName: Resource.DirectoryTable.name, ConsistentRead: true, ExclusiveStartKey: from }),
    );
    for (const item of page.Items ?? []) if (JSON.stringify(item).includes(id)) found.push(`${item.pk} ${item.sk}`);
    from = page.LastEvaluatedKey;
  } while (from);
  return found.filter((key) => key.startsWith("$ops"));
}

interface Heard {
  readonly source: string;
  // biome-ignore lint/suspicious/noExplicitAny: events of every shape.
  readonly detail: any;
}

/** Subscribes a queue to the bus, like the operators' topics. Returns a function that reads all received events. */
async function listen(detailType: string): Promise<() => Promise<Heard[]>> {
  const { endpoints } = Resource.LocalCloud ?? {};
  if (!endpoints) throw new Error("tests run on a local stage only");
  const as = (endpoint: string) => ({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local-secret" },
  });
  const name = `ops-${createId("run").slice(-12)}`;
  const sqs = new SQSClient(as(endpoints.sqs));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const bus = new EventBridgeClient(as(endpoints.eventbridge));
  const about = { EventBusName: Resource.Bus.name };
  await bus.send(
    new PutRuleCommand({ ...about, Name: name, EventPattern: JSON.stringify({ "detail-type": [detailType] }) }),
  );
  await bus.send(
    new PutTargetsCommand({
      ...about,
      Rule: name,
      Targets: [{ Id: "queue", Arn: `arn:aws:sqs:us-east-1:000000000000:${name}` }],
    }),
  );
  return async () => {
    const heard: Heard[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      if (Messages.length === 0) return heard;
      for (const { Body = "", ReceiptHandle } of Messages) {
        heard.push(JSON.parse(Body));
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  };
}
