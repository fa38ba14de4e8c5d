import { createId } from "@lectern/core/kernel/id";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  type Answered,
  type Asked,
  type AwsServer,
  asDeployed,
  awsServer,
} from "../../../../core/src/kernel/aws/testing/aws-server.ts";
import { pointOf, points } from "./point.ts";
import { runFor } from "./task.ts";

// A server that imitates EFS's and ECS's records of access points and task definitions, with a limit of three.

interface KeptPoint {
  readonly id: string;
  readonly token: string;
  readonly path: string;
  readonly tags: { Key: string; Value: string }[];
}
let server: AwsServer;
let kept: KeptPoint[] = [];
let definitions: { arn: string; family: string; isActive: boolean; body: Record<string, unknown> }[] = [];
let runs: Record<string, unknown>[] = [];
const limit = 3;
const template = "arn:aws:ecs:eu-central-1:123456789012:task-definition/lectern-production-workspace-job:7";

const json = (body: object, status = 200, type = ""): Answered => ({
  status,
  headers: { "content-type": "application/json", ...(type && { "x-amzn-errortype": type }) },
  body: JSON.stringify(body),
});

function efs({ method, url, body }: Asked): Answered {
  const { pathname, searchParams } = new URL(url, "http://efs");
  const [, , what, id = ""] = pathname.split("/");
  const input = body ? JSON.parse(body) : {};
  if (what === "resource-tags") {
    const point = kept.find((each) => each.id === id);
    for (const { Key, Value } of input.Tags) {
      const tag = point?.tags.find((each) => each.Key === Key);
      if (tag) tag.Value = Value;
    }
    return json({});
  }
  if (method === "POST") {
    const there = kept.find(({ token }) => token === input.ClientToken);
    if (there)
      return json({ ErrorCode: "AccessPointAlreadyExists", AccessPointId: there.id }, 409, "AccessPointAlreadyExists");
    if (kept.length >= limit) return json({ ErrorCode: "AccessPointLimitExceeded" }, 403, "AccessPointLimitExceeded");
    const made = {
      id: `fsap-${kept.length}${Math.random().toString(16).slice(2, 10)}`,
      token: input.ClientToken,
      path: input.RootDirectory.Path,
      tags: input.Tags,
    };
    kept.push(made);
    return json({ AccessPointId: made.id, LifeCycleState: "creating" });
  }
  if (method === "DELETE") {
    kept = kept.filter((each) => each.id !== id);
    return json({});
  }
  const one = searchParams.get("AccessPointId");
  const found = kept.filter((each) => one === null || each.id === one);
  return json({
    AccessPoints: found.map((each) => ({ AccessPointId: each.id, LifeCycleState: "available", Tags: each.tags })),
  });
}

const ofTemplate = {
  taskDefinitionArn: template,
  containerDefinitions: [{ name: "job", image: "images:1", environment: [{ name: "A", value: "1" }] }],
  volumes: [
    {
      name: "drive",
      efsVolumeConfiguration: {
        fileSystemId: "fs-1",
        transitEncryption: "ENABLED",
        authorizationConfig: { accessPointId: "fsap-service", iam: "ENABLED" },
      },
    },
    { name: "tmp" },
  ],
  cpu: "1024",
  memory: "4096",
  taskRoleArn: "arn:job",
  executionRoleArn: "arn:execution",
};
let image = "images:1";

function ecs(target: string, input: Record<string, unknown>): Answered {
  switch (target.split(".").at(-1)) {
    case "DescribeTaskDefinition": {
      const name = String(input.taskDefinition);
      if (name === template)
        return json({
          taskDefinition: { ...ofTemplate, containerDefinitions: [{ ...ofTemplate.containerDefinitions[0], image }] },
        });
      const found = definitions.filter(({ family, isActive }) => isActive && family === name).at(-1);
      if (!found) return json({ __type: "ClientException", message: "Unable to describe task definition." }, 400);
      return json({ taskDefinition: { ...found.body, taskDefinitionArn: found.arn } });
    }
    case "RegisterTaskDefinition": {
      const family = String(input.family);
      const arn = `arn:aws:ecs:eu-central-1:123456789012:task-definition/${family}:${definitions.length + 1}`;
      definitions.push({ arn, family, isActive: true, body: input });
      return json({ taskDefinition: { taskDefinitionArn: arn } });
    }
    case "DeregisterTaskDefinition":
      for (const each of definitions) if (each.arn === input.taskDefinition) each.isActive = false;
      return json({});
    default:
      runs.push(input);
      return json({ tasks: [{ taskArn: "arn:task" }], failures: [] });
  }
}

