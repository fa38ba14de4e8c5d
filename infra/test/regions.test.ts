import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Isolation } from "@lectern/functions/isolation";
import { Resource } from "sst";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { awsServer } from "../../packages/core/src/kernel/aws/testing/aws-server.ts";
import { check } from "../rules/index.ts";
import { at, ofType, regionOf } from "../rules/rule.ts";
import { stageOf, webRegions } from "../stage.ts";
import { platform, root } from "../synth/paths.ts";
import { type Served, serveBundle } from "./bundle.ts";
import { edgeOf, edgeRequest, edgeSource, edgeStore } from "./edge.ts";
import { expectRule, graphOf } from "./graphs.ts";

// Production with page servers in three regions (npm run synth -- --regions); the data is in the first.
const usual = graphOf("production");
const graph = graphOf("regions");
const far = { "eu-west-1": "Euwest1", "ap-southeast-2": "Apsoutheast2" } as const;
type Plant = Parameters<typeof expectRule>[2];

const lambda = "aws:lambda/function:Function";
const role = "aws:iam/role:Role";
const group = "aws:cloudwatch/logGroup:LogGroup";
const metricAlarm = "aws:cloudwatch/metricAlarm:MetricAlarm";
const compositeAlarm = "aws:cloudwatch/compositeAlarm:CompositeAlarm";

test("three regions evaluate whole, and the rules find nothing in them", () => {
  expect([graph.region, graph.rejections, check(graph)]).toEqual(["us-east-1", [], []]);
}, 120_000);

test("production is in its own region by default, with copies in the second one", () => {
  expect(stageOf("production").webRegions).toEqual(["us-east-1"]);
  const elsewhere = usual.resources.filter((each) => regionOf(usual, each) !== usual.region);
  expect(new Set(elsewhere.map((each) => regionOf(usual, each)))).toEqual(new Set(["us-west-2"]));
  expect(ofType(usual, "aws:ec2/vpcPeeringConnection:VpcPeeringConnection")).toEqual([]);
  // Further regions may only add resources and open the way to the proxy.
  const of = new Map(graph.resources.map((each) => [`${each.type} ${each.name}`, each]));
  expect(usual.resources.filter((each) => !of.has(`${each.type} ${each.name}`))).toEqual([]);
});

describe.each(Object.entries(far))("the resources in %s", (region, suffix) => {
  const there = (type: string) => ofType(graph, type).filter((each) => regionOf(graph, each) === region);

  test("the pages' server, as it is at home: traced, its own room, its log for three days under a key there", () => {
    const fn = there(lambda).find(({ name }) => name === `WebServer${suffix}Function`);
    const home = ofType(graph, lambda).find(({ name }) => name === "WebServerUseast1Function");
    if (!fn || !home) throw new Error("a server is missing");
    for (const same of [
      "memorySize",
      "timeout",
      "runtime",
      "architectures",
      "reservedConcurrentExecutions",
      "tracingConfig",
    ])
      expect([same, at(fn, same)]).toEqual([same, at(home, same)]);
    expect(at(fn, "reservedConcurrentExecutions")).toBe(300);
    const [log] = there(group).filter((each) => at(each, "name") === at(fn, "loggingConfig", "logGroup"));
    expect(log?.inputs).toMatchObject({
      retentionInDays: 3,
      kmsKeyId: expect.stringContaining(`:kms:${region}:`),
    });
    expect(at(fn, "environment", "variables", "LECTERN_SCHEMAS")).toBe(
      at(home, "environment", "variables", "LECTERN_SCHEMAS"),
    );
  });

  test("alarms of its functions and of what they report, a canary, and topics for the same people", () => {
    const kinds = there(metricAlarm).map((each) => `${at(each, "tags", "kind")} ${at(each, "tags", "subject")}`);
    for (const kind of ["function-errors", "function-throttles"])
      for (const subject of [`Web${suffix}`, `OpsLogs${suffix}`, `Canary${suffix}`])
        expect(kinds).toContain(`${kind} ${subject}`);
    for (const kind of ["errors-burst", "critical-error", "slow-answers"]) expect(kinds).toContain(`${kind} ${suffix}`);
    expect(kinds).toContain(`canary-failing school-${suffix}`);
    expect(there(compositeAlarm).map((each) => at(each, "tags", "subject"))).toEqual([
      `lesson-${suffix}`,
      `save-${suffix}`,
      `sign-in-${suffix}`,
    ]);
    expect(there("aws:sns/topic:Topic").map(({ name }) => name)).toEqual([
      `TopicCritical${suffix}`,
      `TopicErrors${suffix}`,
      `TopicPerformance${suffix}`,
    ]);
  });

  test("its lines reach the error reader and the archive at home", () => {
    const [told] = there("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter");
    expect([told && at(told, "logGroup"), told && at(told, "destinationArn")]).toEqual([
      `/aws/lambda/lectern-production-Web${suffix}`,
      `arn:aws:lambda:${region}:123456789012:function:lectern-production-OpsLogs${suffix}:live`,
    ]);
    const [archive] = there("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream");
    const home = ofType(graph, "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream").find(
      (each) => regionOf(graph, each) === graph.region,
    );
    const bucket = ["extendedS3Configuration", "bucketArn"] as const;
    expect(archive && at(archive, ...bucket)).toBe(home && at(home, ...bucket));
  });
});

