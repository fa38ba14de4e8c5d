// The worker: runs the relay when it is called, feeds queues to the reactions, runs the crons, and keeps ready schools. A
// process of its own, started and watched by the supervisor.
import { existsSync } from "node:fs";
import { inRepository } from "../cloud/paths.ts";
import { names, queueUrl, type Resources } from "../cloud/resources.ts";
import { consume, context, every, type QueueHandler, type ScheduleHandler } from "../lambda/index.ts";
import { awsJson } from "../util/aws-json.ts";
import { isRecord } from "../util/files.ts";
import { messageOf } from "../util/part.ts";

interface Reaction {
  name: string;
  /** Lectern's own bus, or the default one, where AWS services publish. */
  bus: "lectern" | "default";
  source?: string;
  /** Event types (detail-type). */
  on: readonly string[];
  handler: QueueHandler;
}
/** The queue of work in schools, which no rule feeds. */
interface Work {
  name: string;
  handler: QueueHandler;
}
interface Cron {
  name: string;
  everyMs: number;
  handler: ScheduleHandler;
}

// Reactions retry after 2, 8, 32, 128 and then 300 seconds, about half an hour in total.
const maxReceiveCount = 10;
const visibilitySeconds = 30;
/** Schools worked in at a time: a slow one delays no other. */
const schoolsAtOnce = 4;

const resources: Resources = JSON.parse(process.env.SST_RESOURCES_JSON ?? "{}");
const { endpoints } = resources.LocalCloud;
const say = (message: Record<string, unknown>) => process.send?.(message);
const log = (line: string) => {
  console.error(line);
  say({ type: "log", line: `worker: ${line}` });
};
const stops: (() => Promise<void>)[] = [];
let stopping = false;

process.on("disconnect", () => void stop(2000)); // the supervisor exited
process.on("SIGTERM", () => void stop(4000));
process.on("SIGINT", () => {});
process.on("unhandledRejection", (error) => {
  log(`an ignored promise failed: ${messageOf(error)}`);
  process.exit(1);
});

async function stop(withinMs: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(0), withinMs).unref();
  await Promise.allSettled(stops.map((each) => each()));
  process.exit(0);
}

/** Returns a module of packages/functions; undefined when it does not exist. */
async function load(path: string): Promise<Record<string, unknown> | undefined> {
  const file = inRepository("packages", "functions", "src", path);
  if (!existsSync(file)) return undefined;
  const module: unknown = await import(file);
  return isRecord(module) || typeof module === "object" ? (module as Record<string, unknown>) : undefined;
}

async function main(): Promise<void> {
  const [reactionsModule, relayModule, cronModule, workModule] = await Promise.all([
    load("event/reactions.ts"),
    load("cron/jobs/relay.ts"),
    load("cron/index.ts"),
    load("work/queue.ts"),
  ]);
  const reactions = (reactionsModule?.reactions ?? []) as readonly Reaction[];
  const work = workModule?.schoolWork as Work | undefined;
  const queues = [...reactions, ...(work ? [work] : [])].map(({ name }) => name);
  for (const name of queues) resources.Queues.urls[name] = queueUrl(endpoints.sqs, name);
  process.env.SST_RESOURCES_JSON = JSON.stringify(resources);
  say({ type: "queues", names: queues });

  for (const reaction of reactions) {
    const url = await connect(reaction);
    stops.push(
      consume({ endpoint: endpoints.sqs, queueUrl: url, name: reaction.name, handler: reaction.handler, log }),
    );
  }
  if (work) {
    const { name, handler } = work;
    await createQueues(name);
    const source = { endpoint: endpoints.sqs, queueUrl: queueUrl(endpoints.sqs, name), name, handler, log };
    for (let at = 0; at < schoolsAtOnce; at += 1) stops.push(consume({ ...source, batchSize: 1 }));
  }
  await forgetOthers(reactions);
  const { Ops } = await import("@lectern/functions/ops");
  stops.push(Ops.gatherHere());
  const relay = relayModule?.handler;
  if (typeof relay === "function") stops.push(called(names.relay, relay as ScheduleHandler));
  const hasSchedules = !process.argv.includes("--no-schedules");
  if (hasSchedules) {
    for (const cron of (cronModule?.crons ?? []) as readonly Cron[]) {
      stops.push(every(cron.everyMs, cron.name, cron.handler, log));
    }
  }
  say({ type: "ready" });
  void refill();
  if (hasSchedules) void publishLeft(cronModule?.crons as readonly Cron[] | undefined);
}

