import { account, partition, region } from "./account.ts";
import { database } from "./database.ts";
import { afterMigration, type Link, type Permission, type Use } from "./functions.ts";
import { workspaceImages } from "./images.ts";
import { keys } from "./keys.ts";
import { dataSubnets, groups, vpc, workspacePort } from "./network.ts";
import { edge, router } from "./router.ts";
import { secretsLink } from "./secrets.ts";
import { stageOf } from "./stage.ts";
import { buckets, policyWritten } from "./storage.ts";
import { uses } from "./uses.ts";
import { zoneId } from "./zone.ts";

// Work that is too long or too large for Lambda, in a container that lives on, with the drive that a school's people share.
// Stages that come and go do without: there the API's own function takes the same addresses.
const stage = stageOf($app.stage);
const name = `${$app.name}-${$app.stage}-workspace`;
const host = `workspace.${stage.domain}`;
/** Nobody in the image is root; the drive belongs to this user. */
const owner = { uid: 1000, gid: 1000 };
/** The addresses it takes over from the API. */
const paths = ["/api/v1/imports", "/api/v1/imports/*"];

const pointsOfAccount = $interpolate`arn:${partition}:elasticfilesystem:${region}:${account}:access-point/*`;

export const workspace = stage.standing && !$dev ? make() : undefined;

function make() {
  const drive = makeDrive();
  const logs = new aws.cloudwatch.LogGroup("WorkspaceLogs", {
    name: `/lectern/${$app.stage}/workspace`,
    retentionInDays: 3,
    kmsKeyId: keys.logs.arn,
  });
  const images = workspaceImages;
  if (!images) throw new Error("the workspace has no registry for its images");
  const front = makeFront();
  const cluster = new aws.ecs.Cluster("WorkspaceCluster", {
    name,
    settings: [{ name: "containerInsights", value: "enabled" }],
  });
  const task = makeTask(drive, logs, images, cluster);
  const service = new aws.ecs.Service(
    "Workspace",
    {
      name,
      cluster: cluster.arn,
      taskDefinition: task.definition.arn,
      launchType: "FARGATE",
      platformVersion: "1.4.0",
      desiredCount: stage.workspace.min,
      healthCheckGracePeriodSeconds: 60,
      enableExecuteCommand: false,
      propagateTags: "SERVICE",
      networkConfiguration: {
        subnets: vpc.privateSubnets,
        // A worker like any other: it reaches the database's proxy as one of our code's group.
        securityGroups: [groups.workspace.id, groups.code.id],
        assignPublicIp: false,
      },
      loadBalancers: [
        {
          targetGroupArn: front.blue.arn,
          containerName: "workspace",
          containerPort: workspacePort,
          advancedConfiguration: {
            alternateTargetGroupArn: front.green.arn,
            productionListenerRule: front.rule.arn,
            roleArn: front.role.arn,
          },
        },
      ],
      // The new tasks stand beside the old ones; those stay for ten minutes after the switch, which is the way back.
      deploymentConfiguration: { strategy: "BLUE_GREEN", bakeTimeInMinutes: "10" },
      deploymentCircuitBreaker: { enable: true, rollback: true },
      ...(process.env.LECTERN_CANARY === "1" && {
        alarms: { enable: true, rollback: true, alarmNames: [`${$app.name}-${$app.stage}-workspace-unhealthy`] },
      }),
      tags: { capability: "workspace" },
    },
    { dependsOn: [front.rule, front.policy], ignoreChanges: ["desiredCount"] },
  );
  scale(cluster, service);
  return { service, cluster, task, drive: drive.files, balancer: front.balancer, groups: [front.blue, front.green] };
}

function makeDrive() {
  const files = new aws.efs.FileSystem("WorkspaceDrive", {
    encrypted: true,
    kmsKeyId: keys.data.arn,
    throughputMode: "elastic",
    lifecyclePolicies: [{ transitionToIa: "AFTER_30_DAYS" }, { transitionToPrimaryStorageClass: "AFTER_1_ACCESS" }],
    protection: { replicationOverwrite: "ENABLED" },
    tags: { Name: name, backup: "weekly" },
  });
  const targets = dataSubnets.map(
    (subnetId, at) =>
      new aws.efs.MountTarget(`WorkspaceDriveZone${at + 1}`, {
        fileSystemId: files.id,
        subnetId,
        securityGroups: [groups.files.id],
      }),
  );
  // The service's own way in: it sees all schools' folders. A task of one school comes by the access point of that school.
  const point = new aws.efs.AccessPoint("WorkspaceDriveService", {
    fileSystemId: files.id,
    posixUser: owner,
    rootDirectory: {
      path: "/schools",
      creationInfo: { ownerUid: owner.uid, ownerGid: owner.gid, permissions: "0700" },
    },
    tags: { Name: "service" },
  });
  // A school's own is made when it is first needed (packages/functions/src/workspace/drive, docs/adr/0013).
  new aws.efs.FileSystemPolicy("WorkspaceDrivePolicy", {
    fileSystemId: files.id,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          sid: "TlsOnly",
          effect: "Deny",
          principals: [{ type: "*", identifiers: ["*"] }],
          actions: ["*"],
          resources: [files.arn],
          conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
        },
        {
          sid: "ByAccessPointOnly",
          principals: [{ type: "AWS", identifiers: [$interpolate`arn:${partition}:iam::${account}:root`] }],
          actions: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
          resources: [files.arn],
          conditions: [
            {
              test: "StringLike",
              variable: "elasticfilesystem:AccessPointArn",
              values: [$interpolate`arn:${partition}:elasticfilesystem:${region}:${account}:access-point/*`],
            },
          ],
        },
      ],
    }).json,
  });
  return { files, point, targets };
}