const before = { ...process.env };
const jobs = {
  cluster: "arn:cluster",
  template,
  container: "job",
  fileSystemId: "fs-1",
  subnets: ["subnet-1"],
  groups: ["sg-1"],
};

beforeAll(async () => {
  server = await awsServer((asked) => {
    const target = String(asked.headers["x-amz-target"] ?? "");
    return target ? ecs(target, JSON.parse(asked.body)) : efs(asked);
  });
  process.env.LECTERN_JOBS = "1";
  asDeployed(server, { Jobs: jobs });
});
afterAll(async () => {
  Object.assign(process.env, before);
  await server.close();
});
beforeEach(() => {
  [kept, definitions, runs, image] = [[], [], [], "images:1"];
});
const tagged = (schoolId: string, used: string, id = `fsap-${schoolId.slice(-8)}`): KeptPoint => ({
  ...{ id, token: schoolId, path: `/schools/${schoolId}` },
  tags: [
    { Key: "school", Value: schoolId },
    { Key: "used", Value: used },
  ],
});

test("a school's access point is created once, has its own folder as root, and is reused", async () => {
  const schoolId = createId("school");
  const both = await Promise.all([pointOf("fs-1", schoolId), pointOf("fs-1", schoolId)]);
  expect(new Set(both).size).toBe(1);
  expect(kept).toMatchObject([{ path: `/schools/${schoolId}` }]);
  expect(await pointOf("fs-1", schoolId)).toBe(both[0]);
  for (const foreign of ["", "..", "sch_x", "../schools", `${schoolId}/..`])
    await expect(pointOf("fs-1", foreign)).rejects.toThrow(/not the id/);
  expect(kept).toHaveLength(1);
});

test("at the limit, the least recently used point is deleted, and none that may be in use", async () => {
  const [old, older, busy] = [createId("school"), createId("school"), createId("school")];
  const today = new Date().toISOString().slice(0, 10);
  kept = [tagged(old, "2025-05-02"), tagged(older, "2025-05-01"), tagged(busy, today)];
  const next = createId("school");
  await pointOf("fs-1", next);
  expect(kept.map(({ token }) => token).sort()).toEqual([busy, next].sort());
  kept = [busy, createId("school"), createId("school")].map((each) => tagged(each, today));
  await expect(pointOf("fs-1", createId("school"))).rejects.toMatchObject({ code: "drive.full" });
  expect(kept).toHaveLength(3);
});

test("the service's own point belongs to no school", async () => {
  kept = [{ id: "fsap-service", token: "x", path: "/schools", tags: [{ Key: "Name", Value: "service" }] }];
  const found = [];
  for await (const each of points("fs-1")) found.push(each);
  expect(found).toEqual([]);
});

test("work runs in its own task: the template with the school's access point", async () => {
  const schoolId = createId("school");
  const run = () => runFor(schoolId, { command: ["node", "server.mjs", "import"], token: "imp_1" });
  await run();
  const [point] = kept;
  expect(definitions).toHaveLength(1);
  expect(definitions[0]?.body).toMatchObject({
    family: `lectern-production-workspace-job-${schoolId}`,
    volumes: [
      {
        efsVolumeConfiguration: {
          fileSystemId: "fs-1",
          transitEncryption: "ENABLED",
          authorizationConfig: { accessPointId: point?.id, iam: "ENABLED" },
        },
      },
      { name: "tmp" },
    ],
    taskRoleArn: "arn:job",
    tags: [{ key: "school", value: schoolId }],
  });
  expect(runs).toMatchObject([
    {
      cluster: "arn:cluster",
      taskDefinition: definitions[0]?.arn,
      clientToken: "imp_1",
      networkConfiguration: { awsvpcConfiguration: { assignPublicIp: "DISABLED", subnets: ["subnet-1"] } },
      overrides: { containerOverrides: [{ name: "job", command: ["node", "server.mjs", "import"] }] },
    },
  ]);
  // The same release reuses its definition. A new release registers one and removes the old.
  await run();
  expect(definitions).toHaveLength(1);
  image = "images:2";
  await run();
  expect(definitions.map(({ isActive }) => isActive)).toEqual([false, true]);
  // Another school's task uses another access point.
  await runFor(createId("school"), { command: [], token: "imp_2" });
  expect(JSON.stringify(definitions.at(-1)?.body)).not.toContain(point?.id);
});
