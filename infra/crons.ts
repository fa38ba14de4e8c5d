import { type CronName, cronList } from "../packages/functions/src/cron/crons.list.ts";
import { workQueue } from "../packages/functions/src/work/queue.list.ts";
import { makesTenants } from "./domains.ts";
import { type FunctionSpec, makeFunction, type Use } from "./functions.ts";
import { keys } from "./keys.ts";
import { admit, allDeadLetters, deadLetters, feeds, handsOut, publishes, queues, reads } from "./messaging.ts";
import { secretsLink } from "./secrets.ts";
import { stageOf } from "./stage.ts";
import { itemsFor, keyThrough, uses } from "./uses.ts";

// One function per schedule. The next run repeats a failed run's work; calls that could not start go to a dead-letter
// queue with an alarm.

const stage = stageOf($app.stage);

const inSchools: Use[] = [uses.directory, uses.schools, uses.database];

interface Spec extends Partial<Pick<FunctionSpec, "timeout" | "memory" | "network" | "copyFiles" | "environment">> {
  readonly does: string;
  readonly uses: readonly Use[];
  /** Minutes past midnight UTC; spread over the night. */
  readonly at?: number;
}

const specs: Record<CronName, Spec> = {
  relay: {
    does: "Publishes what is in the outboxes",
    timeout: "50 seconds",
    uses: [uses.directory, uses.catalog, uses.outboxes, publishes],
  },
  dispatch: {
    does: "Queues work in schools, one message each: timers that are due, and rounds",
    timeout: "50 seconds",
    uses: [uses.directory, uses.timers, itemsFor("rounds"), handsOut],
  },
  unpark: {
    does: "Sends events of reopened schools back to their queues",
    timeout: "50 seconds",
    uses: [uses.directory, uses.schools, uses.outboxes, feeds],
  },
  refill: {
    does: "Keeps ready schools",
    timeout: "4 minutes",
    network: "direct",
    uses: [uses.directory, secretsLink("DatabaseProvisionerPassword")],
    copyFiles: [{ from: "migrations", to: "migrations" }],
    environment: { LECTERN_MIGRATIONS: "/var/task/migrations" },
  },
  "performance-report": {
    does: "Yesterday's response times against those of a week",
    timeout: "5 minutes",
    at: 10,
    uses: [uses.ops, publishes],
  },
  "advance-domains": {
    does: "Moves schools' own domains on, and takes down what was let go",
    timeout: "100 seconds",
    uses: [...inSchools, uses.platform, uses.nudges, itemsFor("domains", "hosts"), makesTenants],
  },
  "tell-errors": {
    does: "Tells of kinds of error that were opened while the bus was away",
    uses: [uses.ops, publishes],
  },
  // Every quarter of an hour until every school has its daily dump.
  "dump-schools": {
    does: "Dumps every school once a day into the locked bucket",
    timeout: "14 minutes",
    memory: "1024 MB",
    uses: [...inSchools, uses.catalog, uses.dumps],
  },
  // It erases schools, which only this schedule and operators may do.
  "sweep-openings": {
    does: "Erases what openings have claimed and nobody went on with",
    timeout: "14 minutes",
    at: 330,
    network: "direct",
    uses: [
      ...inSchools,
      uses.platform,
      uses.catalog,
      uses.directoryWrites,
      uses.erasures,
      secretsLink("DatabaseProvisionerPassword"),
    ],
  },
};

const pascal = (text: string) => text.replaceAll(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());

function schedule(everyMinutes: number, at: number): `rate(${string})` | `cron(${string})` {
  if (everyMinutes === 1440) return `cron(${at % 60} ${Math.floor(at / 60)} * * ? *)`;
  return `rate(${everyMinutes} ${everyMinutes === 1 ? "minute" : "minutes"})`;
}

const missed = deadLetters("schedules", "DeadSchedules");
admit("DeadSchedulesPolicy", missed, []);
allDeadLetters.push({ name: "schedules", queue: missed });
const leavesCalls: Use = {
  permissions: [
    { actions: ["sqs:SendMessage"], resources: [missed.arn] },
    keyThrough(keys.messaging, "sqs", "kms:Decrypt", "kms:GenerateDataKey"),
  ],
};

for (const { name, everyMinutes } of cronList) {
  const { does, at = 0, uses: used, ...spec } = specs[name];
  const title = `Cron${pascal(name)}`;
  const made = makeFunction(title, {
    timeout: "1 minute",
    memory: "512 MB",
    ...spec,
    handler: `packages/functions/src/cron/jobs/${name}.handler`,
    description: does,
    uses: [...used, leavesCalls],
  });
  // Asynchronous calls: without this, Lambda retries a failed run twice.
  new aws.lambda.FunctionEventInvokeConfig(`${title}Calls`, {
    functionName: made.live.functionName,
    qualifier: made.live.name,
    maximumRetryAttempts: 0,
    maximumEventAgeInSeconds: 3600,
    destinationConfig: { onFailure: { destination: missed.arn } },
  });
  new sst.aws.CronV2(`${title}Schedule`, {
    function: made.live.arn,
    schedule: schedule(everyMinutes, at),
    retries: 2,
    dlq: missed.arn,
    transform: {
      role: (args) => {
        args.inlinePolicies = [{ name: "inline", policy: callsAndLeaves(made.live.arn) }];
      },
    },
  });
}

// Work that the dispatcher sends. One message at a time, so a slow or failing school delays no other.
const { queue: schoolWork, timeoutSeconds } = queues[workQueue];
const worker = makeFunction("SchoolWork", {
  handler: "packages/functions/src/work/queue.handler",
  description: "Works in one school at a time: timers and visits",
  timeout: `${timeoutSeconds} seconds`,
  uses: [...inSchools, uses.nudges, itemsFor("rounds"), reads(workQueue)],
});
new aws.lambda.EventSourceMapping("SchoolWorkSource", {
  eventSourceArn: schoolWork.arn,
  functionName: worker.live.arn,
  batchSize: 1,
  functionResponseTypes: ["ReportBatchItemFailures"],
  scalingConfig: { maximumConcurrency: stage.concurrency.reaction },
});

/** Lets the scheduler call one function and put failed calls into an encrypted dead-letter queue. */
function callsAndLeaves(functionArn: $util.Output<string>): $util.Output<string> {
  return aws.iam.getPolicyDocumentOutput({
    statements: [
      { actions: ["lambda:InvokeFunction"], resources: [functionArn] },
      ...(leavesCalls.permissions ?? []).map(({ actions, resources, conditions }) => ({
        actions,
        resources,
        conditions,
      })),
    ],
  }).json;
}