function makeTask(
  drive: ReturnType<typeof makeDrive>,
  logs: aws.cloudwatch.LogGroup,
  images: aws.ecr.Repository,
  cluster: aws.ecs.Cluster,
) {
  // As the reaction that imports courses.
  const work: readonly Use[] = [uses.directory, uses.schools, uses.database];
  const used: readonly Use[] = [
    ...[edge, ...work, uses.platform, uses.directoryWrites, uses.settings],
    secretsLink("SessionSecret"),
  ];
  const execution = roleOf("WorkspaceExecution", "ecs-tasks.amazonaws.com", [
    { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${logs.arn}:*`] },
    {
      actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      resources: [images.arn],
    },
    // A sign-in to the registry is for the account, not for one repository.
    { actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
  ]);
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
      more,
    ).apply((variables) => Object.entries(variables).map(([key, value]) => ({ name: key, value })));
    const release = process.env.LECTERN_RELEASE ?? "first";
    return $util.all([environment, images.repositoryUrl, logs.name, region]).apply(([variables, url, group, at]) =>
      JSON.stringify([
        {
          name: container,
          image: `${url}:${release}`,
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
  readonly drive: ReturnType<typeof makeDrive>;
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

/** Makes and takes away access points of schools on this drive; the service's own carries no school and stays. */
function makesPoints(drive: ReturnType<typeof makeDrive>): Permission[] {
  return [
    {
      actions: ["elasticfilesystem:CreateAccessPoint", "elasticfilesystem:DescribeAccessPoints"],
      resources: [drive.files.arn],
    },
    { actions: ["elasticfilesystem:DescribeAccessPoints"], resources: [pointsOfAccount] },
    {
      actions: ["elasticfilesystem:TagResource"],
      resources: [pointsOfAccount],
      conditions: [{ test: "ForAllValues:StringEquals", variable: "aws:TagKeys", values: ["school", "used"] }],
    },
    {
      actions: ["elasticfilesystem:DeleteAccessPoint"],
      resources: [pointsOfAccount],
      conditions: [{ test: "StringLike", variable: "aws:ResourceTag/school", values: ["sch_*"] }],
    },
  ];
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

/** What `Resource` reads in a container: as SST puts it into a function. */
function environmentOf(
  links: readonly Link[],
  more: Record<string, $util.Input<string>>,
): $util.Output<Record<string, string>> {
  const variables = links.map(
    (link) => [`SST_RESOURCE_${link.name}`, $output(link.properties).apply((each) => JSON.stringify(each))] as const,
  );
  const all: Record<string, $util.Input<string>> = {
    ...Object.fromEntries(variables),
    SST_RESOURCE_Database: $util
      .all([database.host, database.port, database.name])
      .apply(([at, port, database]) => JSON.stringify({ host: at, port, database })),
    SST_RESOURCE_App: JSON.stringify({ name: $app.name, stage: $app.stage }),
    LECTERN_RELEASE: process.env.LECTERN_RELEASE ?? "unreleased",
    ...afterMigration,
    LECTERN_DRIVE: "/drive",
    PORT: String(workspacePort),
    ...more,
  };
  return $util.output(all);
}

function makeFront() {
  const certificate = new aws.acm.Certificate("WorkspaceCertificate", { domainName: host, validationMethod: "DNS" });
  const option = certificate.domainValidationOptions.apply(([first]) => first);
  const proof = new aws.route53.Record("WorkspaceCertificateProof", {
    zoneId,
    name: option.apply((each) => each?.resourceRecordName ?? ""),
    type: "CNAME",
    ttl: 300,
    records: [option.apply((each) => each?.resourceRecordValue ?? "")],
    allowOverwrite: true,
  });
  const valid = new aws.acm.CertificateValidation("WorkspaceCertificateValid", {
    certificateArn: certificate.arn,
    validationRecordFqdns: [proof.fqdn],
  });
  const balancer = new aws.lb.LoadBalancer(
    "WorkspaceBalancer",
    {
      name: name.slice(0, 32).replace(/-$/, ""),
      loadBalancerType: "application",
      internal: false,
      subnets: vpc.publicSubnets,
      securityGroups: [groups.balancer.id],
      dropInvalidHeaderFields: true,
      desyncMitigationMode: "strictest",
      enableDeletionProtection: stage.removal === "retain",
      // Longer than any answer takes: an import of half a gigabyte is read in one go.
      idleTimeout: 120,
      accessLogs: { enabled: true, bucket: buckets.logs.name, prefix: "workspace" },
    },
    // S3 refuses its logs, and AWS then the balancer, until the bucket lets it write.
    { dependsOn: [policyWritten(buckets.logs, "logs")] },
  );
  new aws.route53.Record("WorkspaceAddress", {
    zoneId,
    name: host,
    type: "A",
    aliases: [{ name: balancer.dnsName, zoneId: balancer.zoneId, evaluateTargetHealth: true }],
  });
  const target = (color: string) =>
    new aws.lb.TargetGroup(`Workspace${color}`, {
      vpcId: vpc.id,
      port: workspacePort,
      protocol: "HTTP",
      targetType: "ip",
      deregistrationDelay: 120,
      healthCheck: {
        path: "/health",
        interval: 15,
        timeout: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 3,
        matcher: "200",
      },
    });
  const [blue, green] = [target("Blue"), target("Green")];
  const listener = new aws.lb.Listener("WorkspaceListener", {
    loadBalancerArn: balancer.arn,
    port: 443,
    protocol: "HTTPS",
    sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
    certificateArn: valid.certificateArn,
    defaultActions: [
      { type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "404", messageBody: "" } },
    ],
  });
  const rule = new aws.lb.ListenerRule(
    "WorkspaceRule",
    {
      listenerArn: listener.arn,
      priority: 10,
      conditions: [{ pathPattern: { values: paths } }],
      actions: [
        {
          type: "forward",
          forward: {
            targetGroups: [
              { arn: blue.arn, weight: 100 },
              { arn: green.arn, weight: 0 },
            ],
          },
        },
      ],
    },
    // Deployments turn the weights.
    { ignoreChanges: ["actions"] },
  );
  const role = roleOf("WorkspaceSwitch", "ecs.amazonaws.com", []);
  const policy = new aws.iam.RolePolicyAttachment("WorkspaceSwitchPolicy", {
    role: role.name,
    policyArn: $interpolate`arn:${partition}:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers`,
  });
  router.route("/api/v1/imports", `https://${host}`);
  return { balancer, blue, green, rule, role, policy };
}

function scale(cluster: aws.ecs.Cluster, service: aws.ecs.Service): void {
  const target = new aws.appautoscaling.Target("WorkspaceScale", {
    serviceNamespace: "ecs",
    scalableDimension: "ecs:service:DesiredCount",
    resourceId: $interpolate`service/${cluster.name}/${service.name}`,
    minCapacity: stage.workspace.min,
    maxCapacity: stage.workspace.max,
  });
  for (const [title, metric, percent] of [
    ["Cpu", "ECSServiceAverageCPUUtilization", 60],
    ["Memory", "ECSServiceAverageMemoryUtilization", 70],
  ] as const) {
    new aws.appautoscaling.Policy(`WorkspaceScale${title}`, {
      name: `${name}-${title.toLowerCase()}`,
      policyType: "TargetTrackingScaling",
      serviceNamespace: target.serviceNamespace,
      scalableDimension: target.scalableDimension,
      resourceId: target.resourceId,
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: { predefinedMetricType: metric },
        targetValue: percent,
        scaleOutCooldown: 60,
        scaleInCooldown: 300,
      },
    });
  }
}

function roleOf(title: string, service: string, permissions: readonly Permission[]): aws.iam.Role {
  const role = new aws.iam.Role(title, {
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
      statements: [{ actions: ["sts:AssumeRole"], principals: [{ type: "Service", identifiers: [service] }] }],
    }).json,
  });
  if (permissions.length > 0) {
    new aws.iam.RolePolicy(`${title}Policy`, {
      role: role.name,
      policy: aws.iam.getPolicyDocumentOutput({
        statements: permissions.map(({ effect, actions, resources, conditions }) => ({
          effect: effect === "deny" ? "Deny" : "Allow",
          actions,
          resources,
          ...(conditions && { conditions }),
        })),
      }).json,
    });
  }
  return role;
}
