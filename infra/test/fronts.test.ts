import { describe, expect, test } from "vitest";
import { rules } from "../rules/index.ts";
import { expectRule, graphOf, stages } from "./graphs.ts";

const graph = graphOf("production");
const distribution = "aws:cloudfront/distribution:Distribution";
const acl = "aws:wafv2/webAcl:WebAcl";
const policy = "aws:cloudfront/cachePolicy:CachePolicy";

test.each(stages)("nothing is wrong with the fronts of %s", (stage) => {
  const graph = graphOf(stage);
  const fronts = rules.filter(({ name }) => name.startsWith("fronts/"));
  expect(fronts.flatMap((rule) => [...rule.check(graph)])).toEqual([]);
});

type Plant = Parameters<typeof expectRule>[2];
const mistakes: readonly (readonly [string, string, Plant])[] = [
  [
    "fronts/tls",
    "an old certificate policy",
    ({ find }) => {
      find(distribution, /^Router/).inputs.viewerCertificate.minimumProtocolVersion = "TLSv1";
    },
  ],
  [
    "fronts/tls",
    "CloudFront's own certificate, which takes TLS 1.0",
    ({ find }) => {
      find(distribution, /^Router/).inputs.viewerCertificate = { cloudfrontDefaultCertificate: true };
    },
  ],
  [
    "fronts/tls",
    "plain HTTP",
    ({ find }) => {
      find(distribution, /^Router/).inputs.defaultCacheBehavior.viewerProtocolPolicy = "allow-all";
    },
  ],
  [
    "fronts/tls",
    "an origin spoken to by TLS 1.0",
    ({ find }) => {
      find(distribution, /^Router/).inputs.origins[0].customOriginConfig.originSslProtocols = ["TLSv1"];
    },
  ],
  [
    "fronts/tls",
    "a listener without TLS",
    ({ add }) =>
      add("aws:lb/listener:Listener", "Plain", { protocol: "HTTP", port: 80, defaultActions: [{ type: "forward" }] }),
  ],
  [
    "fronts/access-logs",
    "a distribution nobody logs",
    ({ remove }) => remove("aws:cloudwatch/logDeliverySource:LogDeliverySource"),
  ],
  [
    "fronts/access-logs",
    "cookies in the log",
    ({ find }) => {
      find("aws:cloudwatch/logDelivery:LogDelivery").inputs.recordFields.push("cs(Cookie)");
    },
  ],
  ["fronts/access-logs", "a balancer nobody logs", ({ add }) => add("aws:lb/loadBalancer:LoadBalancer", "Silent", {})],
  [
    "fronts/firewall",
    "no firewall",
    ({ find }) => {
      find(distribution, /^Router/).inputs.webAclId = undefined;
    },
  ],
  [
    "fronts/firewall",
    "managed rules that only count",
    ({ find }) => {
      find(acl).inputs.rules[1].overrideAction = { count: {} };
    },
  ],
  [
    "fronts/firewall",
    "no rate for the sign-in host",
    ({ find }) => {
      find(acl).inputs.rules.pop();
    },
  ],
  [
    "fronts/firewall",
    "no rate at all",
    ({ find }) => {
      find(acl).inputs.rules.shift();
    },
  ],
  [
    "fronts/nothing-public",
    "a port open to the world",
    ({ add }) => add("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "Open", { cidrIpv4: "0.0.0.0/0" }),
  ],
  [
    "fronts/nothing-public",
    "a group open to the world",
    ({ add }) => add("aws:ec2/securityGroup:SecurityGroup", "Open", { ingress: [{ cidrBlocks: ["0.0.0.0/0"] }] }),
  ],
  [
    "fronts/nothing-public",
    "a database with a public address",
    ({ find }) => {
      find("aws:rds/clusterInstance:ClusterInstance").inputs.publiclyAccessible = true;
    },
  ],
  [
    "fronts/nothing-public",
    "an address of a function that asks for no secret",
    ({ add }) => add("aws:lambda/functionUrl:FunctionUrl", "Bare", { functionName: "bare", authorizationType: "NONE" }),
  ],
  [
    "fronts/nothing-public",
    "a function everybody may call",
    ({ add }) => add("aws:lambda/permission:Permission", "Bare", { function: "bare", principal: "*" }),
  ],
  [
    "fronts/cache-key",
    "a key without the host",
    ({ find }) => {
      find(policy, /^Router/).inputs.parametersInCacheKeyAndForwardedToOrigin.headersConfig.headers.items.shift();
    },
  ],
  [
    "fronts/cache-key",
    "a key with cookies",
    ({ find }) => {
      find(policy, /^Router/).inputs.parametersInCacheKeyAndForwardedToOrigin.cookiesConfig.cookieBehavior = "all";
    },
  ],
  [
    "fronts/cache-key",
    "what did not ask for it is kept",
    ({ find }) => {
      find(policy, /^Router/).inputs.defaultTtl = 60;
    },
  ],
];

describe("the rules find the mistake", () => {
  test.each(mistakes)("%s: %s", (rule, _, plant) => {
    expectRule(rule, graph, plant);
  });
});
