import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";
import { bundleProgram, type Program } from "@lectern/local/program";
import { afterAll, beforeAll, test } from "vitest";

// Tests the real program of `npm run operate` against a server that speaks as ECS, CloudWatch Logs, Parameter Store and
// STS.

const place = {
  ...{ cluster: "lectern-production-operator", definition: "lectern-production-operator" },
  ...{ logs: "/lectern/production/operator", subnets: ["subnet-1", "subnet-2"], groups: ["sg-code", "sg-migrator"] },
};
const taskArn = "arn:aws:ecs:us-east-1:123456789012:task/lectern-production-operator/abc123";

interface Call {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: requests of every shape.
  readonly body: any;
}
/** The server's answers by operation. */
type Answers = Record<string, (call: Call, nth: number) => unknown>;

class Refused extends Error {
  constructor(readonly type: string) {
    super(`refused as ${type}`);
  }
}
const ended = (containers: object[], more = {}) => ({
  tasks: [{ taskArn, lastStatus: "STOPPED", containers, ...more }],
});

const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
  <Arn>arn:aws:sts::123456789012:assumed-role/lectern-production-operator/ada@example.test</Arn>
  <UserId>AROA:ada</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

const lines = (...messages: string[]) => messages.map((message, at) => ({ message, timestamp: at }));
const usual: Answers = {
  GetParameter: () => ({ Parameter: { Value: JSON.stringify(place) } }),
  RunTask: () => ({ tasks: [{ taskArn, lastStatus: "PROVISIONING" }], failures: [] }),
  DescribeTasks: (_, nth) =>
    nth < 3 ? { tasks: [{ taskArn, lastStatus: "RUNNING" }] } : ended([{ name: "operator", exitCode: 0 }]),
  // The log is empty first, then has lines, then returns the same token at its end.
  GetLogEvents: ({ body }, nth) => {
    if (nth === 1) throw new Refused("ResourceNotFoundException");
    return body.nextToken === undefined
      ? {
          nextForwardToken: "f/1",
          events: lines('{"level":"info","time":"2025-03-31T10:00:00.000Z","msg":"school moved"}', "it is moved"),
        }
      : { nextForwardToken: body.nextToken, events: [] };
  },
};

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

// The program mostly waits, so the tests run concurrently, each with its own server.
class Stand {
  readonly calls: Call[] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  constructor(readonly answers: Answers) {}

  named(name: string): Call[] {
    return this.calls.filter((each) => each.name === name);
  }

