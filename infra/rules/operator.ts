import type { Graph, GraphResource } from "../synth/graph.ts";
import { keptReads } from "./kept-reads.ts";
import { type Statement, statementsOf } from "./policy.ts";
import { at, isDev, isStanding, ofType, type Rule } from "./rule.ts";

// Operators' commands: only a task during a command, and one role for people that starts it.

const named = (graph: Graph, type: string, name: string): GraphResource | undefined =>
  ofType(graph, type).find((each) => each.name === name);
const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
const policies = ["aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy"];

/** Not linked: SST's own, or local stages'. */
const unlinked = new Set(["App", "LocalCloud"]);

/** The task's one container. */
function containerOf(task: GraphResource): Record<string, unknown> {
  const text = at(task, "containerDefinitions");
  const all: unknown = typeof text === "string" ? JSON.parse(text) : [];
  return record(Array.isArray(all) && all.length === 1 ? all[0] : undefined);
}

const variablesOf = (container: Record<string, unknown>): { name: string; value: string }[] =>
  Array.isArray(container.environment)
    ? container.environment.map(record).map(({ name, value }) => ({ name: String(name), value: String(value) }))
    : [];

/** Permitted actions of the role for people, each with a required condition. */
const mayDo: Readonly<Record<string, (statement: Statement, graph: Graph) => boolean>> = {
  "ecs:RunTask": ({ resources, conditions }, graph) =>
    resources.every((each) => each.endsWith(`:task-definition/lectern-${graph.stage}-operator:*`)) &&
    isCluster(conditions.ArnEquals?.["ecs:cluster"], graph) &&
    isFalse(conditions.Bool?.["ecs:enable-execute-command"]) &&
    isFalse(conditions.Bool?.["ecs:auto-assign-public-ip"]) &&
    isPrivate(conditions["ForAllValues:StringEquals"]?.["ecs:subnet"]) &&
    isFalse(conditions.Null?.["ecs:subnet"]),
  "ecs:DescribeTasks": isInCluster,
  "ecs:StopTask": isInCluster,
  "iam:PassRole": ({ resources, conditions }) =>
    resources.length === 2 &&
    resources.every((each) => /Operator(Execution|Task)/.test(each)) &&
    JSON.stringify(conditions.StringEquals?.["iam:PassedToService"] ?? "").includes("ecs-tasks.amazonaws.com"),
  "logs:GetLogEvents": ({ resources }, graph) =>
    resources.every(
      (each) => each.includes(`:log-group:/lectern/${graph.stage}/operator:`) || /OperatorLogs/.test(each),
    ),
  "ssm:GetParameter": ({ resources }, graph) =>
    resources.every((each) => /\/OperatorPlace$/.test(each) || each.endsWith(`/${graph.stage}/operator`)),
};
const isCluster = (value: unknown, { stage }: Graph): boolean =>
  String([value].flat()).endsWith(`:cluster/lectern-${stage}-operator`);
const isFalse = (value: unknown): boolean => [value].flat().join() === "false";
const isPrivate = (value: unknown): boolean => {
  const subnets = [value ?? []].flat().map(String);
  return subnets.length > 0 && subnets.every((each) => /Private/.test(each));
};
function isInCluster({ resources, conditions }: Statement, graph: Graph): boolean {
  return (
    resources.every((each) => each.endsWith(`:task/lectern-${graph.stage}-operator/*`)) &&
    isCluster(conditions.ArnEquals?.["ecs:cluster"], graph)
  );
}

