import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import type { Route } from "@lectern/core/kernel/actor";
import { Aws } from "@lectern/core/kernel/aws";
import { Db } from "@lectern/core/kernel/db";
import { Dynamo } from "@lectern/core/kernel/dynamo";
import { defineEvent, OutboxItem } from "@lectern/core/kernel/event";
import { bundleProgram, type Program } from "@lectern/local/program";
import { clientOptions } from "@lectern/local/testing";
import { Catalog } from "@lectern/tenants/catalog";
import { aSchool, asSystem } from "@lectern/tenants/testing";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { Envelope } from "./envelope.ts";
import { drain } from "./relay.ts";
import { observeSteps } from "./steps.ts";
import { ownCloud } from "./testing/own-cloud.ts";

// Several relays at once, each a process: the schedule's and those that commits call. What the bus got is compared with
// what was committed.

const Stepped = defineEvent("test.stepped", z.object({ aggregate: z.string(), step: z.number() }));

let cloud: Awaited<ReturnType<typeof ownCloud>>;
let program: Program;
let queueUrl: string;
let school: Route;
const relays = new Set<ChildProcess>();

beforeAll(async () => {
  cloud = await ownCloud();
  program = await bundleProgram(join(import.meta.dirname, "testing", "relays.ts"));
  queueUrl = await listen();
  school = await aSchool();
}, 240_000);
afterEach(() => {
  observeSteps(undefined);
  for (const relay of relays) relay.kill("SIGKILL");
  relays.clear();
});
afterAll(async () => {
  await Promise.all([Db.close(), Catalog.close()]);
  await cloud.stop();
  await program.remove();
});

/** A queue of everything the bus gets of these events. */
async function listen(): Promise<string> {
  const { QueueUrl = "" } = await Aws.sqs().send(new CreateQueueCommand({ QueueName: "seen" }));
  const bus = new EventBridgeClient(clientOptions(cloud.resources.LocalCloud.endpoints.eventbridge));
  const rule = { EventBusName: cloud.resources.Bus.name, Name: "seen" };
  await bus.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ "detail-type": [Stepped.type] }) }));
  const Targets = [{ Id: "queue", Arn: "arn:aws:sqs:us-east-1:000000000000:seen" }];
  await bus.send(new PutTargetsCommand({ EventBusName: rule.EventBusName, Rule: rule.Name, Targets }));
  return QueueUrl;
}

interface Seen {
  readonly id: string;
  readonly aggregate: string;
  readonly step: number;
}
const seen: Seen[] = [];

