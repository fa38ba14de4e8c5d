import { describe, expect, test } from "vitest";
import { at, ofType } from "../rules/rule.ts";
import { expectRule, graphOf } from "./graphs.ts";

const graph = graphOf("production");
const role = "aws:iam/role:Role";
const headers = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy";

type Plant = Parameters<typeof expectRule>[2];
const allow =
  (name: RegExp, Action: string | string[], Resource: string): Plant =>
  ({ find }) => {
    const [inline] = find(role, name).inputs.inlinePolicies;
    const policy = JSON.parse(inline.policy);
    policy.Statement.push({ Effect: "Allow", Action, Resource });
    inline.policy = JSON.stringify(policy);
  };
const store = String(ofType(graph, "aws:cloudfront/keyValueStore:KeyValueStore")[0]?.name);
const storeArn = `arn:aws:cloudfront::123456789012:key-value-store/${store}`;
const csp =
  (change: (policy: string) => string): Plant =>
  ({ find }) => {
    const policy = find(headers, /^PackagesHeaders$/).inputs.securityHeadersConfig.contentSecurityPolicy;
    const changed = change(policy.contentSecurityPolicy);
    expect(changed).not.toBe(policy.contentSecurityPolicy);
    policy.contentSecurityPolicy = changed;
  };
const inPolicy =
  (type: string, name: RegExp, from: string | RegExp, to: string): Plant =>
  ({ find }) => {
    const { inputs } = find(type, name);
    const changed = inputs.policy.replace(from, to);
    expect(changed).not.toBe(inputs.policy);
    inputs.policy = changed;
  };

const mistakes: readonly (readonly [string, string, Plant])[] = [
  [
    "edge/editions",
    "the pages' server may write the store",
    allow(/^WebServerUseast1Role$/, "cloudfront-keyvaluestore:UpdateKeys", storeArn),
  ],
  [
    "edge/editions",
    "the reaction may delete keys as well",
    allow(
      /^OnEditionMovedRole$/,
      [
        "cloudfront-keyvaluestore:DescribeKeyValueStore",
        "cloudfront-keyvaluestore:UpdateKeys",
        "cloudfront-keyvaluestore:DeleteKey",
      ],
      storeArn,
    ),
  ],
  [
    "edge/editions",
    "the reaction may write another store",
    allow(
      /^OnEditionMovedRole$/,
      ["cloudfront-keyvaluestore:DescribeKeyValueStore", "cloudfront-keyvaluestore:UpdateKeys"],
      "arn:aws:cloudfront::123456789012:key-value-store/another",
    ),
  ],
  [
    "edge/editions",
    "nobody moves editions",
    ({ find }) => {
      const [inline] = find(role, /^OnEditionMovedRole$/).inputs.inlinePolicies;
      inline.policy = inline.policy.replaceAll("cloudfront-keyvaluestore:", "cloudfront-nothing:");
    },
  ],
  [
    "packages/own-domain",
    "packages on a subdomain of ours",
    ({ find }) => {
      find("aws:cloudfront/distribution:Distribution", /^PackagesFront$/).inputs.aliases = ["packages.lectern.example"];
    },
  ],
  [
    "packages/sandboxed",
    "an origin of their own",
    csp((policy) => policy.replace("sandbox", "sandbox allow-same-origin")),
  ],
  ["packages/sandboxed", "no sandbox", csp((policy) => policy.replace(/^sandbox[^;]*;/, ""))],
  [
    "packages/sandboxed",
    "framed by anybody",
    csp((policy) => policy.replace(/frame-ancestors.*$/, "frame-ancestors *")),
  ],
  ["packages/sandboxed", "framed by whoever does not ask", csp((policy) => policy.replace(/frame-ancestors.*$/, ""))],
  [
    "packages/sandboxed",
    "the file's own policy wins",
    ({ find }) => {
      find(headers, /^PackagesHeaders$/).inputs.securityHeadersConfig.contentSecurityPolicy.override = false;
    },
  ],
  [
    "packages/sandboxed",
    "types that are guessed",
    ({ find }) => {
      delete find(headers, /^PackagesHeaders$/).inputs.securityHeadersConfig.contentTypeOptions;
    },
  ],
  [
    "packages/sandboxed",
    "no headers at all",
    ({ find }) => {
      delete find("aws:cloudfront/distribution:Distribution", /^PackagesFront$/).inputs.defaultCacheBehavior
        .responseHeadersPolicyId;
    },
  ],
  [
    "packages/signed",
    "reads that are not signed",
    ({ find }) => {
      find("aws:cloudfront/originAccessControl:OriginAccessControl", /^PackagesAccess$/).inputs.signingBehavior =
        "never";
    },
  ],
  [
    "packages/signed",
    "the whole bucket, archives and all",
    inPolicy("aws:s3/bucketPolicy:BucketPolicy", /^PackagesPolicy$/, "/*/opened/*", "/*"),
  ],
  [
    "packages/signed",
    "a key that decrypts for any distribution",
    inPolicy("aws:kms/keyPolicy:KeyPolicy", /^KeyStoragePolicy$/, /distribution\/\w+/, "distribution/*"),
  ],
  [
    "packages/forgets",
    "kept for a year",
    ({ find }) => {
      find("aws:cloudfront/cachePolicy:CachePolicy", /^PackagesCache$/).inputs.maxTtl = 31_536_000;
    },
  ],
  [
    "packages/forgets",
    "cookies in the key",
    ({ find }) => {
      find(
        "aws:cloudfront/cachePolicy:CachePolicy",
        /^PackagesCache$/,
      ).inputs.parametersInCacheKeyAndForwardedToOrigin.cookiesConfig.cookieBehavior = "all";
    },
  ],
  [
    "edge/health-checked",
    "a check nobody hears of",
    ({ remove }) => remove("aws:cloudwatch/metricAlarm:MetricAlarm", /^AlarmSiteHealthApi$/),
  ],
  [
    "edge/health-checked",
    "an alarm in a region without the metric",
    ({ find }) => {
      find("aws:cloudwatch/metricAlarm:MetricAlarm", /^AlarmSiteHealthApex$/).inputs.region = "eu-west-1";
    },
  ],
  [
    "edge/health-checked",
    "no check of the API",
    ({ remove }) => remove("aws:route53/healthCheck:HealthCheck", /^HealthApi$/),
  ],
];

describe("mistakes are seen", () => {
  test.each(mistakes)("%s: %s", (rule, _, plant) => {
    expectRule(rule, graph, plant);
  });
});

test("packages have a certificate, records and a name of their own", () => {
  const [distribution] = ofType(graph, "aws:cloudfront/distribution:Distribution").filter(
    ({ name }) => name === "PackagesFront",
  );
  expect(distribution && at(distribution, "aliases")).toEqual(["lectern-content.example"]);
  const records = ofType(graph, "aws:route53/record:Record").filter(
    (each) => at(each, "name") === "lectern-content.example",
  );
  expect(records.map((each) => at(each, "type")).sort()).toEqual(["A", "AAAA", "CAA"]);
  // Not in the site's zone.
  expect(records.every((each) => /^ContentZone/.test(String(at(each, "zoneId"))))).toBe(true);
});