describe("the edge asks the nearest server", () => {
  const store = edgeStore(graph);
  const originOf = async (url: string, place: readonly [number, number] | undefined, of = store) => {
    const headers = place && {
      "cloudfront-viewer-latitude": String(place[0]),
      "cloudfront-viewer-longitude": String(place[1]),
    };
    const answer = await edgeOf(edgeSource(graph), of)(edgeRequest(url, headers && { headers }));
    return answer.origin?.domainName.replace(/^.*\.lambda-url\.([\w-]+)\.on\.aws$/, "$1");
  };
  const visitors = [
    ["Dublin", [53.35, -6.26], "eu-west-1"],
    ["Nairobi", [-1.29, 36.82], "eu-west-1"],
    ["Boston", [42.36, -71.06], "us-east-1"],
    ["Lima", [-12.05, -77.04], "us-east-1"],
    ["Auckland", [-36.85, 174.76], "ap-southeast-2"],
    ["who knows where", undefined, "us-east-1"],
  ] as const;

  test.each(visitors)("%s", async (_, place, region) => {
    for (const url of [
      "https://lectern.example/",
      "https://harbor.lectern.example/courses?page=2",
      "https://learn.harbor.example/courses",
    ])
      expect([url, await originOf(url, place)]).toEqual([url, region]);
  });

  test("for pages: API and sign-in host are at home, wherever one comes from", async () => {
    for (const [, place] of visitors)
      for (const url of ["https://harbor.lectern.example/api/v1/me", "https://auth.lectern.example/sign-in"])
        expect([url, await originOf(url, place)]).toEqual([url, "us-east-1"]);
  });

  test("the edge no longer routes to a region removed from the store's list (docs/runbook.md)", async () => {
    const [key, value] =
      [...store].find(([name, value]) => name.endsWith(":metadata") && value.includes("servers")) ?? [];
    if (!key || !value) throw new Error("the store says nothing of the site");
    const said: { servers: [string, number, number][] } = JSON.parse(value);
    expect(said.servers.map(([host]) => host.split(".")[2])).toEqual(["us-east-1", "eu-west-1", "ap-southeast-2"]);
    const left = said.servers.filter(([host]) => !host.includes(".eu-west-1."));
    const without = new Map([...store, [key, JSON.stringify({ ...said, servers: left })]]);
    expect(await originOf("https://lectern.example/", [53.35, -6.26], without)).toBe("us-east-1");
    expect(await originOf("https://lectern.example/", [-36.85, 174.76], without)).toBe("ap-southeast-2");
  });
});

