import type { Graph, GraphResource } from "../synth/graph.ts";
import { statementsOf } from "./policy.ts";
import { at, isDev, isStanding, ofType, type Rule } from "./rule.ts";

// Every cell must have the same parts and rights. The migration function's input lists the cells.

const clusterType = "aws:rds/cluster:Cluster";
const proxyType = "aws:rds/proxy:Proxy";

interface Seed {
  readonly id: string;
  readonly host: string;
  readonly directHost: string;
  readonly table: string;
  readonly secrets: Readonly<Record<string, string>>;
}

export function cellsOf(graph: Graph): readonly Seed[] {
  const seeds: unknown = Reflect.get(
    Object(graph.bundles.find(({ name }) => name === "Migrate")?.linked.CellSeed),
    "cells",
  );
  return Array.isArray(seeds) ? seeds : [];
}

/** Clusters of cells, without their replicas in the second region. */
export const clustersOf = (graph: Graph): GraphResource[] =>
  ofType(graph, clusterType).filter((cluster) => at(cluster, "region") === undefined);

export const asInFirst = (name: string): string => name.replace(/Cell\d+/, "");

interface Parts extends Seed {
  readonly cluster: GraphResource | undefined;
  readonly proxy: GraphResource | undefined;
  readonly data: GraphResource | undefined;
}

function partsOf(graph: Graph): Parts[] {
  // AWS derives addresses from names, and so does the evaluation.
  const called = (address: string) => (each: GraphResource) => address.startsWith(`${each.name.toLowerCase()}.`);
  return cellsOf(graph).map((seed) => ({
    ...seed,
    cluster: clustersOf(graph).find(called(seed.directHost)),
    proxy: ofType(graph, proxyType).find(called(seed.host)),
    data: ofType(graph, "aws:dynamodb/table:Table").find((table) => at(table, "name") === seed.table),
  }));
}

/** Matches one cell's names in policies, including their end: one name may be a prefix of another. */
function namesOf({ table, proxy, cluster, secrets }: Parts): RegExp {
  const literal = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const signIn = proxy ? `dbuser:proxy/${String(at(proxy, "name"))}` : `dbuser:cluster-${cluster?.name.toUpperCase()}`;
  const own = [secrets.admin, secrets.app, secrets.platform].filter((arn) => arn !== undefined);
  return new RegExp(`(?:${[`table/${table}`, signIn, ...own].map(literal).join("|")})(?=/|$)`);
}

/** Rights in a cell, normalized as if it were the only one: role, action, resource. */
function rightsIn(graph: Graph, cell: Parts): ReadonlySet<string> {
  const names = namesOf(cell);
  const found = new Set<string>();
  for (const owner of ofType(graph, "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy")) {
    const inline = [at(owner, "inlinePolicies") ?? []].flat().map((each) => Reflect.get(Object(each), "policy"));
    for (const { effect, actions, resources } of [at(owner, "policy"), ...inline].flatMap(statementsOf))
      for (const resource of resources)
        if (names.test(resource)) {
          const part = resource.slice(resource.search(names)).replace(names, "");
          const kind = /secret:.*(Platform|App)$/.exec(resource)?.[1] ?? resource.split(":")[2];
          for (const action of actions) found.add(`${asInFirst(owner.name)}: ${effect} ${action} on ${kind}${part}`);
        }
  }
  return found;
}

