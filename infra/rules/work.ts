import type { Graph } from "../synth/graph.ts";
import { statementsOf } from "./policy.ts";
import { at, ofType, type Rule } from "./rule.ts";

// Work in schools: one queue, one dispatcher that fills it and one function that reads it.

const queueName = /-school-work$/;

/** Inline policies of every role, by the role's name. */
function* policies(graph: Graph) {
  for (const role of ofType(graph, "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy")) {
    const inline = [at(role, "inlinePolicies") ?? []].flat().map((each) => Object(each).policy);
    for (const statement of [at(role, "policy"), ...inline].flatMap(statementsOf))
      yield { owner: role.name, statement };
  }
}

export const workRules: readonly Rule[] = [
  {
    name: "work/one school at a time",
    why: "A function that takes several schools' messages holds them all back for the slowest, and loses them all when it is killed.",
    *check(graph) {
      for (const source of ofType(graph, "aws:lambda/eventSourceMapping:EventSourceMapping"))
        if (queueName.test(String(at(source, "eventSourceArn"))) && at(source, "batchSize") !== 1)
          yield { resource: source.name, message: `takes ${String(at(source, "batchSize"))} messages at once` };
    },
  },
  {
    name: "work/timers of all schools",
    why: "Who may change every school's timers decides what is done there and when: the dispatcher alone, and nothing but timers.",
    *check(graph) {
      for (const { owner, statement } of policies(graph)) {
        const keys = [statement.conditions["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"] ?? []]
          .flat()
          .map(String);
        const isOfAll = keys.some((key) => /^(\*|\$due#(\*|schoolId_\*|shard_\*))/.test(key));
        if (statement.effect === "Allow" && isOfAll && !owner.startsWith("CronDispatch"))
          yield { resource: owner, message: "reaches the timers of all schools" };
        const isOfData =
          owner.startsWith("CronDispatch") &&
          statement.resources.some((resource) => /:table\/[\w-]*SchoolData/.test(resource));
        if (isOfData && (keys.length === 0 || keys.some((key) => !key.startsWith("$due#"))))
          yield { resource: owner, message: `may ${statement.actions.join(", ")} on more than timers` };
      }
    },
  },
  {
    name: "work/one sender",
    why: "A message says in which school the platform works and what it does there: only the dispatcher writes one.",
    *check(graph) {
      for (const { owner, statement } of policies(graph))
        if (
          statement.effect === "Allow" &&
          !owner.startsWith("CronDispatch") &&
          statement.actions.some((action) => /^(\*|sqs:(\*|SendMessage\*?))$/.test(action)) &&
          statement.resources.some((resource) => resource === "*" || queueName.test(resource))
        )
          yield { resource: owner, message: "may hand out work in schools" };
    },
  },
];
