import { Token } from "@lectern/core/people/identity";
import { asSystem } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { afterAll, describe, expect, test } from "vitest";
import { check } from "../rules/index.ts";
import { at, ofType } from "../rules/rule.ts";
import type { Graph } from "../synth/graph.ts";
import { launch, unpack } from "./bundles.ts";
import { through } from "./bundles-doors.ts";
import { openTown, type Town } from "./bundles-town.ts";
import { edgeOf, edgeRequest, edgeSource, edgeStore } from "./edge.ts";
import { graphOf } from "./graphs.ts";

const usual = graphOf("production");
const variant = graphOf("variant");

test("the variant is whole, and the rules find nothing in it", () => {
  expect([variant.stage, variant.rejections, check(variant)]).toEqual(["production", [], []]);
}, 120_000);

const names = (graph: Graph, type: string) => ofType(graph, type).map(({ name }) => name);
const lambda = "aws:lambda/function:Function";

describe("a domain of the API on a function of its own", () => {
  test("adds one function with its own log group, alarms, alias and shift; without the split it does not exist", () => {
    expect(names(usual, lambda).filter((name) => !names(variant, lambda).includes(name))).toEqual([]);
    expect(names(variant, lambda).filter((name) => !names(usual, lambda).includes(name))).toEqual([
      "ApiCoursesFunction",
    ]);
    const about = (type: string) =>
      ofType(variant, type)
        .filter((each) => /ApiCourses/.test(each.name))
        .map(({ name }) => name);
    const [group] = ofType(variant, "aws:cloudwatch/logGroup:LogGroup").filter(({ name }) => /ApiCourses/.test(name));
    expect(group && [at(group, "name"), at(group, "retentionInDays")]).toEqual([
      "/aws/lambda/lectern-production-ApiCourses",
      3,
    ]);
    expect(about("aws:cloudwatch/metricAlarm:MetricAlarm")).toEqual([
      "AlarmFunctionErrorsApiCourses",
      "AlarmFunctionThrottlesApiCourses",
    ]);
    expect(about("aws:lambda/alias:Alias")).toEqual(["ApiCoursesLive"]);
    expect(about("aws:codedeploy/deploymentGroup:DeploymentGroup")).toEqual(["ShiftApiCourses"]);
    expect(about("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter")).toEqual(["ApiCoursesTold"]);
  });

  test("gets the paths of its domain from the edge, on every host, and nothing else", async () => {
    const originsOf = async (graph: Graph) => {
      const run = edgeOf(edgeSource(graph), edgeStore(graph));
      const at = async (url: string) => (await run(edgeRequest(url))).origin?.domainName.split(".")[0];
      return {
        domain: await Promise.all(
          ["harbor.lectern.example/api/v1/courses", "learn.harbor.example/api/v1/courses/crs_1/lessons/les_1"].map(
            (path) => at(`https://${path}`),
          ),
        ),
        others: await Promise.all(
          ["api/v1/me", "api/v1/coursesx", "api/v1/studio/courses", "api/v1", "health"].map((path) =>
            at(`https://harbor.lectern.example/${path}`),
          ),
        ),
      };
    };
    const api = "apiaddress";
    expect(await originsOf(variant)).toEqual({
      domain: ["apicoursesaddress", "apicoursesaddress"],
      others: [api, api, api, api, api],
    });
    expect((await originsOf(usual)).domain).toEqual([api, api]);
  });

  test("may do no more than the API, and nothing that its domain has no use for", () => {
    const [whole, own] = [rightsOf(variant, "Api"), rightsOf(variant, "ApiCourses")];
    expect(own.filter((right) => !whole.includes(right))).toEqual([]);
    const text = own.join("\n");
    expect(text).toMatch(/sts:AssumeRole .*lectern-production-school/);
    expect(text).toMatch(/rds-db:connect .*lectern_app/);
    // Catalog, secrets, bus, queues, mail and whole buckets belong to the platform.
    expect(text).not.toMatch(/lectern_platform|secretsmanager:|events:|sqs:|ses:|s3:|DescribeTable/);
    expect(whole.join("\n")).toMatch(/lectern_platform[\s\S]*secretsmanager:/);
  });

  describe("its bundle", () => {
    let town: Town | undefined;
    afterAll(() => town?.stop());

    test("answers what is below its path, and knows nothing else", async () => {
      town = await openTown();
      const bundle = variant.bundles.find(({ name }) => name === "ApiCourses");
      if (!bundle) throw new Error("the variant has no bundle of the split domain");
      const unpacked = await unpack(variant, bundle, town.cloud.resources);
      const running = await launch(unpacked);
      try {
        const ask = through(town, running, `${town.school.slug}.${Resource.Platform.domain}`);
        const { userId } = town.owner;
        const { accessToken } = await asSystem(town.school, () => Token.issue({ userId }));
        const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
        const list = await ask({ path: "/api/v1/courses" });
        expect([list.statusCode, list.body]).toEqual([200, expect.stringContaining("Algebra I")]);
        const body = JSON.stringify({ title: "Rivers and how they bend" });
        const made = await ask({ method: "POST", path: "/api/v1/courses", headers, body });
        expect(made.statusCode).toBe(201);
        const { id } = JSON.parse(made.body);
        const editor = await ask({ path: `/api/v1/courses/${id}/editor`, headers });
        expect([editor.statusCode, editor.body]).toEqual([200, expect.stringContaining("Rivers")]);
        const lesson = `/api/v1/courses/${town.class.courseId}/progress`;
        const fact = JSON.stringify({ lessonId: town.class.lesson(0), kind: "done" });
        const token = await asSystem(town.school, () => Token.issue({ userId: town?.class.learner.userId ?? "" }));
        const learner = { ...headers, authorization: `Bearer ${token.accessToken}` };
        expect((await ask({ method: "POST", path: lesson, headers: learner, body: fact })).statusCode).toBe(200);
        for (const path of ["/api/v1/me", "/api/v1/users", "/health", "/metrics", "/api/v1/openapi.json"])
          expect([path, (await ask({ path, headers })).statusCode]).toEqual([path, 404]);
        expect((await ask({ path: "/api/v1/courses", headers: { "x-lectern-edge": "guess" } })).statusCode).toBe(403);
      } finally {
        running.kill();
        unpacked.remove();
      }
    }, 120_000);
  });
});