export const cellRules: readonly Rule[] = [
  {
    name: "cell-whole",
    why: "A cell is a database, the proxy in front of it and a table, all of its own; none of them stands there for nobody.",
    *check(graph) {
      if (isDev(graph)) return;
      const cells = partsOf(graph);
      if (cells.length === 0) yield { resource: graph.stage, message: "has no cell" };
      for (const { id, cluster, proxy, data, secrets } of cells) {
        if (!cluster) yield { resource: id, message: "has no database" };
        if (isStanding(graph) && !proxy) yield { resource: id, message: "has a database without a proxy" };
        if (!data) yield { resource: id, message: "has no table" };
        if (isStanding(graph) && (!secrets.app || !secrets.platform))
          yield { resource: id, message: "has no passwords for its proxy" };
      }
      for (const [what, own] of Object.entries({
        database: cells.map(({ cluster }) => cluster?.name),
        table: cells.map(({ data }) => data?.name),
        administrator: cells.map(({ secrets }) => secrets.admin),
      }))
        if (new Set(own).size !== own.length)
          yield { resource: graph.stage, message: `has two cells with the same ${what}` };
      const used = new Set(cells.flatMap(({ cluster, proxy, data }) => [cluster, proxy, data]));
      for (const each of [
        ...clustersOf(graph),
        ...ofType(graph, proxyType),
        ...ofType(graph, "aws:dynamodb/table:Table").filter(({ name }) => /^SchoolData/.test(name)),
      ])
        if (!used.has(each)) yield { resource: each.name, message: "belongs to no cell" };
    },
  },
  {
    name: "cells-alike",
    why: "What a function may do in one cell it may do in each, or a school that moves finds half of the platform shut.",
    *check(graph) {
      if (isDev(graph)) return;
      const [first, ...others] = partsOf(graph);
      if (!first) return;
      const there = rightsIn(graph, first);
      if (there.size === 0) yield { resource: first.id, message: "nobody may do anything in it" };
      for (const cell of others) {
        const here = rightsIn(graph, cell);
        for (const right of there)
          if (!here.has(right)) yield { resource: cell.id, message: `lacks ${right}, which ${first.id} has` };
        for (const right of here)
          if (!there.has(right)) yield { resource: cell.id, message: `has ${right}, which ${first.id} has not` };
      }
    },
  },
  {
    name: "cell-in-school-role",
    why: "A school's work reaches its items by the school role, whose policy names the tables one by one.",
    *check(graph) {
      const policy = ofType(graph, "aws:iam/rolePolicy:RolePolicy").find(({ name }) => name === "SchoolRolePolicy");
      const resources = statementsOf(policy && at(policy, "policy"))
        .filter(({ sid }) => sid.startsWith("OwnItems"))
        .flatMap((statement) => statement.resources);
      const reached = resources.map((arn) => arn.split(":table/")[1]);
      for (const { id, table } of cellsOf(graph))
        for (const wanted of [table, `${table}/index/gsi1`])
          if (!reached.includes(wanted)) yield { resource: id, message: `${wanted} is missing in the school role` };
    },
  },
  {
    name: "cell-data-apart",
    why: "A cell's database and proxy stand where the first one's do: in the data subnets and in no group but their own.",
    *check(graph) {
      const groups = { [clusterType]: "GroupDatabase-id", [proxyType]: "GroupProxy-id" };
      for (const each of [...clustersOf(graph), ...ofType(graph, proxyType)])
        if (String(at(each, "vpcSecurityGroupIds")) !== groups[each.type as keyof typeof groups])
          yield { resource: each.name, message: "is in other groups than its own" };
      const subnets = [
        ...ofType(graph, proxyType).map((each) => [each, at(each, "vpcSubnetIds")] as const),
        ...ofType(graph, "aws:rds/subnetGroup:SubnetGroup")
          .filter((each) => at(each, "region") === undefined)
          .map((each) => [each, at(each, "subnetIds")] as const),
      ];
      for (const [{ name }, ids] of subnets)
        for (const id of [ids].flat())
          if (!/^NetworkDataSubnet\d-id$/.test(String(id)))
            yield { resource: name, message: `stands outside the data tier: ${String(id)}` };
    },
  },
  {
    name: "cell-outbox-watched",
    why: "Events that wait in one cell must say in which: the stage's own figure is that of the worst.",
    *check(graph) {
      if (isDev(graph)) return;
      const watched = ofType(graph, "aws:cloudwatch/metricAlarm:MetricAlarm")
        .filter((alarm) => at(alarm, "tags", "kind") === "outbox-age")
        .map((alarm) => at(alarm, "dimensions", "cell"));
      for (const [index, { id }] of cellsOf(graph).entries())
        if (!watched.includes(index === 0 ? undefined : id))
          yield { resource: id, message: "has no alarm of kind outbox-age" };
    },
  },
  {
    name: "cells-opened-last",
    why: "A cell is in the directory only when all code has the rights to work in it, or schools are opened where nobody reaches them.",
    *check(graph) {
      if (isDev(graph)) return;
      const wanted = cellsOf(graph)
        .map(({ id }) => id)
        .join();
      const call = (name: string) =>
        ofType(graph, "aws:lambda/invocation:Invocation").find((invocation) => invocation.name === name);
      const several = wanted.includes(",");
      const [run, opened] = [call("Migrated"), call("CellsOpened")];
      if (!several && opened) yield { resource: opened.name, message: "opens nothing" };
      if (!several) return;
      if (!opened || !String(at(opened, "input")).includes('"open"') || at(opened, "triggers", "cells") !== wanted)
        yield { resource: graph.stage, message: "does not open its further cells" };
      const first = [
        "Migrated",
        "SchoolRolePolicy",
        "Web",
        ...graph.bundles.map(({ name }) => `${name}Live`).filter((name) => !name.startsWith("WebServer")),
      ];
      for (const name of first)
        if (opened && !opened.opts.dependsOn?.includes(name))
          yield { resource: opened.name, message: `does not wait for ${name}` };
      if (!run || at(run, "triggers", "cells") !== wanted)
        yield {
          resource: graph.stage,
          message: "does not ready a cell that is new, nor ask after one that is left out",
        };
    },
  },
];
