import type { Graph, GraphResource } from "../synth/graph.ts";
import { at, ofType, type Rule } from "./rule.ts";

// Creation order that inputs do not express.

const records = (value: unknown): Record<string, unknown>[] =>
  [value].flat().filter((each): each is Record<string, unknown> => typeof each === "object" && each !== null);

/** The last part of an ARN or a name. */
const lastOf = (value: unknown): string => String(value).split("/").at(-1) ?? "";

/** Target groups that a service fills. */
const groupsOf = (service: GraphResource): unknown[] =>
  records(at(service, "loadBalancers")).flatMap((each) => [
    each.targetGroupArn,
    ...records(each.advancedConfiguration).map((more) => more.alternateTargetGroupArn),
  ]);

const targetsOf = (rule: GraphResource): unknown[] =>
  records(at(rule, rule.type.endsWith(":Listener") ? "defaultActions" : "actions")).flatMap((action) => [
    action.targetGroupArn,
    ...records(action.forward).flatMap((forward) => records(forward.targetGroups).map(({ arn }) => arn)),
  ]);

/** What a container service needs before its first task can start. */
function* neededBy(graph: Graph, service: GraphResource): Iterable<readonly [GraphResource, string]> {
  const groups = groupsOf(service);
  for (const rule of ofType(graph, "aws:lb/listenerRule:ListenerRule", "aws:lb/listener:Listener"))
    if (targetsOf(rule).some((arn) => arn !== undefined && groups.includes(arn)))
      yield [rule, "ECS refuses a group of targets that no listener leads to"];
  for (const more of records(at(service, "loadBalancers")).flatMap((each) => records(each.advancedConfiguration)))
    for (const right of ofType(
      graph,
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      "aws:iam/rolePolicy:RolePolicy",
    ))
      if (lastOf(at(right, "role")) === lastOf(more.roleArn))
        yield [right, "the switch of its groups is refused without these rights"];
  const drives = ofType(graph, "aws:ecs/taskDefinition:TaskDefinition")
    .flatMap((task) => records(at(task, "volumes")))
    .flatMap((volume) => records(volume.efsVolumeConfiguration).map(({ fileSystemId }) => fileSystemId));
  for (const target of ofType(graph, "aws:efs/mountTarget:MountTarget"))
    if (drives.includes(at(target, "fileSystemId"))) yield [target, "a task mounts its drive when it starts"];
}

const waitsFor = (resource: GraphResource, other: GraphResource): boolean =>
  resource.opts.dependsOn?.includes(other.name) ?? false;

export const orderRules: readonly Rule[] = [
  {
    name: "services-wait",
    why: "A service of containers is made when its listener rules, its rights and its drive's mount targets are there.",
    *check(graph) {
      for (const service of ofType(graph, "aws:ecs/service:Service"))
        for (const [needed, why] of neededBy(graph, service))
          if (!waitsFor(service, needed))
            yield { resource: service.name, message: `does not wait for ${needed.name}: ${why}` };
    },
  },
  {
    name: "balancers-wait",
    why: "AWS refuses a balancer that writes its logs into a bucket which does not let it yet.",
    *check(graph) {
      for (const balancer of ofType(graph, "aws:lb/loadBalancer:LoadBalancer")) {
        if (at(balancer, "accessLogs", "enabled") !== true) continue;
        const bucket = at(balancer, "accessLogs", "bucket");
        const policies = ofType(graph, "aws:s3/bucketPolicy:BucketPolicy").filter(
          (each) => at(each, "bucket") === bucket,
        );
        if (!policies.some((policy) => waitsFor(balancer, policy)))
          yield { resource: balancer.name, message: "does not wait for the policy of the bucket with its logs" };
      }
    },
  },
];
