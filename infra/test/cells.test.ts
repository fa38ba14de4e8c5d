import { afterEach, describe, expect, test, vi } from "vitest";
import { furtherCell, standing, total } from "../costs/standing.ts";
import { asInFirst } from "../rules/cells.ts";
import { statementsOf } from "../rules/policy.ts";
import { at, ofType } from "../rules/rule.ts";
import { stageOf } from "../stage.ts";
import type { Graph, GraphResource } from "../synth/graph.ts";
import first from "./first-cell.json" with { type: "json" };
import { expectRule, graphOf } from "./graphs.ts";

// Production has one cell, the variant (npm run synth -- --variant) two.
const usual = graphOf("production");
const variant = graphOf("variant");

/** Removes the suffixes that SST generates anew at each evaluation. */
const settled = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value ?? null).replaceAll(
      /(lectern-production-(?:[A-Z]\w*|\w*(?:bucket|group|instance|replica\d)))-[a-z]{8}\b/g,
      "$1",
    ),
  );
const idOf = ({ type, name, opts }: GraphResource) => `${opts.parent ?? ""} ${type} ${name}`;
const byId = (graph: Graph) => new Map(graph.resources.map((each) => [idOf(each), each]));

describe("the setting", () => {
  afterEach(() => vi.unstubAllEnvs());
  const withCells = (text: string) => {
    vi.stubEnv("LECTERN_CELLS", text);
    return stageOf("production").cells;
  };

  test("defaults to one cell, and keeps the order of the requested ones", () => {
    for (const stage of ["production", "staging", "pr-1", "ada"]) expect(stageOf(stage).cells).toEqual(["cell-1"]);
    expect(withCells("cell-1, cell-2,cell-12")).toEqual(["cell-1", "cell-2", "cell-12"]);
  });

  test.each([
    ["", "a stage has at least one cell, and its first is cell-1: none is named"],
    [" , ", "a stage has at least one cell, and its first is cell-1: none is named"],
    ["cell-1,cell-2,cell-2", "cell-2 is named twice among the cells"],
    ["cell-1,Cell-2", '"Cell-2" is no name of a cell: they are called cell-1 to cell-99'],
    ["cell-1,cell-02", '"cell-02" is no name of a cell: they are called cell-1 to cell-99'],
    ["cell-1,cell-100", '"cell-100" is no name of a cell: they are called cell-1 to cell-99'],
    ["cell-1,", '"" is no name of a cell: they are called cell-1 to cell-99'],
    ["cell-2", "the first of the cells is cell-1, not cell-2: its database and table cannot be left out"],
    ["cell-2,cell-1", "the first of the cells is cell-1, not cell-2: its database and table cannot be left out"],
  ])("%j is refused in one sentence", (text, message) => {
    expect(() => withCells(text)).toThrow(new Error(message));
  });
});

describe("the first cell", () => {
  test("is called as it was before there could be others: under another name AWS would make another database", () => {
    const now = byId(usual);
    const found = first.map(({ type, name, parent, inputs = {} }) => {
      const each = now.get(idOf({ type, name, inputs: {}, opts: parent ? { parent } : {} }));
      const same = each && Object.fromEntries(Object.keys(inputs).map((key) => [key, settled(at(each, key))]));
      return { type, name, ...(parent && { parent }), ...(Object.keys(inputs).length > 0 && { inputs: same }) };
    });
    expect(found).toEqual(first);
    expect(usual.resources.filter(({ name }) => /Cell\d|CellsOpened/.test(name))).toEqual([]);
  });

  test("stays as it is when a second one comes: nothing goes, nothing of its own changes", () => {
    const then = byId(variant);
    expect(usual.resources.map(idOf).filter((id) => !then.has(id))).toEqual([]);
    // Properties that the variant's flags change on every table.
    const flagged = ["replicas", "streamEnabled", "streamViewType"];
    const own = first.filter(({ type }) => /^aws:(rds|dynamodb|secretsmanager\/secret:|cloudwatch)/.test(type));
    expect(own.length).toBeGreaterThan(20);
    for (const { type, name, parent } of own) {
      const id = idOf({ type, name, inputs: {}, opts: parent ? { parent } : {} });
      const without = (graph: Graph) =>
        Object.fromEntries(Object.entries(byId(graph).get(id)?.inputs ?? {}).filter(([key]) => !flagged.includes(key)));
      expect([id, settled(without(variant))]).toEqual([id, settled(without(usual))]);
    }
  });

  test("loses no right to the second one: policies grow and do not shrink", () => {
    const there = rightsOf(variant);
    expect([...rightsOf(usual)].filter((right) => !there.has(right))).toEqual([]);
  });
});

