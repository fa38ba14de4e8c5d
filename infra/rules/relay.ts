import type { Bundle, Graph } from "../synth/graph.ts";
import { resourcesIn } from "./functions.ts";
import { keptReads } from "./kept-reads.ts";
import { type Statement, statementsOf } from "./policy.ts";
import { at, isDev, ofType, type Rule } from "./rule.ts";

const link = "Relay";
const relay = /:function:[\w-]+-CronRelay:live$/;

/** Its code can come to `nudge` (kernel/event/nudge.ts), which every commit with events runs. */
const emits = (bundle: Bundle): boolean =>
  bundle.source.startsWith("packages/functions/")
    ? keptReads(bundle.source).has(link)
    : bundle.links.length > 0 && resourcesIn(bundle).has(link);

/** What a function's role is allowed; SST names the role after the function. */
function allowedTo(graph: Graph, { name }: Bundle): Statement[] {
  const role = ofType(graph, "aws:iam/role:Role").find((each) => each.name === `${name}Role`);
  const policies = [(role && at(role, "inlinePolicies")) ?? []].flat();
  return policies
    .flatMap((each) => statementsOf(Reflect.get(Object(each), "policy")))
    .filter(({ effect }) => effect === "Allow");
}

export const relayRules: readonly Rule[] = [
  {
    name: "relay/who emits may call it",
    why: "The events of a function that cannot call the relay wait up to a minute for its schedule.",
    *check(graph) {
      for (const bundle of isDev(graph) ? [] : graph.bundles.filter(emits)) {
        if (!bundle.links.includes(link)) yield { resource: bundle.name, message: "emits and does not know the relay" };
        const isAllowed = allowedTo(graph, bundle).some(
          ({ actions, resources }) =>
            actions.includes("lambda:InvokeFunction") && resources.some((resource) => relay.test(resource)),
        );
        if (!isAllowed) yield { resource: bundle.name, message: "emits and may not call the relay" };
      }
    },
  },
  {
    name: "relay/there is one",
    why: "A call of a name that no function has is refused, and only a log line of the caller says so.",
    *check(graph) {
      if (!ofType(graph, "aws:lambda/alias:Alias").some(({ name }) => name === "CronRelayLive"))
        yield { resource: graph.stage, message: "has no live alias of CronRelay" };
    },
  },
];
