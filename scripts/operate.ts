// npm run operate: runs an operator's command on a stage in its own ECS task (infra/operator.ts), prints its output and
// exits with its code.
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeTasksCommand, ECSClient, RunTaskCommand, StopTaskCommand, type Task } from "@aws-sdk/client-ecs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { onAws } from "@lectern/core/kernel/aws/client";
import { stageOf } from "../infra/stage.ts";

const container = "operator";
const usage = "npm run operate -- --stage <stage> -- <command>, such as: -- school move riverside --cell cell-2";

class Refusal extends Error {
  constructor(
    message: string,
    readonly code = 1,
  ) {
    super(message);
  }
}

interface Asked {
  readonly stage: string;
  readonly words: readonly string[];
  /** Follows a task that was started earlier. */
  readonly follow: string | undefined;
}

/** The parameter that infra/operator.ts writes. */
interface Place {
  readonly cluster: string;
  readonly definition: string;
  readonly logs: string;
  readonly subnets: string[];
  readonly groups: string[];
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

function asked(argv: readonly string[]): Asked {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { stage: { type: "string" }, follow: { type: "string" } },
    allowPositionals: true,
  });
  const { stage, follow } = values;
  if (!stage || (positionals.length === 0 && !follow)) throw new Refusal(usage, 2);
  if (!stageOf(stage).standing)
    throw new Refusal(`Stage ${stage} has no place for operators' commands: production and staging have one.`);
  // CloudTrail records a task's command line, which cannot be deleted, so addresses are refused.
  if (positionals.some((word) => word.includes("@")))
    throw new Refusal("An address would stand in the audit trail for years: name the person by their id.", 2);
  return { stage, words: positionals, follow };
}

async function placeOf(stage: string, region: string): Promise<Place> {
  try {
    const { Parameter } = await new SSMClient({ ...onAws(10_000), region }).send(
      new GetParameterCommand({ Name: `/lectern/${stage}/operator` }),
    );
    return JSON.parse(Parameter?.Value ?? "");
  } catch (error) {
    if (!(error instanceof Error && error.name === "ParameterNotFound")) throw error;
    throw new Refusal(`Stage ${stage} has no place for operators' commands: it comes with its next deployment.`);
  }
}

async function start(ecs: ECSClient, place: Place, words: readonly string[], region: string): Promise<string> {
  const { Arn = "" } = await new STSClient({ ...onAws(10_000), region }).send(new GetCallerIdentityCommand({}));
  const operator = (Arn.split(":").at(-1) ?? "").replace(/^(assumed-role|user)\//, "");
  const { tasks = [], failures = [] } = await ecs.send(
    new RunTaskCommand({
      cluster: place.cluster,
      taskDefinition: place.definition,
      launchType: "FARGATE",
      platformVersion: "1.4.0",
      count: 1,
      clientToken: randomUUID(),
      enableExecuteCommand: false,
      startedBy: operator.replaceAll(/[^\w/-]/g, "_").slice(0, 128),
      networkConfiguration: {
        awsvpcConfiguration: { subnets: place.subnets, securityGroups: place.groups, assignPublicIp: "DISABLED" },
      },
      overrides: {
        containerOverrides: [
          { name: container, command: [...words], environment: [{ name: "LECTERN_OPERATOR", value: operator }] },
        ],
      },
    }),
  );
  const id = tasks[0]?.taskArn?.split("/").at(-1);
  if (!id) throw new Refusal(`No task was started: ${failures.map(({ reason }) => reason).join() || "no reason"}.`);
  return id;
}

/** Prints a task's output until it ends. */
async function follow(ecs: ECSClient, place: Place, id: string, region: string): Promise<Task> {
  const read = reader(place.logs, `command/${container}/${id}`, region);
  for (;;) {
    const { tasks: [task] = [] } = await ecs.send(new DescribeTasksCommand({ cluster: place.cluster, tasks: [id] }));
    if (!task)
      throw new Refusal(`There is no task ${id}; what it said stays in the group ${place.logs} for three days.`);
    await read();
    if (task.lastStatus !== "STOPPED") {
      await sleep(1_000);
      continue;
    }
    // The last lines may arrive after the task's end.
    for (let quiet = 0; quiet < 3; ) {
      await sleep(1_000);
      quiet = (await read()) ? 0 : quiet + 1;
    }
    return task;
  }
}

/** Prints new lines, the command's own on stdout and its log on stderr; returns whether there were any. */
function reader(logGroupName: string, logStreamName: string, region: string): () => Promise<boolean> {
  const logs = new CloudWatchLogsClient({ ...onAws(10_000), region });
  let nextToken: string | undefined;
  return async () => {
    let isAny = false;
    for (;;) {
      const page = await logs
        .send(
          new GetLogEventsCommand({
            logGroupName,
            logStreamName,
            startFromHead: true,
            ...(nextToken && { nextToken }),
          }),
        )
        .catch((error: unknown) => {
          // The log stream does not exist before the first line.
          if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
          throw error;
        });
      for (const { message = "" } of page?.events ?? []) {
        isAny = true;
        (/^\{"level":"\w+","time":/.test(message) ? process.stderr : process.stdout).write(`${message}\n`);
      }
      // At the end of the log the token stays the same.
      if (!page || page.nextForwardToken === nextToken) return isAny;
      nextToken = page.nextForwardToken;
    }
  };
}

function askOnInterrupt(ecs: ECSClient, cluster: string, id: string, again: string): void {
  let isAsking = false;
  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    lines.on("SIGINT", () => lines.close());
    const answer = await lines.question("Stop the task? y: stop it, q: leave it alone and go, n: watch on. [n] ");
    lines.close();
    isAsking = false;
    if (answer.trim() === "q") {
      say(`It goes on. To watch it again: ${again}`);
      process.exit(130);
    }
    if (answer.trim() !== "y") return;
    await ecs.send(new StopTaskCommand({ cluster, task: id, reason: "stopped by its operator" }));
    say("It is told to stop. What was cut short is gone on with by the same command.");
  };
  process.on("SIGINT", () => void ask().catch(fail));
}

const denied = /AccessDenied|ExpiredToken|InvalidClientToken|UnrecognizedClient|CredentialsProvider|Signature/;

function fail(error: unknown): never {
  const isUsage = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  if (isUsage) say(`✗ ${usage}`);
  else if (error instanceof Error && denied.test(error.name))
    say(
      `✗ AWS refuses this (${error.name}): take on the stage's role "operator" with your second factor, docs/runbook.md.`,
    );
  else say(`✗ ${error instanceof Error ? error.message : String(error)}`);
  process.exit(error instanceof Refusal ? error.code : isUsage ? 2 : 3);
}

async function operate(): Promise<number> {
  const { stage, words, follow: begun } = asked(process.argv.slice(2));
  const { region } = stageOf(stage);
  const place = await placeOf(stage, region);
  const ecs = new ECSClient({ ...onAws(10_000), region });
  const id = begun ?? (await start(ecs, place, words, region));
  say(`task ${id}`);
  askOnInterrupt(ecs, place.cluster, id, `npm run operate -- --stage ${stage} --follow ${id}`);
  const { containers = [], stoppedReason } = await follow(ecs, place, id, region);
  const { exitCode, reason } = containers.find(({ name }) => name === container) ?? {};
  if (exitCode === undefined)
    throw new Refusal(`The command did not run: ${reason ?? stoppedReason ?? "no reason"}.`, 3);
  return exitCode;
}

await operate().then((code) => process.exit(code), fail);
