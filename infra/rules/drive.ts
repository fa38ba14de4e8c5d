import type { Graph } from "../synth/graph.ts";
import { statementsOf } from "./policy.ts";
import { at, isStanding, ofType, type Rule } from "./rule.ts";

/** ECS and ECR support no resource for these actions. */
const nameless = /^(ecr:GetAuthorizationToken|ecs:(Describe|Deregister|Register)TaskDefinition|xray:Put\w+)$/;

const rightsOf = (graph: Graph, name: string) =>
  ofType(graph, "aws:iam/rolePolicy:RolePolicy")
    .filter((each) => each.name === name)
    .flatMap((each) => statementsOf(at(each, "policy")))
    .filter(({ effect }) => effect === "Allow");

export const driveRules: readonly Rule[] = [
  {
    name: "a-school's-own-drive",
    why: "A task of one school comes by its school's access point, never by the service's, which sees all schools' folders.",
    *check(graph) {
      if (!isStanding(graph)) return;
      const service = ofType(graph, "aws:efs/accessPoint:AccessPoint").map(({ name }) => name);
      if (service.join() !== "WorkspaceDriveService")
        yield { resource: service.join(), message: "is an access point made at deployment beside the service's" };
      const job = rightsOf(graph, "WorkspaceJobPolicy");
      const mounts = job.filter(({ actions }) => actions.includes("elasticfilesystem:ClientMount"));
      if (mounts.length === 0) yield { resource: "WorkspaceJobPolicy", message: "mounts nothing" };
      for (const { conditions, resources } of mounts)
        if (
          resources.includes("*") ||
          !/WorkspaceDriveService/.test(JSON.stringify(conditions.StringNotEquals ?? {})) ||
          !conditions.StringLike?.["elasticfilesystem:AccessPointArn"]
        )
          yield { resource: "WorkspaceJobPolicy", message: "may mount by the service's access point, or by none" };
      for (const { actions } of job)
        for (const action of actions)
          if (/^(ecs|iam|elasticfilesystem:(Create|Delete|Tag))/.test(action))
            yield { resource: "WorkspaceJobPolicy", message: `may ${action}: a school's task starts no others` };
    },
  },
  {
    name: "workspace-rights",
    why: "Who makes tasks and access points at run time could make any, if its rights did not name whose.",
    *check(graph) {
      if (!isStanding(graph)) return;
      for (const name of ["WorkspaceTaskPolicy", "WorkspaceJobPolicy", "WorkspaceExecutionPolicy"])
        for (const { actions, resources, conditions } of rightsOf(graph, name))
          for (const action of actions) {
            if (action.includes("*")) yield { resource: name, message: `allows ${action}` };
            if (resources.includes("*") && !nameless.test(action))
              yield { resource: name, message: `allows ${action} on everything` };
            const asked = JSON.stringify(conditions);
            const wanted: Readonly<Record<string, RegExp>> = {
              "ecs:RunTask": /ecs:cluster/,
              "ecs:RegisterTaskDefinition": /aws:RequestTag\/school/,
              "iam:PassRole": /ecs-tasks\.amazonaws\.com/,
              "elasticfilesystem:DeleteAccessPoint": /aws:ResourceTag\/school/,
            };
            if (wanted[action] && !wanted[action].test(asked))
              yield { resource: name, message: `allows ${action} without saying whose` };
          }
    },
  },
];
