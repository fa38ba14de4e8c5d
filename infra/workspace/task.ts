import { account, partition, region } from "../account.ts";
import { environmentOf, executionRole, imageOf, roleOf } from "../containers.ts";
import { database } from "../database.ts";
import type { Permission, Use } from "../functions.ts";
import { groups, vpc, workspacePort } from "../network.ts";
import { edge } from "../router.ts";
import { secretsLink } from "../secrets.ts";
import { itemsFor, uses } from "../uses.ts";
import { type Drive, makesPoints } from "./drive.ts";
import { name, owner, pointsOfAccount } from "./own.ts";

/** Creates the service's task and the template of a school's task, each with its rights. */
export function makeTask(
  drive: Drive,
  logs: aws.cloudwatch.LogGroup,
  images: aws.ecr.Repository,
  cluster: aws.ecs.Cluster,
) {
  // Same rights as the course import reaction.
  const work: readonly Use[] = [uses.directory, uses.schools, uses.database, uses.nudges];
  const used: readonly Use[] = [
    ...[edge, ...work, uses.platform, itemsFor("counters"), uses.settings],
    secretsLink("SessionSecret"),
  ];
  const execution = executionRole("WorkspaceExecution", images, logs);
  const mounts = {
    actions: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
    resources: [drive.files.arn],
  };
  const pointArn = "elasticfilesystem:AccessPointArn";
  // A school's task may use any access point but the service's; its definition selects the school.
  const jobRole = roleOf("WorkspaceJob", "ecs-tasks.amazonaws.com", [
    ...work.flatMap(({ permissions = [] }) => permissions),
    {
      ...mounts,
      conditions: [
        { test: "StringLike", variable: pointArn, values: [pointsOfAccount] },
        { test: "StringNotEquals", variable: pointArn, values: [drive.point.arn] },
      ],
    },
  ]);
  const jobFamily = `${name}-job`;
  const template = makeDefinition("WorkspaceJobDefinition", jobFamily, {
    ...{ drive, execution, role: jobRole, cpu: "1024", memory: "4096" },
    containers: containersOf("job", work, { TMPDIR: "/drive" }),
  });
  const role = roleOf("WorkspaceTask", "ecs-tasks.amazonaws.com", [
    ...used.flatMap(({ permissions = [] }) => permissions),
    { ...mounts, conditions: [{ test: "StringEquals", variable: pointArn, values: [drive.point.arn] }] },
    ...makesPoints(drive),
    ...startsJobs(cluster, jobFamily, [execution, jobRole]),
  ]);
  const jobs = $util
    .all([cluster.arn, template.arn, drive.files.id, vpc.privateSubnets, groups.workspace.id, groups.code.id])
    .apply(([at, arn, fileSystemId, subnets, ...own]) =>
      JSON.stringify({ cluster: at, template: arn, container: "job", fileSystemId, subnets, groups: own }),
    );
  const definition = makeDefinition("WorkspaceDefinition", name, {
    ...{ drive, execution, role, cpu: "512", memory: "1024" },
    containers: containersOf("workspace", used, { SST_RESOURCE_Jobs: jobs, LECTERN_JOBS: "1" }),
  });
  return { definition, role };

  function containersOf(container: string, uses: readonly Use[], more: Record<string, $util.Input<string>>) {
    const environment = environmentOf(
      uses.flatMap(({ links = [] }) => links),
      {
        SST_RESOURCE_Database: $util
          .all([database.host, database.port, database.name])
          .apply(([at, port, database]) => JSON.stringify({ host: at, port, database })),
        LECTERN_DRIVE: "/drive",
        PORT: String(workspacePort),
        ...more,
      },
    );
    return $util.all([environment, imageOf(images), logs.name, region]).apply(([variables, image, group, at]) =>
      JSON.stringify([
        {
          name: container,
          image,
          essential: true,
          // It may write to the drive only.
          readonlyRootFilesystem: true,
          user: `${owner.uid}:${owner.gid}`,
          stopTimeout: 120,
          linuxParameters: { initProcessEnabled: true },
          ...(container === "workspace" && { portMappings: [{ containerPort: workspacePort, protocol: "tcp" }] }),
          mountPoints: [
            { sourceVolume: "drive", containerPath: "/drive", readOnly: false },
            { sourceVolume: "tmp", containerPath: "/tmp", readOnly: false },
          ],
          environment: variables,
          logConfiguration: {
            logDriver: "awslogs",
            options: {
              "awslogs-group": group,
              "awslogs-region": at,
              "awslogs-stream-prefix": container === "workspace" ? "task" : container,
              // Parses lines with embedded metrics.
              "awslogs-format": "json/emf",
              mode: "non-blocking",
              "max-buffer-size": "4m",
            },
          },
        },
      ]),
    );
  }
}

interface DefinitionSpec {
  readonly drive: Drive;
  readonly execution: aws.iam.Role;
  readonly role: aws.iam.Role;
  readonly cpu: string;
  readonly memory: string;
  readonly containers: $util.Output<string>;
}

function makeDefinition(title: string, family: string, spec: DefinitionSpec): aws.ecs.TaskDefinition {
  const { drive, execution, role, cpu, memory, containers } = spec;
  return new aws.ecs.TaskDefinition(title, {
    family,
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu,
    memory,
    runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
    executionRoleArn: execution.arn,
    taskRoleArn: role.arn,
    containerDefinitions: containers,
    volumes: [
      {
        name: "drive",
        efsVolumeConfiguration: {
          fileSystemId: drive.files.id,
          transitEncryption: "ENABLED",
          authorizationConfig: { accessPointId: drive.point.id, iam: "ENABLED" },
        },
      },
      { name: "tmp" },
    ],
  });
}

/** Registers a school's copy of the template and runs it, limited to this cluster and these roles. */
function startsJobs(cluster: aws.ecs.Cluster, family: string, roles: readonly aws.iam.Role[]): Permission[] {
  const definitions = $interpolate`arn:${partition}:ecs:${region}:${account}:task-definition/${family}-sch_*:*`;
  return [
    {
      actions: ["ecs:RunTask"],
      resources: [definitions],
      conditions: [{ test: "ArnEquals", variable: "ecs:cluster", values: [cluster.arn] }],
    },
    {
      actions: ["ecs:RegisterTaskDefinition"],
      // ECS supports no resource for new definitions; iam:PassRole limits the roles.
      resources: ["*"],
      conditions: [{ test: "StringLike", variable: "aws:RequestTag/school", values: ["sch_*"] }],
    },
    {
      actions: ["ecs:TagResource"],
      resources: [definitions],
      conditions: [{ test: "StringEquals", variable: "ecs:CreateAction", values: ["RegisterTaskDefinition"] }],
    },
    // ECS supports no resource for these two actions.
    { actions: ["ecs:DescribeTaskDefinition", "ecs:DeregisterTaskDefinition"], resources: ["*"] },
    {
      actions: ["iam:PassRole"],
      resources: roles.map(({ arn }) => arn),
      conditions: [{ test: "StringEquals", variable: "iam:PassedToService", values: ["ecs-tasks.amazonaws.com"] }],
    },
  ];
}
