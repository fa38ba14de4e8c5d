import { expect, test } from "vitest";
import { orderRules } from "../rules/order.ts";
import { expectRule, graphOf, stages } from "./graphs.ts";

const graph = graphOf("production");
const service = "aws:ecs/service:Service";
const without = (name: RegExp) => (names: readonly string[] | undefined) => {
  const left = names?.filter((each) => !name.test(each)) ?? [];
  expect(left.length).toBe((names?.length ?? 0) - 1);
  return left;
};

test.each(["WorkspaceRule", "WorkspaceSwitchPolicy", "WorkspaceDriveZone1", "WorkspaceDriveZone3"])(
  "a service that does not wait for %s is seen",
  (name) =>
    expectRule("services-wait", graph, ({ find }) => {
      const { opts } = find(service, /^Workspace$/);
      opts.dependsOn = without(new RegExp(`^${name}$`))(opts.dependsOn);
    }),
);

test("the rule finds a service without dependencies, and a second listener that routes to it", () => {
  expectRule("services-wait", graph, ({ find }) => void delete find(service).opts.dependsOn);
  expectRule("services-wait", graph, ({ find, add }) => {
    const [{ targetGroupArn }] = find(service).inputs.loadBalancers;
    add("aws:lb/listener:Listener", "TestListener", { defaultActions: [{ type: "forward", targetGroupArn }] });
  });
});

test("the rule finds a balancer that does not wait for its log permission", () =>
  expectRule(
    "balancers-wait",
    graph,
    ({ find }) => void delete find("aws:lb/loadBalancer:LoadBalancer").opts.dependsOn,
  ));

test.each(stages)("%s is clean", (stage) =>
  expect(orderRules.flatMap((rule) => [...rule.check(graphOf(stage))])).toEqual([]),
);