/** Runs the relay's schedule once: a worker that was killed has left events, and a developer waits for no full minute. */
async function publishLeft(crons: readonly Cron[] = []): Promise<void> {
  try {
    await crons.find(({ name }) => name === "relay")?.handler({}, context("relay"));
  } catch (error) {
    log(`relay: ${messageOf(error)}`);
  }
}

const queueArn = (queue: string) => `arn:aws:sqs:us-east-1:000000000000:${queue}`;

/** A queue and its dead letters. */
async function createQueues(name: string): Promise<void> {
  const create = (QueueName: string, Attributes: Record<string, string>) =>
    awsJson(endpoints.sqs, "AmazonSQS.CreateQueue", { QueueName }).then(() =>
      awsJson(endpoints.sqs, "AmazonSQS.SetQueueAttributes", {
        QueueUrl: `${endpoints.sqs}/000000000000/${QueueName}`,
        Attributes,
      }),
    );
  const deadLetters = names.deadLetters(name);
  await create(deadLetters, { MessageRetentionPeriod: "1209600" });
  await create(names.queue(name), {
    VisibilityTimeout: String(visibilitySeconds),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(deadLetters), maxReceiveCount }),
  });
}

async function connect(reaction: Reaction): Promise<string> {
  await createQueues(reaction.name);
  const EventBusName = reaction.bus === "default" ? "default" : names.bus;
  const rule = { EventBusName, Name: reaction.name };
  await awsJson(endpoints.eventbridge, "AWSEvents.PutRule", {
    ...rule,
    EventPattern: JSON.stringify({ "detail-type": reaction.on, ...(reaction.source && { source: [reaction.source] }) }),
  });
  await awsJson(endpoints.eventbridge, "AWSEvents.PutTargets", {
    EventBusName,
    Rule: reaction.name,
    Targets: [
      {
        Id: "queue",
        Arn: queueArn(names.queue(reaction.name)),
        DeadLetterConfig: { Arn: queueArn(names.deadLetters(reaction.name)) },
      },
    ],
  });
  return queueUrl(endpoints.sqs, reaction.name);
}

/** Removes the rules of deleted reactions, so that no queue fills up unread. */
async function forgetOthers(reactions: readonly Reaction[]): Promise<void> {
  const known = new Set(reactions.map((reaction) => reaction.name));
  const { Rules } = await awsJson(endpoints.eventbridge, "AWSEvents.ListRules", { EventBusName: names.bus });
  for (const rule of Array.isArray(Rules) ? Rules : []) {
    const name = isRecord(rule) ? String(rule.Name) : "";
    if (known.has(name)) continue;
    const target = { EventBusName: names.bus, Rule: name, Ids: ["queue"] };
    await awsJson(endpoints.eventbridge, "AWSEvents.RemoveTargets", target);
    await awsJson(endpoints.eventbridge, "AWSEvents.DeleteRule", { EventBusName: names.bus, Name: name });
  }
}

/** Runs a function at each asynchronous call, as Lambda does: several at once, and what fails is logged. */
function called(arn: string, handler: ScheduleHandler): () => Promise<void> {
  const running = new Set<Promise<void>>();
  const run = async (event: unknown) => {
    try {
      await handler(event, context(arn));
    } catch (error) {
      log(`${arn}: ${messageOf(error)}`);
    }
  };
  process.on("message", (message) => {
    if (stopping || !isRecord(message) || message.type !== "invoke" || message.arn !== arn) return;
    const call = run(message.event).finally(() => running.delete(call));
    running.add(call);
  });
  return async () => void (await Promise.all(running));
}

/** Keeps schools ready, so that opening one takes a second. */
async function refill(): Promise<void> {
  try {
    const { Provision } = await import("@lectern/tenants/provision");
    await Provision.refill();
  } catch (error) {
    log(`ready schools: ${messageOf(error)}`);
  }
}

try {
  await main();
} catch (error) {
  console.error(error);
  say({ type: "failed", reason: messageOf(error) });
  setTimeout(() => process.exit(1), 50); // flush the message first
}