const network = "aws:ec2/vpc:Vpc";
const route = "aws:ec2/route:Route";
const ingress = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const acl = "aws:ec2/networkAcl:NetworkAcl";
const web = /^WebServerEuwest1Function$/;
const inRole = (inputs: Record<string, { policy: string }[]>, from: string | RegExp, to: string) => {
  const [inline] = inputs.inlinePolicies ?? [];
  if (!inline) throw new Error("the role has no inline policy");
  const changed = inline.policy.replace(from, to);
  expect(changed).not.toBe(inline.policy);
  inline.policy = changed;
};

const mistakes: readonly (readonly [rule: string, mistake: string, Plant])[] = [
  [
    "regions/ranges",
    "addresses of another network",
    ({ find }) => {
      find(network, /^NetworkEuwest1$/).inputs.cidrBlock = "10.23.128.0/17";
    },
  ],
  [
    "regions/ranges",
    "addresses of the stage's own network",
    ({ find }) => {
      find(network, /^NetworkEuwest1$/).inputs.cidrBlock = "10.0.64.0/20";
    },
  ],
  [
    "data-reached-by-few",
    "the proxy open to the whole network there",
    ({ find }) => {
      find(ingress, /InCodeEuwest1ToProxy1/).inputs.cidrIpv4 = "10.29.0.0/16";
    },
  ],
  ["data-reached-by-few", "the proxy shut to one zone there", ({ remove }) => remove(ingress, /InCodeEuwest1ToProxy1/)],
  [
    "data-reached-by-few",
    "more ports than the database's",
    ({ find }) => {
      find(ingress, /InCodeEuwest1ToProxy1/).inputs.toPort = 5439;
    },
  ],
  [
    "data-reached-by-few",
    "the database itself open to code there",
    ({ find }) => {
      find(ingress, /InCodeEuwest1ToProxy1/).inputs.securityGroupId = "GroupDatabase-id";
    },
  ],
  [
    "tiers-listed",
    "an access list that admits more than our code",
    ({ find }) => {
      const rules = find(acl, /^NetworkAccessData$/).inputs.ingress as { cidrBlock: string }[];
      const one = rules.find(({ cidrBlock }) => cidrBlock === "10.29.4.0/22");
      if (!one) throw new Error("code there is not admitted");
      one.cidrBlock = "10.29.0.0/16";
    },
  ],
  [
    "tiers-listed",
    "a subnet there under no list",
    ({ find }) => void find(acl, /^NetworkEuwest1AccessPrivate$/).inputs.subnetIds.pop(),
  ],
  [
    "regions/network",
    "a server outside of any network",
    ({ find }) => {
      find(lambda, web).inputs.vpcConfig = undefined;
    },
  ],
  [
    "regions/network",
    "a server in the network at home",
    ({ find }) => {
      find(lambda, web).inputs.vpcConfig.subnetIds = ["NetworkPrivateSubnet1-id", "NetworkPrivateSubnet2-id"];
    },
  ],
  ["regions/network", "one zone", ({ find }) => void find(lambda, web).inputs.vpcConfig.subnetIds.pop()],
  ["regions/network", "no flow logs there", ({ remove }) => remove("aws:ec2/flowLog:FlowLog", /Euwest1/)],
  [
    "regions/network",
    "an open default group there",
    ({ find }) => {
      const inputs = find("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", /Euwest1/).inputs;
      inputs.ingress = [{ protocol: "-1", cidrBlocks: ["10.29.0.0/16"] }];
    },
  ],
  ["regions/network", "no way out", ({ remove }) => remove(route, /^NetworkEuwest1Private1Out$/)],
  [
    "regions/peering",
    "a peering that nobody accepts",
    ({ remove }) => remove("aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter", /Euwest1/),
  ],
  ["regions/peering", "no way to the data", ({ remove }) => remove(route, /^NetworkEuwest1Private2ToData3$/)],
  ["regions/peering", "no way back", ({ remove }) => remove(route, /^NetworkDataToEuwest1Private1$/)],
  [
    "regions/peering",
    "a way for data to everywhere",
    ({ find }) => {
      find(route, /^NetworkDataToEuwest1Private1$/).inputs.destinationCidrBlock = "0.0.0.0/0";
    },
  ],
  [
    "regions/rights",
    "a table looked for where the code runs",
    ({ find }) =>
      inRole(find(role, /^WebServerEuwest1Role$/).inputs, "arn:aws:dynamodb:us-east-1", "arn:aws:dynamodb:eu-west-1"),
  ],
  [
    "regions/rights",
    "the log looked for at home",
    ({ find }) =>
      inRole(find(role, /^WebServerEuwest1Role$/).inputs, "arn:aws:logs:eu-west-1", "arn:aws:logs:us-east-1"),
  ],
  [
    "regions/rights",
    "keys through the stores of another region",
    ({ find }) =>
      inRole(
        find(role, /^WebServerEuwest1Role$/).inputs,
        "dynamodb.us-east-1.amazonaws",
        "dynamodb.eu-west-1.amazonaws",
      ),
  ],
  [
    "regions/rights",
    "its environment under the key at home",
    ({ find }) => {
      find(lambda, web).inputs.kmsKeyArn = "arn:aws:kms:us-east-1:123456789012:key/KeySecrets";
    },
  ],
  [
    "regions/home",
    "a server that is not told where its data is",
    ({ find }) => {
      find(lambda, web).inputs.environment.variables.LECTERN_HOME_REGION = "eu-west-1";
    },
  ],
  [
    "regions/nearest",
    "an edge that does not know where visitors are",
    ({ find }) => {
      const inputs = find("aws:cloudfront/distribution:Distribution", /^Router/).inputs;
      inputs.defaultCacheBehavior.originRequestPolicyId = "216adef6-5c7f-47e4-b989-5492eafa07d3";
    },
  ],
  ["alarm-per-function", "no alarm there", ({ remove }) => remove(metricAlarm, /FunctionErrorsWebEuwest1$/)],
  [
    "alarm-per-function",
    "an alarm at home about a function elsewhere",
    ({ find }) => {
      find(metricAlarm, /FunctionErrorsWebEuwest1$/).inputs.region = undefined;
    },
  ],
  [
    "alarm-is-heard",
    "an alarm that tells a topic of another region",
    ({ find }) => {
      find(metricAlarm, /FunctionErrorsWebEuwest1$/).inputs.alarmActions = [
        "arn:aws:sns:us-east-1:123456789012:lectern-production-errors",
      ];
    },
  ],
  [
    "alarm-is-heard",
    "a composite at home that speaks for an alarm elsewhere",
    ({ find }) => {
      find(compositeAlarm, /ReleaseHealth/).inputs.alarmRule +=
        ' OR ALARM("lectern-production-function-errors-WebEuwest1")';
    },
  ],
  [
    "errors-are-grouped",
    "a server whose errors nobody hears",
    ({ remove }) => remove("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", /^WebEuwest1Told$/),
  ],
  [
    "log-retention",
    "a log that is kept for ever",
    ({ find }) => {
      find(group, /^WebEuwest1Logs$/).inputs.retentionInDays = undefined;
    },
  ],
];
test.each(mistakes)("%s sees %s", (rule, _, plant) => expectRule(rule, graph, plant), 60_000);

