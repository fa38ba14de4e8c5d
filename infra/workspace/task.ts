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

/** The service's task, and the template of a task of one school's, with the rights of each. */
export function makeTask(
  drive: Drive,
  logs: aws.cloudwatch.LogGroup,
  images: aws.ecr.Repository,
  cluster: aws.ecs.Cluster,
) {
  // As the reaction that imports courses.
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
  // One school's work, through any access point but the service's, which sees all schools. Which one, its definition says.
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
          // What it writes is on the drive or nowhere.
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
              // Lines with metrics in them are read as such.
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

/** Registers a school's copy of the template and runs it, in this cluster, with these roles and no others. */
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
      // ECS knows no name for what does not exist yet. What it could run as is said by the roles that may be passed.
      resources: ["*"],
      conditions: [{ test: "StringLike", variable: "aws:RequestTag/school", values: ["sch_*"] }],
    },
    {
      actions: ["ecs:TagResource"],
      resources: [definitions],
      conditions: [{ test: "StringEquals", variable: "ecs:CreateAction", values: ["RegisterTaskDefinition"] }],
    },
    // ECS asks these two of nothing that could be named.
    { actions: ["ecs:DescribeTaskDefinition", "ecs:DeregisterTaskDefinition"], resources: ["*"] },
    {
      actions: ["iam:PassRole"],
      resources: roles.map(({ arn }) => arn),
      conditions: [{ test: "StringEquals", variable: "iam:PassedToService", values: ["ecs-tasks.amazonaws.com"] }],
    },
  ];
}
