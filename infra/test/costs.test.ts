import { expect, test } from "vitest";
import { months } from "../costs/months.ts";
import { allPrices, faults, prices } from "../costs/prices.ts";
import { standing, total } from "../costs/standing.ts";
import { monthly } from "../costs/usage.ts";
import { complaints, idleLimitUsd } from "../costs/verdict.ts";
import type { Graph, GraphResource } from "../synth/graph.ts";
import { graphOf } from "./graphs.ts";

const plus = (graph: Graph, ...more: Omit<GraphResource, "opts">[]): Graph => ({
  ...graph,
  resources: [...graph.resources, ...more.map((each) => ({ ...each, opts: {} }))],
});

test.each(["production", "staging", "preview", "ada"])("everything on %s has a price or is free", (stage) => {
  expect(complaints(graphOf(stage))).toEqual([]);
});

test.each(["preview", "ada"])(
  "%s costs little while nobody uses it; three NAT gateways or a proxy would not",
  (stage) => {
    const graph = graphOf(stage);
    expect(total(monthly(graph, months.idle))).toBeLessThanOrEqual(idleLimitUsd);
    const gateways = [1, 2, 3].map((at) => ({ type: "aws:ec2/natGateway:NatGateway", name: `Nat${at}`, inputs: {} }));
    expect(complaints(plus(graph, ...gateways))).toEqual([expect.stringMatching(/a month idle, over \$100/)]);
    const proxy = { type: "aws:rds/proxy:Proxy", name: "Proxy", inputs: {} };
    expect(complaints(plus(graph, proxy))).toEqual([expect.stringMatching(/a month idle, over \$100/)]);
  },
);

test("the check finds a resource without a price", () => {
  const graph = plus(graphOf("preview"), { type: "aws:mskconnect/connector:Connector", name: "New", inputs: {} });
  expect(complaints(graph)).toEqual([expect.stringMatching(/aws:mskconnect\S+ has no price/)]);
});

test("the figures are those of the price table", () => {
  const none = { ...graphOf("preview"), resources: [] };
  expect(standing(none).lines).toEqual([]);
  const instance = { type: "aws:rds/clusterInstance:ClusterInstance", name: "Writer", inputs: {} };
  const cluster = {
    type: "aws:rds/cluster:Cluster",
    name: "Database",
    inputs: { serverlessv2ScalingConfiguration: { minCapacity: 2 } },
  };
  expect(total(standing(plus(none, cluster, instance)).lines)).toBeCloseTo(175.2, 1);
  const tiers = [months.idle, months.small, months.large].map((month) => total(monthly(graphOf("production"), month)));
  expect(tiers).toEqual([...tiers].sort((a, b) => a - b));
  expect(prices.date).toMatch(/^\d{4}-\d\d-\d\d$/);
});

test("every price says where it was compared and of when, or that it was not", () => {
  expect(faults()).toEqual([]);
  expect(allPrices().length).toBeGreaterThan(60);
  const planted = structuredClone(prices) as unknown as Record<"perHour", Record<string, object>>;
  planted.perHour.natGateway = { usd: 0.045 };
  planted.perHour.proxyAcu = { usd: 0.015, source: "hearsay", date: "2026-11-21" };
  expect(faults(planted as unknown as typeof prices)).toHaveLength(2);
});