describe("what is asked for", () => {
  const { LECTERN_WEB_REGIONS: before } = process.env;
  afterEach(() => {
    if (before === undefined) delete process.env.LECTERN_WEB_REGIONS;
    else process.env.LECTERN_WEB_REGIONS = before;
  });
  const regionsOf = (asked: string, stage = "production") => {
    process.env.LECTERN_WEB_REGIONS = asked;
    return stageOf(stage).webRegions;
  };

  test("is taken, the stage's own region first, whatever the order", () => {
    expect(regionsOf("us-east-1")).toEqual(["us-east-1"]);
    expect(regionsOf("eu-west-1, us-east-1,ap-southeast-2", "staging")).toEqual([
      "us-east-1",
      "eu-west-1",
      "ap-southeast-2",
    ]);
  });

  test.each([
    ["eu-west-9,us-east-1", /^LECTERN_WEB_REGIONS: "eu-west-9" is no region that the pages' server can stand in: af-/],
    ["us-east-1,", /^LECTERN_WEB_REGIONS: "" is no region/],
    ["us-east-1,eu-west-1,eu-west-1", "LECTERN_WEB_REGIONS: eu-west-1 is named twice"],
    ["eu-west-1,eu-central-1", "LECTERN_WEB_REGIONS: us-east-1 is missing, where the stage itself is"],
  ])("is refused by name: %s", (asked, message) => {
    expect(() => regionsOf(asked)).toThrow(message);
  });

  test("is refused on stages that come and go", () => {
    expect(() => regionsOf("us-east-1,eu-west-1", "pr-12")).toThrow("only staging and production stand in more than");
    expect(regionsOf("us-east-1", "pr-12")).toEqual(["us-east-1"]);
  });

  test("every region has a place on SST's map, is taken by it, and has addresses of its own", () => {
    const source = readFileSync(path.join(platform, "src/components/aws/ssr-site.ts"), "utf8");
    const [, map = ""] = /const supportedRegions = \{([\s\S]*?)\n\};/.exec(source) ?? [];
    const [, refused = ""] = /\[\s*((?:"[\w-]+",\s*)+)\]\.includes\(region\)/.exec(source) ?? [];
    expect(refused).toContain("eu-central-2");
    for (const region of Object.keys(webRegions)) {
      expect(map).toContain(`"${region}":`);
      expect(refused).not.toContain(`"${region}"`);
    }
    const numbers = Object.values(webRegions);
    expect(new Set(numbers).size).toBe(numbers.length);
    // 10.0 is the stage's own network, 10.1 the second region's database.
    expect(Math.min(...numbers)).toBeGreaterThan(1);
    expect(Math.max(...numbers)).toBeLessThan(256);
  });
});

describe("the server's bundle in another region", () => {
  const bundle = graph.bundles.find(({ name }) => name === "WebServerEuwest1");
  const fn = ofType(graph, lambda).find(({ name }) => web.test(name));
  if (!bundle || !fn) throw new Error("there is no bundle of a server in another region");
  const { LECTERN_HOME_REGION = "" } = at(fn, "environment", "variables") as Record<string, string>;
  const asThere = { AWS_REGION: regionOf(graph, fn), AWS_DEFAULT_REGION: "", LECTERN_HOME_REGION };
  const served: Served[] = [];
  const serve = async (env: Record<string, string>) => {
    const site = await serveBundle(bundle, { env });
    served.push(site);
    return site;
  };
  afterAll(() => {
    for (const site of served) site.stop();
  });
  const resources = { SST_RESOURCES_JSON: process.env.SST_RESOURCES_JSON ?? "" };
  const edge = { "x-lectern-edge": Resource.LocalCloud?.localKey ?? "", "x-lectern-ip": "192.0.2.7" };

  test("runs in that region", () =>
    expect(asThere).toMatchObject({ AWS_REGION: "eu-west-1", LECTERN_HOME_REGION: "us-east-1" }));

  test("answers as at home, and each page goes home no more often than it needs", async () => {
    const rttMs = 80;
    const near = await serve({ ...resources, ...asThere });
    const preload = `--import=${path.join(root, "infra/test/far-away.mjs")}`;
    const away = await serve({ ...resources, ...asThere, NODE_OPTIONS: preload, LECTERN_FAR_MS: String(rttMs) });
    await Isolation.withStage(async ({ world }) => {
      const headers = {
        ...edge,
        "x-lectern-local": `${Resource.LocalCloud?.localKey}:regions`,
        "x-forwarded-host": `${world.school.slug}.${Resource.Platform.domain}`,
      };
      const cookie = `__Host-session=${world.people.owner.cookie}`;
      const { courseSlug = "", lessonSlug = "" } = world.own;
      const pages: readonly (readonly [string, string, Record<string, string>])[] = [
        ["catalog, nobody signed in", "/courses", {}],
        ["course", `/courses/${courseSlug}`, { cookie }],
        ["lesson", `/learn/${courseSlug}/${lessonSlug}`, { cookie }],
      ];
      for (const [what, at, more] of pages) {
        const timeOf = async (site: Served) => {
          const begin = performance.now();
          const answer = await site.ask(at, { headers: { ...headers, ...more } });
          return { ...answer, ms: performance.now() - begin };
        };
        // The first request of each opens connections and caches the school's route.
        const first = [await timeOf(near), await timeOf(away)].map(({ ms }) => ms);
        const rounds = await Promise.all(
          [near, away].map(async (site) => {
            const times = [await timeOf(site), await timeOf(site), await timeOf(site)];
            for (const { status, body } of times)
              expect([what, status, body.includes("</html>")]).toEqual([what, 200, true]);
            return Math.min(...times.map(({ ms }) => ms));
          }),
        );
        const [nearMs = 0, awayMs = 0] = rounds;
        const trips = (awayMs - nearMs) / rttMs;
        const firstTrips = ((first[1] ?? 0) - (first[0] ?? 0)) / rttMs;
        process.stdout.write(
          `regions ${what}: ${nearMs.toFixed(0)} ms near, ${awayMs.toFixed(0)} ms at ${rttMs} ms from its data, ${trips.toFixed(1)} round trips; the first one ${firstTrips.toFixed(1)}\n`,
        );
        // Two round trips (docs/adr/0010-pages-at-the-edge.md), with room for a busy machine.
        expect(trips).toBeGreaterThan(1.5);
        expect(trips).toBeLessThan(4);
      }
    });
  }, 120_000);

  test("asks tables and secrets at home, as a deployed server does; told nothing, it would ask where it runs", async () => {
    const aws = await awsServer(() => ({ headers: { "content-type": "application/x-amz-json-1.0" }, body: "{}" }));
    try {
      const linked = {
        ...bundle.linked,
        App: { name: "lectern", stage: "production" },
        Edge: { accepted: [createHash("sha256").update("sesame").digest("hex")] },
      };
      const ask = async (env: Record<string, string>) => {
        aws.asked.length = 0;
        const site = await serve({
          SST_RESOURCES_JSON: JSON.stringify(linked),
          AWS_ENDPOINT_URL: aws.url,
          AWS_ACCESS_KEY_ID: "AKIAFUNCTION",
          AWS_SECRET_ACCESS_KEY: "function-secret",
          ...env,
        });
        const headers = {
          "x-lectern-edge": "sesame",
          "x-lectern-ip": "192.0.2.7",
          "x-forwarded-host": "harbor.lectern.example",
          cookie: "__Host-session=forged",
        };
        for (const at of ["/courses", "/sign-in", "/"]) await site.ask(at, { headers });
        await site.ask("/theme", { headers: { ...headers, "x-forwarded-host": "lectern.example" } });
        return new Set(aws.asked.map(({ signedFor }) => signedFor));
      };
      expect(await ask(asThere)).toEqual(new Set(["us-east-1"]));
      expect(await ask({ ...asThere, LECTERN_HOME_REGION: "" })).toEqual(new Set(["eu-west-1"]));
    } finally {
      await aws.close();
    }
  }, 120_000);
});