export const operatorRules: readonly Rule[] = [
  {
    name: "operators-place",
    why: "A command runs shut in: our private subnets, nothing to write on, no way in, its words kept under our key.",
    *check(graph) {
      const task = named(graph, "aws:ecs/taskDefinition:TaskDefinition", "OperatorDefinition");
      if (!isStanding(graph) || isDev(graph)) {
        for (const { name, type } of graph.resources)
          if (/^Operator(?!Token)/.test(name) && type.startsWith("aws:"))
            yield { resource: name, message: "is there on a stage that comes and goes" };
        return;
      }
      if (!task) return void (yield { resource: graph.stage, message: "has no place for operators' commands" });
      const container = containerOf(task);
      if (container.readonlyRootFilesystem !== true) yield { resource: task.name, message: "can be written on" };
      if (container.user !== "1000:1000") yield { resource: task.name, message: "does not say that it is not root" };
      if (container.privileged || container.portMappings || at(task, "volumes") !== undefined)
        yield { resource: task.name, message: "has a way in or out that no command needs" };
      if (String(container.entryPoint) !== "env,-u,NODE_OPTIONS,node,operate.mjs")
        yield { resource: task.name, message: "runs another program than the command line" };
      const group = named(graph, "aws:cloudwatch/logGroup:LogGroup", "OperatorLogs");
      const logged = record(record(container.logConfiguration).options)["awslogs-group"];
      if (!group || logged !== at(group, "name") || !/KeyLogs/.test(String(at(group, "kmsKeyId"))))
        yield { resource: task.name, message: "does not write into its own group under our key" };
      for (const { name } of ofType(graph, "aws:ecs/service:Service").filter((each) =>
        isCluster(at(each, "cluster"), graph),
      ))
        yield { resource: name, message: "stands where only commands run, and costs by the month" };
      const place = named(graph, "aws:ssm/parameter:Parameter", "OperatorPlace");
      const { subnets } = record(place ? JSON.parse(String(at(place, "insecureValue"))) : undefined);
      if (!isPrivate(subnets)) yield { resource: "OperatorPlace", message: "leads into a subnet that is not private" };
      const rule = named(graph, "aws:cloudwatch/eventRule:EventRule", "OperatorWorks");
      const told = named(graph, "aws:cloudwatch/eventTarget:EventTarget", "OperatorWorksTold");
      const pattern = String(rule && at(rule, "eventPattern"));
      if (
        !pattern.includes(`:cluster/lectern-${graph.stage}-operator"`) ||
        !/PENDING/.test(pattern) ||
        !/-errors$/.test(String(told && at(told, "arn")))
      )
        yield { resource: "OperatorWorks", message: "a command may begin without anybody being told" };
    },
  },
  {
    name: "operators-links",
    why: "A command reads by name what its task is told of, and no secret is among that.",
    *check(graph) {
      const task = named(graph, "aws:ecs/taskDefinition:TaskDefinition", "OperatorDefinition");
      if (!task) return;
      const variables = variablesOf(containerOf(task));
      const links = variables.flatMap(({ name }) => (name.startsWith("SST_RESOURCE_") ? [name.slice(13)] : []));
      const read = keptReads("packages/cli/src/stage.commands");
      for (const [name, place] of read)
        if (!unlinked.has(name) && !links.includes(name))
          yield { resource: task.name, message: `reads Resource.${name} (${place}), which is not linked` };
      for (const name of links)
        if (!read.has(name)) yield { resource: task.name, message: `is linked to ${name}, which no command reads` };
      if (containerOf(task).secrets !== undefined)
        yield { resource: task.name, message: "has secrets in its environment" };
      for (const { name, value } of variables) {
        const isArns = name === "SST_RESOURCE_Secrets" && Object.keys(record(JSON.parse(value))).join() === "arns";
        if (/secret|password|token|credential/i.test(name) && !isArns)
          yield { resource: task.name, message: `${name} in its environment is or looks like a secret` };
      }
    },
  },
  {
    name: "operators-role",
    why: "One role of people starts commands: with a second factor, for an hour, this task in this cluster and nothing else.",
    *check(graph) {
      if (!isStanding(graph) || isDev(graph)) return;
      const role = named(graph, "aws:iam/role:Role", "Operator");
      if (!role) return void (yield { resource: graph.stage, message: "has no role for operators" });
      if (Number(at(role, "maxSessionDuration")) !== 3_600)
        yield { resource: role.name, message: "is taken for longer" };
      const trust = statementsOf(at(role, "assumeRolePolicy"));
      if (trust.length === 0) yield { resource: role.name, message: "says not whom it trusts" };
      for (const { actions, conditions, principal } of trust) {
        if (actions.join() !== "sts:AssumeRole" || !/:root"?[}\]]*$/.test(JSON.stringify(principal)))
          yield { resource: role.name, message: "is taken by others than people of the account" };
        if ([conditions.Bool?.["aws:MultiFactorAuthPresent"]].flat().join() !== "true")
          yield { resource: role.name, message: "is taken without a second factor" };
      }
      const rights = ofType(
        graph,
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      );
      for (const each of rights.filter((one) => String(at(one, "role")) === at(role, "name"))) {
        const statements = statementsOf(at(each, "policy"));
        if (statements.length === 0) yield { resource: each.name, message: "gives operators somebody else's policy" };
        for (const statement of statements)
          for (const action of statement.actions)
            if (!mayDo[action]?.(statement, graph))
              yield { resource: each.name, message: `allows ${action} to people, or without saying whose` };
      }
      const boundary = named(graph, "aws:iam/policy:Policy", "DeployBoundary");
      const denied = statementsOf(boundary && at(boundary, "policy")).filter(({ effect }) => effect === "Deny");
      for (const action of ["ecs:RunTask", "ecs:ExecuteCommand"])
        if (!denied.some(({ actions, resources }) => actions.includes(action) && resources.includes("*")))
          yield { resource: "DeployBoundary", message: `lets a deployment ${action}: it could start a command` };
      for (const owner of ofType(graph, ...policies).filter(({ name }) => !/^Deploy/.test(name)))
        for (const { effect, actions } of statementsOf(at(owner, "policy")))
          if (effect === "Allow" && actions.some((action) => /^ecs:ExecuteCommand$/i.test(action)))
            yield { resource: owner.name, message: "opens a shell in a running task" };
    },
  },
];
