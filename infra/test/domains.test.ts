import { describe, expect, test } from "vitest";
import { at, ofType } from "../rules/rule.ts";
import { edgeOf, edgeRequest, edgeSource, edgeStore } from "./edge.ts";
import { expectRule, graphOf, stages } from "./graphs.ts";

const graph = graphOf("production");
const template = "aws:cloudfront/multitenantDistribution:MultitenantDistribution";

describe("each rule sees its planted mistake", () => {
  const plants: Record<string, [string, Parameters<typeof expectRule>[2]]> = {
    "another firewall": [
      "domains/same-as-router",
      ({ find }) => {
        find(template).inputs.webAclId = "arn:other";
      },
    ],
    "no firewall": [
      "domains/same-as-router",
      ({ find }) => {
        delete find(template).inputs.webAclId;
      },
    ],
    "another cache key": [
      "domains/same-as-router",
      ({ find }) => {
        find(template).inputs.defaultCacheBehavior.cachePolicyId = "Managed-CachingOptimized";
      },
    ],
    "no edge code": [
      "domains/same-as-router",
      ({ find }) => {
        find(template).inputs.defaultCacheBehavior.functionAssociations = [];
      },
    ],
    "plain HTTP": [
      "domains/same-as-router",
      ({ find }) => {
        find(template).inputs.defaultCacheBehavior.viewerProtocolPolicy = "allow-all";
      },
    ],
    "no template": ["domains/same-as-router", ({ remove }) => remove(template)],
    "old TLS": [
      "domains/tls",
      ({ find }) => {
        find(template).inputs.viewerCertificate.minimumProtocolVersion = "TLSv1";
      },
    ],
    "old TLS behind": [
      "domains/tls",
      ({ find }) => {
        find(template).inputs.origins[0].customOriginConfigs[0].originSslProtocols = ["SSLv3"];
      },
    ],
    "no access log": [
      "domains/access-log",
      ({ remove }) => remove("aws:cloudwatch/logDeliverySource:LogDeliverySource", /^OwnDomains/),
    ],
    "no entrance": ["domains/entrance", ({ remove }) => remove("aws:cloudfront/connectionGroup:ConnectionGroup")],
    "a wildcard that leads elsewhere": [
      "domains/entrance",
      ({ find }) => {
        find("aws:route53/record:Record", /^OwnDomains/).inputs.records = ["d1.cloudfront.net"];
      },
    ],
    "assets for the router alone": [
      "domains/assets",
      ({ find }) => {
        const policy = find("aws:s3/bucketPolicy:BucketPolicy", /^WebAssets/);
        policy.inputs.policy = policy.inputs.policy.replaceAll(/,?"[^"]*\/OwnDomains",?/g, "");
      },
    ],
    "assets for a distribution of another account": [
      "domains/assets",
      ({ find }) => {
        const policy = find("aws:s3/bucketPolicy:BucketPolicy", /^WebAssets/);
        policy.inputs.policy = policy.inputs.policy.replace(
          /\[("[^"]*\/OwnDomains"|"[^"]*Router[^"]*")/,
          '["arn:aws:cloudfront::999999999999:distribution/E1",$1',
        );
      },
    ],
    "the API may make tenants": [
      "domains/workers-only",
      ({ find }) => {
        const { inlinePolicies } = find("aws:iam/role:Role", /^CronAdvanceDomainsRole$/).inputs;
        find("aws:iam/role:Role", /^ApiRole$/).inputs.inlinePolicies = inlinePolicies;
      },
    ],
    "tenants of other stages": [
      "domains/workers-only",
      ({ find }) => {
        const role = find("aws:iam/role:Role", /^OnDomainRemovedRole$/);
        role.inputs.inlinePolicies[0].policy = role.inputs.inlinePolicies[0].policy.replaceAll(
          "lectern:stage",
          "other",
        );
      },
    ],
    "any certificate": [
      "domains/workers-only",
      ({ find }) => {
        const role = find("aws:iam/role:Role", /^OnDomainRequestedRole$/);
        role.inputs.inlinePolicies[0].policy = role.inputs.inlinePolicies[0].policy.replaceAll(
          "acm:ValidationMethod",
          "acm:KeyAlgorithm",
        );
      },
    ],
    "a worker without its right": [
      "domains/workers-only",
      ({ find }) => {
        find("aws:iam/role:Role", /^CronAdvanceDomainsRole$/).inputs.inlinePolicies = [];
      },
    ],
  };
  test.each(Object.entries(plants))("%s", (_, [rule, plant]) => expectRule(rule, graph, plant));
});

test.each(stages)("%s has a template that does as its router does", (stage) => {
  const of = graphOf(stage);
  const [mine] = ofType(of, template);
  expect(mine && at(mine, "enabled")).toBe(true);
  // Multi-tenant distributions refuse these: tenants and connection groups have them.
  for (const unknown of ["aliases", "priceClass", "isIpv6Enabled", "continuousDeploymentPolicyId"])
    expect(mine && at(mine, unknown)).toBeUndefined();
});

describe("a request at a school's own domain", () => {
  // The template must use the router's own function.
  const [mine] = ofType(graph, template);
  const [fn] = ofType(graph, "aws:cloudfront/function:Function").filter(({ name }) => /^Router/.test(name));
  const run = edgeOf(edgeSource(graph), edgeStore(graph));
  const ask = (url: string, headers: Record<string, string> = {}) => run(edgeRequest(url, { headers }));

  test("runs the code that is executed here", () => {
    const associations =
      mine && (at(mine, "defaultCacheBehavior", "functionAssociations") as { functionArn: string }[]);
    expect(associations).toHaveLength(1);
    expect(associations?.[0]?.functionArn).toContain(String(fn && at(fn, "name")));
  });

  test("does not forward the visitor's Host: an address of Lambda answers to its own alone", () => {
    // Managed-AllViewerExceptHostHeader.
    const policy = mine && at(mine, "defaultCacheBehavior", "originRequestPolicyId");
    expect(policy).toBe("b689b0a8-53d0-40ab-baf2-68738e2966ac");
  });

  test.each([
    ["https://learn.example.edu/", /^webserver/],
    ["https://learn.example.edu/courses/algebra?page=2", /^webserver/],
    ["https://learn.example.edu/api/v1/me", /^api/],
    ["https://xn--bcher-kva.example/courses", /^webserver/],
    ["https://example.edu/", /^webserver/],
    // A name that only resembles ours must not reach sign-in.
    ["https://auth.lectern.example.edu/sign-in", /^webserver/],
    ["https://auth.example.edu/", /^webserver/],
  ])("%s goes where the router sends it", async (url, origin) => {
    const { origin: to, request } = await ask(url);
    expect(to?.domainName).toMatch(origin);
    expect(to?.customOriginConfig).toMatchObject({ protocol: "https", port: 443 });
    expect(request.headers["x-forwarded-host"]?.value).toBe(new URL(url).host);
    expect(request.uri).toBe(new URL(url).pathname);
  });

  test("says its own host, its own visitor and the secret, whatever was sent", async () => {
    const { request } = await ask("https://learn.example.edu/", {
      "x-forwarded-host": "harbor.lectern.example",
      "x-lectern-edge": "guess",
      "x-lectern-ip": "203.0.113.9",
      "x-lectern-edition": "old",
      "x-lectern-seat": "shared",
      forwarded: "host=harbor.lectern.example",
    });
    expect(request.headers["x-forwarded-host"]?.value).toBe("learn.example.edu");
    expect(request.headers["x-lectern-ip"]?.value).toBe("192.0.2.7");
    expect(request.headers["x-lectern-edge"]?.value).toMatch(/^made-up-/);
    expect(request.headers["x-lectern-edition"]).toBeUndefined();
    expect(request.headers["x-lectern-seat"]).toBeUndefined();
    expect(request.headers.forwarded).toBeUndefined();
  });

  test("has an edition of its host's own, and a seat of its own with a cookie", async () => {
    const store = edgeStore(graph);
    store.set("edition:learn.example.edu", "7");
    const own = edgeOf(edgeSource(graph), store);
    const anonymous = await own(edgeRequest("https://learn.example.edu/"));
    expect(anonymous.request.headers["x-lectern-edition"]?.value).toBe("7");
    const signedIn = await own(edgeRequest("https://learn.example.edu/", { headers: { cookie: "__Host-session=x" } }));
    expect(signedIn.request.headers["x-lectern-edition"]).toBeUndefined();
    expect(signedIn.request.headers["x-lectern-seat"]?.value).toMatch(/^edge-/);
  });

  test("gets files of the browser build from the bucket, signed", async () => {
    const { origin } = await ask("https://learn.example.edu/assets/entry.client-1.js", { cookie: "theme=dark" });
    expect(origin?.originAccessControlConfig).toMatchObject({ enabled: true });
  });
});