function rightsOf(graph: Graph, name: string): string[] {
  const role = ofType(graph, "aws:iam/role:Role").find((each) => each.name === `${name}Role`);
  const policies = (role && at(role, "inlinePolicies")) as readonly { policy: string }[] | undefined;
  const many = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);
  // Each function's own log and address.
  const own = new RegExp(`lectern-${graph.stage}-${name}\\b`, "g");
  return (policies ?? []).flatMap(({ policy }) =>
    (JSON.parse(policy).Statement as { Effect: string; Action: unknown; Resource: unknown }[])
      .filter(({ Effect }) => Effect === "Allow")
      .flatMap(({ Action, Resource }) =>
        many(Action).flatMap((action) => many(Resource).map((each) => `${action} ${each.replaceAll(own, "<itself>")}`)),
      ),
  );
}

describe("a flag brings what it names, and without it there is nothing of the kind", () => {
  const kinds = {
    dax: ["aws:dax/cluster:Cluster", "aws:dax/subnetGroup:SubnetGroup"],
    shield: ["aws:shield/protection:Protection", "aws:shield/subscription:Subscription"],
    auroraGlobal: ["aws:rds/globalCluster:GlobalCluster"],
  } as const;
  test.each(Object.entries(kinds).flatMap(([flag, types]) => types.map((type) => [flag, type] as const)))(
    "%s: %s",
    (_, type) => {
      expect(names(variant, type).length).toBeGreaterThan(0);
      expect(names(usual, type)).toEqual([]);
    },
  );

  test("dax: encrypted on its way and where it lies, three nodes, reached by our code alone", () => {
    const [cluster] = ofType(variant, "aws:dax/cluster:Cluster");
    expect(cluster?.inputs).toMatchObject({
      clusterEndpointEncryptionType: "TLS",
      serverSideEncryption: { enabled: true },
      replicationFactor: 3,
    });
    const ingress = ofType(variant, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    const doors = ingress.filter((each) => at(each, "securityGroupId") === "GroupDax-id");
    expect(doors.map(({ inputs }) => inputs)).toMatchObject([
      { fromPort: 9111, toPort: 9111, referencedSecurityGroupId: "GroupCode-id" },
    ]);
  });

  test("shield: the front of everything and the balancer", () => {
    const shielded = ofType(variant, "aws:shield/protection:Protection").map((each) => String(at(each, "resourceArn")));
    expect(shielded).toEqual([
      expect.stringMatching(/:loadbalancer\//),
      expect.stringMatching(/:cloudfront:.*distribution\/Router/),
    ]);
  });

  test("auroraGlobal: clusters in the second region under its key, with deletion protection", () => {
    const there = ofType(variant, "aws:rds/cluster:Cluster").filter((each) => at(each, "region") === "us-west-2");
    // One for each cell.
    expect(there.map(({ inputs }) => inputs)).toMatchObject(
      ["DatabaseCell2Global-id", "DatabaseGlobal-id"].map((globalClusterIdentifier) => ({
        globalClusterIdentifier,
        storageEncrypted: true,
        deletionProtection: true,
        kmsKeyId: expect.stringContaining("us-west-2"),
      })),
    );
    expect(ofType(usual, "aws:rds/cluster:Cluster").filter((each) => at(each, "region") === "us-west-2")).toEqual([]);
  });

  test("tableReplicas: every table in the second region, as protected as here", () => {
    const tables = ofType(variant, "aws:dynamodb/table:Table");
    expect(tables.length).toBeGreaterThan(2);
    for (const table of tables)
      expect([table.name, at(table, "replicas")]).toEqual([
        table.name,
        [
          expect.objectContaining({
            regionName: "us-west-2",
            pointInTimeRecovery: true,
            deletionProtectionEnabled: true,
            kmsKeyArn: expect.stringContaining("us-west-2"),
          }),
        ],
      ]);
    for (const table of ofType(usual, "aws:dynamodb/table:Table")) expect(at(table, "replicas")).toBeUndefined();
  });
});
