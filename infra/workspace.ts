import { workspaceImages } from "./images.ts";
import { keys } from "./keys.ts";
import { groups, vpc, workspacePort } from "./network.ts";
import { stageOf } from "./stage.ts";
import { makeDrive } from "./workspace/drive.ts";
import { makeFront } from "./workspace/front.ts";
import { name } from "./workspace/own.ts";
import { makeTask } from "./workspace/task.ts";

// Work that is too long or too large for Lambda, in a container with the shared drive of a school's people. Temporary
// stages have none; the API's function answers its addresses there.
const stage = stageOf($app.stage);

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
        // Reaches the database proxy as part of the code group.
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
      // Blue-green: the old tasks stay for ten minutes after the switch, for a rollback.
      deploymentConfiguration: { strategy: "BLUE_GREEN", bakeTimeInMinutes: "10" },
      deploymentCircuitBreaker: { enable: true, rollback: true },
      ...(process.env.LECTERN_CANARY === "1" && {
        alarms: { enable: true, rollback: true, alarmNames: [`${$app.name}-${$app.stage}-workspace-unhealthy`] },
      }),
      tags: { capability: "workspace" },
    },
    { dependsOn: [front.rule, front.policy, ...drive.targets], ignoreChanges: ["desiredCount"] },
  );
  scale(cluster, service);
  return { service, cluster, task, drive: drive.files, balancer: front.balancer, groups: [front.blue, front.green] };
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
