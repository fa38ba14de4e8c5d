import { account, partition, region } from "./account.ts";
import { environmentOf, executionRole, imageOf, roleOf } from "./containers.ts";
import { merged, type Use } from "./functions.ts";
import { workspaceImages } from "./images.ts";
import { keys } from "./keys.ts";
import { publishes, topics } from "./messaging.ts";
import { groups, vpc } from "./network.ts";
import { secretsLink } from "./secrets.ts";
import { stageOf } from "./stage.ts";
import { uses } from "./uses.ts";

// Runs each operator's command on a stage in its own task, with the rights the commands use, started by a role for
// people (`npm run operate`, docs/runbook.md). It costs nothing between commands.
const stage = stageOf($app.stage);
const prefix = `${$app.name}-${$app.stage}`;
const name = `${prefix}-operator`;

/** Undefined on stages without one. */
export const operator = stage.standing && !$dev ? make() : undefined;

function make(): aws.ecs.TaskDefinition {
  if (!workspaceImages) throw new Error("operators have no registry with their image");
  const logs = new aws.cloudwatch.LogGroup("OperatorLogs", {
    name: `/lectern/${$app.stage}/operator`,
    retentionInDays: 3,
    kmsKeyId: keys.logs.arn,
  });
  // A separate cluster, so that the right to run tasks here does not include the workspace's.
  const cluster = new aws.ecs.Cluster("OperatorCluster", {
    name,
    settings: [{ name: "containerInsights", value: "disabled" }],
  });
  const task = makeTask(workspaceImages, logs);
  const place = {
    cluster: cluster.name,
    definition: name,
    logs: logs.name,
    subnets: vpc.privateSubnets,
    // Like migrations: the proxies as our code, and the databases directly.
    groups: [groups.code.id, groups.migrator.id],
  };
  const parameter = new aws.ssm.Parameter("OperatorPlace", {
    name: `/${$app.name}/${$app.stage}/operator`,
    description: "Where scripts/operate.ts starts a command",
    type: "String",
    insecureValue: $jsonStringify(place),
  });
  makePeople({ cluster, logs, parameter, roles: [task.execution, task.role] });
  tellStarts(cluster);
  return task.definition;
}

/** The command line in the workspace's image (packages/cli/src/stage.ts). */
function makeTask(images: aws.ecr.Repository, logs: aws.cloudwatch.LogGroup) {
  const used: readonly Use[] = [
    ...[uses.platform, uses.directory, uses.directoryWrites, uses.auth, uses.erasures],
    ...[uses.schools, uses.database, uses.catalog, uses.tells, uses.nudges, publishes],
    ...[uses.dumps, uses.restores, uses.copies],
    secretsLink("DatabaseProvisionerPassword", "FinderKey", "InternalKeys"),
  ];
  const execution = executionRole("OperatorExecution", images, logs);
  const role = roleOf(
    "OperatorTask",
    "ecs-tasks.amazonaws.com",
    used.flatMap(({ permissions = [] }) => permissions),
  );
  const environment = environmentOf(merged(used.flatMap(({ links = [] }) => links)), {
    LECTERN_MIGRATIONS: "/app/migrations",
    // RDS's certificate authorities from the image: restores and moves bypass the proxy.
    NODE_EXTRA_CA_CERTS: "/app/rds.pem",
  });
  const definition = new aws.ecs.TaskDefinition("OperatorDefinition", {
    family: name,
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: "1024",
    memory: "2048",
    runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
    executionRoleArn: execution.arn,
    taskRoleArn: role.arn,
    containerDefinitions: $util
      .all([environment, imageOf(images), logs.name, region])
      .apply(([variables, image, group, at]) =>
        JSON.stringify([
          {
            name: "operator",
            image,
            essential: true,
            // Callers choose arguments and may add variables; NODE_OPTIONS could load another program, so it is unset.
            entryPoint: ["env", "-u", "NODE_OPTIONS", "node", "operate.mjs"],
            command: ["--help"],
            readonlyRootFilesystem: true,
            user: "1000:1000",
            stopTimeout: 120,
            linuxParameters: { initProcessEnabled: true },
            environment: variables,
            logConfiguration: {
              logDriver: "awslogs",
              options: { "awslogs-group": group, "awslogs-region": at, "awslogs-stream-prefix": "command" },
            },
          },
        ]),
      ),
  });
  return { definition, execution, role };
}

interface Place {
  readonly cluster: aws.ecs.Cluster;
  readonly logs: aws.cloudwatch.LogGroup;
  readonly parameter: aws.ssm.Parameter;
  readonly roles: readonly aws.iam.Role[];
}

/** People of this account with a second factor may start commands, for an hour. */
function makePeople({ cluster, logs, parameter, roles }: Place): void {
  const people = new aws.iam.Role("Operator", {
    name,
    description: "Starts operators' commands on this stage",
    maxSessionDuration: 3_600,
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ["sts:AssumeRole"],
          principals: [{ type: "AWS", identifiers: [$interpolate`arn:${partition}:iam::${account}:root`] }],
          conditions: [
            { test: "Bool", variable: "aws:MultiFactorAuthPresent", values: ["true"] },
            { test: "NumericLessThan", variable: "aws:MultiFactorAuthAge", values: ["3600"] },
          ],
        },
      ],
    }).json,
  });
  const here = { test: "ArnEquals", variable: "ecs:cluster", values: [cluster.arn] };
  new aws.iam.RolePolicy("OperatorPolicy", {
    role: people.name,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ["ecs:RunTask"],
          resources: [$interpolate`arn:${partition}:ecs:${region}:${account}:task-definition/${name}:*`],
          conditions: [
            here,
            { test: "Bool", variable: "ecs:enable-execute-command", values: ["false"] },
            { test: "Bool", variable: "ecs:auto-assign-public-ip", values: ["false"] },
            // Restricts tasks to our private subnets. "ForAllValues" alone would accept a request without subnets.
            { test: "ForAllValues:StringEquals", variable: "ecs:subnet", values: vpc.privateSubnets },
            { test: "Null", variable: "ecs:subnet", values: ["false"] },
          ],
        },
        {
          actions: ["ecs:DescribeTasks", "ecs:StopTask"],
          resources: [$interpolate`arn:${partition}:ecs:${region}:${account}:task/${name}/*`],
          conditions: [here],
        },
        {
          actions: ["iam:PassRole"],
          resources: roles.map(({ arn }) => arn),
          conditions: [{ test: "StringEquals", variable: "iam:PassedToService", values: ["ecs-tasks.amazonaws.com"] }],
        },
        { actions: ["logs:GetLogEvents"], resources: [$interpolate`${logs.arn}:log-stream:*`] },
        { actions: ["ssm:GetParameter"], resources: [parameter.arn] },
      ],
    }).json,
  });
}

/** Notifies the security topic at the start and end of each command; CloudTrail records the person. */
function tellStarts(cluster: aws.ecs.Cluster): void {
  const rule = new aws.cloudwatch.EventRule("OperatorWorks", {
    name: `${name}-works`,
    description: "An operator's command begins or has ended",
    eventPattern: $jsonStringify({
      source: ["aws.ecs"],
      "detail-type": ["ECS Task State Change"],
      detail: { clusterArn: [cluster.arn], lastStatus: ["PENDING", "STOPPED"] },
    }),
  });
  new aws.cloudwatch.EventTarget("OperatorWorksTold", {
    rule: rule.name,
    targetId: "topic",
    arn: topics.errors.arn,
    retryPolicy: { maximumEventAgeInSeconds: 24 * 60 * 60, maximumRetryAttempts: 185 },
  });
}
