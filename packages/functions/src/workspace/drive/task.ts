import {
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  type TaskDefinition,
} from "@aws-sdk/client-ecs";
import { onAws } from "@lectern/core/kernel/aws/client";
import { log } from "@lectern/core/kernel/log";
import { Resource } from "sst";
import { pointOf } from "./point.ts";

// Runs work for one school in a separate ECS task. A running task cannot mount anything, and RunTask cannot choose an
// access point: the task definition does. So each school has a definition, a copy of the stage's template with the
// school's access point (docs/adr/0013).

let made: ECSClient | undefined;
const client = (): ECSClient => {
  made ??= new ECSClient(onAws(10_000));
  return made;
};

/** Returns the stage's task settings; undefined where it runs none. A missing resource throws. */
export const jobs = (): Jobs | undefined => (process.env.LECTERN_JOBS === "1" ? Resource.Jobs : undefined);

/** Starts a program of the workspace's image on the school's folder. The same token starts only one task. */
export async function runFor(
  schoolId: string,
  program: { readonly command: readonly string[]; readonly token: string },
): Promise<string> {
  const of = jobs();
  if (!of) throw new Error("this stage runs no tasks");
  const pointId = await pointOf(of.fileSystemId, schoolId);
  const { tasks = [], failures = [] } = await client().send(
    new RunTaskCommand({
      cluster: of.cluster,
      taskDefinition: await definitionOf(of, schoolId, pointId),
      launchType: "FARGATE",
      platformVersion: "1.4.0",
      count: 1,
      clientToken: program.token,
      startedBy: schoolId,
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: [...of.subnets],
          securityGroups: [...of.groups],
          assignPublicIp: "DISABLED",
        },
      },
      overrides: { containerOverrides: [{ name: of.container, command: [...program.command] }] },
    }),
  );
  const [task] = tasks;
  if (!task?.taskArn)
    throw new Error(`no task was started: ${failures.map(({ reason }) => reason).join() || "no reason"}`);
  log.info({ schoolId, task: task.taskArn }, "task started");
  return task.taskArn;
}

type Jobs = NonNullable<Resource["Jobs"]>;

export const familyOf = (template: string, schoolId: string): string =>
  `${template.replace(/:\d+$/, "").split("/").at(-1)}-${schoolId}`;

/** Returns the school's task definition, made from this release's template and the school's access point. */
async function definitionOf(jobs: Jobs, schoolId: string, pointId: string): Promise<string> {
  const family = familyOf(jobs.template, schoolId);
  const [template, known] = await Promise.all([describe(jobs.template), describe(family)]);
  if (!template) throw new Error(`the template ${jobs.template} is gone`);
  const wanted = {
    containerDefinitions: template.containerDefinitions,
    volumes: (template.volumes ?? []).map((volume) =>
      volume.efsVolumeConfiguration
        ? {
            ...volume,
            efsVolumeConfiguration: {
              ...volume.efsVolumeConfiguration,
              transitEncryption: "ENABLED" as const,
              authorizationConfig: { accessPointId: pointId, iam: "ENABLED" as const },
            },
          }
        : volume,
    ),
  };
  const same =
    known && JSON.stringify([known.containerDefinitions, known.volumes]) === JSON.stringify(Object.values(wanted));
  if (same && known.taskDefinitionArn) return known.taskDefinitionArn;
  const { cpu, memory, runtimePlatform, executionRoleArn, taskRoleArn } = template;
  const { taskDefinition } = await client().send(
    new RegisterTaskDefinitionCommand({
      ...{ family, ...wanted, cpu, memory, runtimePlatform, executionRoleArn, taskRoleArn },
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      tags: [{ key: "school", value: schoolId }],
    }),
  );
  if (known?.taskDefinitionArn) await deregister(known.taskDefinitionArn);
  return taskDefinition?.taskDefinitionArn ?? family;
}

/** Deregisters a school's definition; returns undefined if there is none. */
export async function forget(template: string, schoolId: string): Promise<void> {
  const known = await describe(familyOf(template, schoolId));
  if (known?.taskDefinitionArn) await deregister(known.taskDefinitionArn);
}

const deregister = (arn: string) => client().send(new DeregisterTaskDefinitionCommand({ taskDefinition: arn }));

async function describe(name: string): Promise<TaskDefinition | undefined> {
  try {
    return (await client().send(new DescribeTaskDefinitionCommand({ taskDefinition: name }))).taskDefinition;
  } catch (error) {
    // "Unable to describe task definition": there is none of that family.
    if (error instanceof Error && error.name === "ClientException") return undefined;
    throw error;
  }
}