function rightsOf(graph: Graph): ReadonlySet<string> {
  const owners = ofType(graph, "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy");
  return new Set(
    owners.flatMap((owner) =>
      [at(owner, "policy"), ...[at(owner, "inlinePolicies") ?? []].flat().map((each) => Object(each).policy)]
        .flatMap((text) => statementsOf(settled(text)))
        .filter(({ effect }) => effect === "Allow")
        .flatMap(({ actions, resources }) =>
          actions.flatMap((action) => resources.map((resource) => `${owner.name}: ${action} ${resource}`)),
        ),
    ),
  );
}

describe("the second cell", () => {
  const ofSecond = variant.resources.filter(({ name }) => /Cell2/.test(name));

  test("has everything that the first one has, and nothing else", () => {
    const kinds = (resources: readonly GraphResource[]) =>
      resources.map(({ type, name }) => `${type} ${asInFirst(name)}`).sort();
    const ofFirst = variant.resources.filter(({ name }) => ofSecond.some((each) => asInFirst(each.name) === name));
    expect(kinds(ofSecond)).toEqual(kinds(ofFirst));
    // The first cell's resources must not change, except what a stage has once.
    const once = /^(SchoolRole|SchoolRolePolicy|CellSeed|Migrated)/;
    const wanted = first.filter(({ name }) => !once.test(name)).map(({ type, name }) => `${type} ${name}`);
    expect(wanted.filter((each) => !kinds(ofSecond).includes(each))).toEqual([]);
  });

  test("is as strong as the first: the same database, proxy and table under names of its own", () => {
    const renamed = (value: unknown) =>
      JSON.parse(
        JSON.stringify(settled(value))
          .replaceAll(/Cell2|CELL2|cell2/g, "")
          .replaceAll("-cell-2", ""),
      );
    const types = /^aws:(rds\/(cluster|clusterInstance|proxy|clusterParameterGroup|proxyDefaultTargetGroup)|dynamodb)/;
    const strong = ofSecond.filter(({ type }) => types.test(type));
    expect(strong.length).toBeGreaterThanOrEqual(8);
    for (const each of strong) {
      const twin = variant.resources.find(({ type, name }) => type === each.type && name === asInFirst(each.name));
      expect([each.name, renamed(each.inputs)]).toEqual([each.name, settled(twin?.inputs)]);
    }
  });

  test("is watched as the first is: alarms.test.ts fires those, and these differ in whom they watch only", () => {
    const alarms = ofSecond.filter(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm");
    const judged = ({ inputs }: GraphResource) => {
      const { name: _, alarmDescription: __, tags, dimensions, metricQueries, ...rest } = inputs;
      const queries = JSON.stringify(metricQueries ?? []).replaceAll(/"TableName":"[^"]*"/g, "");
      return { ...rest, queries, kind: Object(tags).kind, names: Object.keys(Object(dimensions)).sort() };
    };
    expect(alarms).toHaveLength(7);
    for (const each of alarms) {
      const twin = variant.resources.find(({ type, name }) => type === each.type && name === asInFirst(each.name));
      if (!twin) throw new Error(`the first cell has no ${asInFirst(each.name)}`);
      const wanted = judged(twin);
      // The stage's alarm covers the first cell: it shows the worst of all cells.
      const names = wanted.kind === "outbox-age" ? ["cell", ...wanted.names] : wanted.names;
      expect([each.name, judged(each)]).toEqual([each.name, { ...wanted, names }]);
      expect(JSON.stringify(each.inputs)).toMatch(/-cell-2|Cell2/);
    }
  });

  test("costs what the document says of one more cell", () => {
    const lines = standing({ ...variant, resources: ofSecond }).lines;
    expect(total(lines)).toBeCloseTo(total(furtherCell(usual)), 2);
    expect(lines.map(({ what }) => what)).toEqual(expect.arrayContaining(["database proxy", "Database Insights"]));
  });

  test("leaves every role's own policies within what IAM takes", () => {
    for (const role of ofType(variant, "aws:iam/role:Role")) {
      const texts = [at(role, "inlinePolicies") ?? []].flat().map((each) => String(Object(each).policy));
      expect([role.name, texts.join("").replaceAll(/\s/g, "").length < 10_240]).toEqual([role.name, true]);
    }
  });
});

const type = {
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  cluster: "aws:rds/cluster:Cluster",
  instance: "aws:rds/clusterInstance:ClusterInstance",
  invocation: "aws:lambda/invocation:Invocation",
  proxy: "aws:rds/proxy:Proxy",
  role: "aws:iam/role:Role",
  rolePolicy: "aws:iam/rolePolicy:RolePolicy",
  table: "aws:dynamodb/table:Table",
};
type Plant = Parameters<typeof expectRule>[2];
type Find = Parameters<Plant>[0]["find"];

/** Removes resources from a role's policy, as if its use knew only the first cell. */
function forget(find: Find, role: RegExp, resource: RegExp): void {
  const [inline] = find(type.role, role).inputs.inlinePolicies;
  const policy = JSON.parse(inline.policy);
  const before = inline.policy;
  for (const statement of policy.Statement)
    if (Array.isArray(statement.Resource))
      statement.Resource = statement.Resource.filter((each: string) => !resource.test(each));
  inline.policy = JSON.stringify(policy);
  if (inline.policy === JSON.stringify(JSON.parse(before))) throw new Error(`${role} has nothing of ${resource}`);
}

const mistakes: readonly (readonly [rule: string, mistake: string, Plant])[] = [
  ["cell-whole", "a database without a proxy", ({ remove }) => remove(type.proxy, /Cell2/)],
  ["cell-whole", "a cell without a database", ({ remove }) => remove(type.cluster, /Cell2Cluster/)],
  ["cell-whole", "a cell without a table", ({ remove }) => remove(type.table, /Cell2/)],
  ["cell-whole", "a table of no cell", ({ add }) => add(type.table, "SchoolDataCell3Table", { name: "nobody" })],
  ["cell-whole", "a database of no cell", ({ add }) => add(type.cluster, "DatabaseCell3Cluster", {})],
  [
    "cell-in-school-role",
    "a table missing in the school role",
    ({ find }) => {
      const policy = find(type.rolePolicy, /^SchoolRolePolicy/).inputs;
      policy.policy = policy.policy.replaceAll(/"[^"]*SchoolDataCell2Table[^"]*",?/g, "").replaceAll(",]", "]");
    },
  ],
  ["cells-alike", "a relay that knows one outbox", ({ find }) => forget(find, /^CronRelayRole/, /Cell2.*outbox$/)],
  [
    "cells-alike",
    "an API that signs in to one database",
    ({ find }) => forget(find, /^ApiRole/, /cell-2\/lectern_app$/),
  ],
  [
    "cells-alike",
    "a migration that may not read one administrator's password",
    ({ find }) => forget(find, /^MigrateRole/, /:DatabaseCell2Cluster$/),
  ],
  [
    "cells-alike",
    "a function that may do in the second what it may not in the first",
    ({ find }) => forget(find, /^CronDumpSchoolsRole/, /lectern-production\/lectern_platform$/),
  ],
  [
    "cell-data-apart",
    "a database in the group of our code",
    ({ find }) => {
      find(type.cluster, /Cell2Cluster/).inputs.vpcSecurityGroupIds = ["GroupCode-id"];
    },
  ],
  [
    "cell-data-apart",
    "a proxy where code stands",
    ({ find }) => {
      find(type.proxy, /Cell2/).inputs.vpcSubnetIds[0] = "NetworkPrivateSubnet1-id";
    },
  ],
  [
    "data-reached-by-few",
    "5432 open to code",
    ({ add }) =>
      add("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "InCodeToDatabase5432", {
        ...{ fromPort: 5432, toPort: 5432, ipProtocol: "tcp" },
        ...{ securityGroupId: "GroupDatabase-id", referencedSecurityGroupId: "GroupCode-id" },
      }),
  ],
  ["cell-outbox-watched", "no alarm for its outbox", ({ remove }) => remove(type.alarm, /OutboxAgeCell2/)],
  ["alarm-for-database", "no alarm for its database", ({ remove }) => remove(type.alarm, /CapacityDatabaseCell2/)],
  ["alarm-for-database", "no alarm for its reader", ({ remove }) => remove(type.alarm, /ReplicaLagDatabaseCell2/)],
  ["alarm-for-database", "no alarm for its proxy", ({ remove }) => remove(type.alarm, /PinnedSessions.*Cell2/)],
  ["alarm-per-table", "no alarm for its table", ({ remove }) => remove(type.alarm, /ThrottlesSchoolDataCell2/)],
  [
    "backed-up-weekly",
    "a database in no backup",
    ({ find }) => {
      find(type.cluster, /Cell2Cluster/).inputs.tags.backup = "none";
    },
  ],
  [
    "backed-up-weekly",
    "a table in no backup",
    ({ find }) => {
      find(type.table, /Cell2/).inputs.tags.backup = "none";
    },
  ],
  [
    "stores-kept",
    "a database one can delete",
    ({ find }) => {
      find(type.cluster, /Cell2Cluster/).inputs.deletionProtection = false;
    },
  ],
  [
    "database-speaks-tls",
    "TLS if you like",
    ({ find }) => void find("aws:rds/clusterParameterGroup:ClusterParameterGroup", /Cell2/).inputs.parameters.shift(),
  ],
  [
    "database-speaks-tls",
    "passwords instead of tokens",
    ({ find }) => {
      find(type.cluster, /Cell2Cluster/).inputs.iamDatabaseAuthenticationEnabled = false;
    },
  ],
  ["database-in-zones", "no reader", ({ remove }) => remove(type.instance, /Cell2Replica/)],
  [
    "database-in-zones",
    "its reader in the writer's zone",
    ({ find }) => {
      find(type.instance, /Cell2Replica/).inputs.availabilityZone = "us-east-1a";
    },
  ],
  ["cells-opened-last", "a cell that nobody opens", ({ remove }) => remove(type.invocation, /CellsOpened/)],
  [
    "cells-opened-last",
    "a cell that is opened before the relay may reach it",
    ({ find }) => {
      const { dependsOn } = find(type.invocation, /CellsOpened/).opts as { dependsOn: string[] };
      dependsOn.splice(dependsOn.indexOf("CronRelayLive"), 1);
    },
  ],
  [
    "cells-opened-last",
    "a run that does not notice another set of cells",
    ({ find }) => {
      delete find(type.invocation, /^Migrated/).inputs.triggers.cells;
    },
  ],
];

test.each(mistakes)("%s sees %s", (rule, _, plant) => expectRule(rule, variant, plant));

test("cells-opened-last sees a stage of one cell that opens another", () =>
  expectRule("cells-opened-last", usual, ({ add }) => add(type.invocation, "CellsOpened", {})));