/** Takes what has come into `seen`, in the order in which the bus got it. */
async function look(): Promise<readonly Seen[]> {
  for (;;) {
    const { Messages = [] } = await Aws.sqs().send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return seen;
    for (const { Body = "" } of Messages) {
      const { id, data } = Envelope.parse(JSON.parse(Body).detail);
      seen.push({ id, ...Stepped.schema.parse(data) });
    }
    const Entries = Messages.map(({ ReceiptHandle = "" }, i) => ({ Id: String(i), ReceiptHandle }));
    await Aws.sqs().send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

async function startRelay(): Promise<ChildProcess> {
  const relay = fork(program.file, [], {
    execArgv: [],
    env: {
      ...process.env,
      ...program.env,
      SST_RESOURCES_JSON: JSON.stringify(cloud.resources),
      LECTERN_LOG: "silent",
    },
  });
  relays.add(relay);
  await once(relay, "message");
  return relay;
}

const names = ["a", "b", "c"];
const stores = ["Postgres", "DynamoDB"];

/**
 * Commits steps of some aggregates one after the other, in either store, until it has done `least` of each and may end.
 * Returns how many there are of each.
 */
const commit = (run: string, least: number, mayEnd = () => true): Promise<Record<string, number[]>> =>
  asSystem(school, async () => {
    const all = names.map(async (name) => {
      let step = 0;
      for (; step < least || !mayEnd(); step += 1) {
        await Stepped.emit({ aggregate: `${run} ${name} Postgres`, step });
        await Dynamo.transact([Dynamo.put(Stepped.item({ aggregate: `${run} ${name} DynamoDB`, step }))]);
      }
      return stores.map((store) => [`${run} ${name} ${store}`, Array.from({ length: step }, (_, i) => i)] as const);
    });
    return Object.fromEntries((await Promise.all(all)).flat());
  });

const of = (run: string, all: readonly Seen[]) => all.filter(({ aggregate }) => aggregate.startsWith(`${run} `));
const stepsOf = (all: readonly Seen[]) =>
  Object.fromEntries(
    [...Map.groupBy(all, ({ aggregate }) => aggregate)].map(([key, each]) => [key, each.map(({ step }) => step)]),
  );
const firsts = (all: readonly Seen[]) => all.filter(({ id }, i) => all.findIndex((each) => each.id === id) === i);
const count = (steps: Record<string, number[]>) => Object.values(steps).flat().length;

const overlapping = "relays that overlap publish each event once and each aggregate's events in order";
test(overlapping, { timeout: 300_000 }, async () => {
  await Promise.all([startRelay(), startRelay(), startRelay()]);
  const committed = await commit("overlap", 25);
  await emptied();
  const all = () => look().then((seen) => of("overlap", seen));
  await expect.poll(async () => (await all()).length, { timeout: 60_000 }).toBeGreaterThanOrEqual(count(committed));
  expect(stepsOf(await all())).toEqual(committed);
});

const killed = "relays killed at work lose no event and keep the order; only the page of a dead one repeats";
test(killed, { timeout: 600_000 }, async () => {
  const kills = 3;
  const running = await Promise.all([startRelay(), startRelay(), startRelay()]);
  let isKilling = true;
  const committing = commit("killed", 10, () => !isKilling);
  const all = () => look().then((seen) => of("killed", seen));
  for (let kill = 0; kill < kills; kill += 1) {
    const before = (await all()).length;
    await expect.poll(async () => (await all()).length, { timeout: 60_000 }).toBeGreaterThan(before);
    running[kill % running.length]?.kill("SIGKILL");
    running[kill % running.length] = await startRelay();
  }
  isKilling = false;
  const committed = await committing;
  await emptied();
  await expect.poll(async () => firsts(await all()).length, { timeout: 60_000 }).toBe(count(committed));
  expect(stepsOf(firsts(await all()))).toEqual(committed);
  // A dead relay had at most 100 events of each outbox at work.
  expect((await all()).length - count(committed)).toBeLessThanOrEqual(kills * 200);
});

test("an event that another relay has published meanwhile is not published again", async () => {
  await asSystem(school, () => Dynamo.transact([Dynamo.put(Stepped.item({ aggregate: "gone x", step: 0 }))]));
  const { data } = await OutboxItem.asPlatform(school.table).scan.go({ pages: "all" });
  const left = data.filter(({ type }) => type === Stepped.type);
  expect(left).toHaveLength(1);
  // The index may show an item for a moment after the relay before has deleted it from the table.
  observeSteps(async (step) => {
    if (step !== "relay: read") return;
    observeSteps(undefined);
    const [item] = left;
    if (item) await OutboxItem.asPlatform(school.table).delete(item).go();
  });
  await drain();
  await asSystem(school, () => Stepped.emit({ aggregate: "after x", step: 0 }));
  await drain();
  await expect.poll(async () => of("after", await look()).length).toBe(1);
  expect(of("gone", seen)).toEqual([]);
});

/** Nothing is left in either outbox. */
async function emptied(): Promise<void> {
  await expect
    .poll(
      async () => {
        const [row] = await Catalog.use(school.cell, (tx) =>
          tx.execute<{ n: number }>(sql`select count(*)::int as n from bus.outbox`),
        );
        const { data } = await OutboxItem.asPlatform(school.table).scan.go({ pages: "all" });
        return (row?.n ?? 0) + data.length;
      },
      { timeout: 60_000 },
    )
    .toBe(0);
}