  /** Runs the program against the server, from the bundle or through `npm run operate`. */
  async operate(
    args: readonly string[],
    { from = [bundled.file], during }: { from?: readonly string[]; during?: (child: ChildProcess) => void } = {},
  ): Promise<Ran> {
    if (!this.#server.listening) await once(this.#server.listen(0, "127.0.0.1"), "listening");
    const child = spawn(process.execPath, [...from, ...args], {
      env: {
        ...{ NODE_ENV: "production", PATH: process.env.PATH, HOME: "/nonexistent", ...bundled.env },
        AWS_ENDPOINT_URL: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
        ...{ AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local", AWS_EC2_METADATA_DISABLED: "true" },
      },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const said = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => (said.stdout += chunk));
    child.stderr.on("data", (chunk) => (said.stderr += chunk));
    during?.(child);
    const [code] = await once(child, "close");
    return { code, ...said };
  }

  close(): void {
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const target = request.headers["x-amz-target"];
    const call: Call =
      target === undefined
        ? { name: new URLSearchParams(body).get("Action") ?? "", body: undefined }
        : { name: String(target).split(".").at(-1) ?? "", body: JSON.parse(body) };
    this.calls.push(call);
    if (call.name === "GetCallerIdentity")
      return void response.writeHead(200, { "content-type": "text/xml" }).end(identity);
    try {
      const answer = this.answers[call.name]?.(call, this.named(call.name).length);
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(answer ?? {}));
    } catch (error) {
      const type = error instanceof Refused ? error.type : "InternalFailure";
      response
        .writeHead(400, { "content-type": "application/x-amz-json-1.1" })
        .end(JSON.stringify({ __type: type, message: String(error) }));
    }
  }
}

const script = path.join(import.meta.dirname, "operate.ts");
let bundled: Program;
const stands: Stand[] = [];
beforeAll(async () => {
  bundled = await bundleProgram(script);
}, 60_000);
afterAll(async () => {
  for (const stand of stands) stand.close();
  await bundled.remove();
});

function aStand(): Stand {
  const stand = new Stand({ ...usual });
  stands.push(stand);
  return stand;
}

const move = ["--stage", "production", "--", "school", "move", "harbour", "--cell", "cell-2"];

test.concurrent("starts the command in the stage's place, shows what it says, and ends as it ends", async ({
  expect,
}) => {
  const stand = aStand();
  // The bundle starts faster; one test uses the npm script.
  const { code, stdout, stderr } = await stand.operate(move, { from: ["--import", "tsx", script] });
  const named = (name: string) => stand.named(name);
  expect([code, stdout], stderr).toEqual([0, "it is moved\n"]);
  expect(stderr).toContain("task abc123\n");
  expect(stderr).toContain('"msg":"school moved"');
  expect(named("GetParameter")[0]?.body).toEqual({ Name: "/lectern/production/operator" });
  const { clientToken, ...asked } = named("RunTask")[0]?.body ?? {};
  expect(clientToken).toMatch(/^[\w-]{36}$/);
  expect(asked).toEqual({
    ...{ cluster: place.cluster, taskDefinition: place.definition, count: 1, enableExecuteCommand: false },
    ...{ launchType: "FARGATE", platformVersion: "1.4.0", startedBy: "lectern-production-operator/ada_example_test" },
    networkConfiguration: {
      awsvpcConfiguration: { subnets: place.subnets, securityGroups: place.groups, assignPublicIp: "DISABLED" },
    },
    overrides: {
      containerOverrides: [
        {
          name: "operator",
          command: ["school", "move", "harbour", "--cell", "cell-2"],
          environment: [{ name: "LECTERN_OPERATOR", value: "lectern-production-operator/ada@example.test" }],
        },
      ],
    },
  });
  expect(named("GetLogEvents")[0]?.body).toMatchObject({
    logGroupName: place.logs,
    logStreamName: "command/operator/abc123",
  });
  expect(named("StopTask")).toEqual([]);
});

test.concurrent("a refused command's exit code is its own; one that never ran says why", async ({ expect }) => {
  const stands = { refused: aStand(), unpulled: aStand(), unstarted: aStand() };
  stands.refused.answers.DescribeTasks = () => ended([{ name: "operator", exitCode: 1 }]);
  stands.unpulled.answers.DescribeTasks = () =>
    ended([{ name: "operator", reason: "CannotPullContainerError: no such image" }]);
  stands.unstarted.answers.RunTask = () => ({
    tasks: [],
    failures: [{ reason: "Capacity is unavailable at this time" }],
  });
  const [refused, unpulled, unstarted] = await Promise.all([
    stands.refused.operate(move),
    stands.unpulled.operate(move),
    stands.unstarted.operate(move),
  ]);
  expect(refused.code).toBe(1);
  expect(unpulled.code).toBe(3);
  expect(unpulled.stderr).toContain("did not run: CannotPullContainerError");
  expect([unstarted.code, unstarted.stderr]).toEqual([
    1,
    "✗ No task was started: Capacity is unavailable at this time.\n",
  ]);
});

test.concurrent("a task that was left is watched again", async ({ expect }) => {
  const stand = aStand();
  const { code, stdout } = await stand.operate(["--stage", "production", "--follow", "abc123"]);
  expect([code, stdout, stand.named("RunTask")]).toEqual([0, "it is moved\n", []]);
});

test.concurrent("refuses in one sentence and starts nothing", async ({ expect }) => {
  const stand = aStand();
  const { answers } = stand;
  const refusal = async (...args: string[]) => {
    const { code, stderr } = await stand.operate(args);
    expect(stderr).toMatch(/^✗ [^\n]+\n$/);
    expect(stand.named("RunTask")).toEqual([]);
    return [code, stderr] as const;
  };
  const list = ["--", "school", "list"];
  expect(await refusal("--stage", "pr-12", ...list)).toEqual([1, expect.stringContaining("pr-12 has no place")]);
  expect(await refusal("--stage", "production")).toEqual([2, expect.stringContaining("npm run operate")]);
  expect(await refusal("--stagee", "production", ...list)).toEqual([2, expect.stringContaining("npm run operate")]);
  const erase = ["--", "user", "erase", "leo@example.test", "--school", "harbour", "--yes"];
  expect(await refusal("--stage", "production", ...erase)).toEqual([2, expect.stringContaining("audit trail")]);
  answers.GetParameter = () => {
    throw new Refused("ParameterNotFound");
  };
  expect(await refusal("--stage", "staging", ...list)).toEqual([1, expect.stringContaining("next deployment")]);
  answers.GetParameter = () => {
    throw new Refused("AccessDeniedException");
  };
  expect(await refusal("--stage", "staging", ...list)).toEqual([3, expect.stringContaining("second factor")]);
});

test.concurrent.for([
  ["y", 137, 1, "told to stop"],
  ["n", 0, 0, "Stop the task?"],
  ["q", 130, 0, "--follow abc123"],
] as const)("Ctrl-C asks; %s", async ([answer, code, stopped, says], { expect }) => {
  let isAnswered = false;
  const stand = aStand();
  stand.answers.StopTask = () => ({ task: { taskArn } });
  stand.answers.DescribeTasks = () => {
    if (stand.named("StopTask").length > 0) return ended([{ name: "operator", exitCode: 137 }]);
    return isAnswered && answer === "n"
      ? ended([{ name: "operator", exitCode: 0 }])
      : { tasks: [{ taskArn, lastStatus: "RUNNING" }] };
  };
  const ran = await stand.operate(move, {
    during: (child) => {
      let isAsked = false;
      child.stdout?.once("data", () => child.kill("SIGINT"));
      child.stderr?.on("data", (chunk) => {
        if (isAsked || !String(chunk).includes("Stop the task?")) return;
        isAsked = true;
        child.stdin?.write(`${answer}\n`);
        isAnswered = true;
      });
    },
  });
  expect([ran.code, stand.named("StopTask").length], ran.stderr).toEqual([code, stopped]);
  expect(ran.stderr).toContain(says);
});
