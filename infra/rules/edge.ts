import type { Graph, GraphResource } from "../synth/graph.ts";
import { statementsOf } from "./policy.ts";
import { at, isDev, isStanding, ofType, type Rule } from "./rule.ts";

// Checks the edge's store and its writers, the packages' front, and the alarms of the site's reachability.

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

const iam = ["aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy"];
/** The deployment role writes SST's routes; other rules check it. */
const deploys = /^(Deploy|Pipeline|Build|Boundary)/;

/** IAM rights on key-value stores: owner, actions, resource. */
function* storeRights(graph: Graph): Iterable<{ owner: string; actions: string[]; resources: string[] }> {
  for (const owner of ofType(graph, ...iam)) {
    if (deploys.test(owner.name)) continue;
    const inline = list(at(owner, "inlinePolicies")).map((each) => record(each).policy);
    for (const text of [at(owner, "policy"), ...inline]) {
      const { Statement: found } = record(typeof text === "string" ? JSON.parse(text) : text);
      for (const statement of list(found).map(record)) {
        const actions = list(statement.Action).map(String);
        if (statement.Effect === "Allow" && actions.some((action) => /^(\*|cloudfront-keyvaluestore:)/.test(action)))
          yield { owner: owner.name, actions, resources: list(statement.Resource).map(String) };
      }
    }
  }
}

const storeWriter = "OnEditionMovedRole";
const storeActions = ["cloudfront-keyvaluestore:DescribeKeyValueStore", "cloudfront-keyvaluestore:UpdateKeys"];

const editions: Rule = {
  name: "edge/editions",
  why: "The store holds the site's routes as well: one reaction may write it, and nothing else of it or of any other store.",
  *check(graph) {
    const store = ofType(graph, "aws:cloudfront/keyValueStore:KeyValueStore").find(({ name }) => name === "EdgeStore");
    if (!store) return void (yield { resource: graph.stage, message: "has no store for editions" });
    const found = [...storeRights(graph)];
    for (const { owner, actions, resources } of found) {
      if (owner !== storeWriter) yield { resource: owner, message: "may write the edge's store" };
      if ([...actions].sort().join() !== storeActions.join())
        yield { resource: owner, message: `may ${actions.join(", ")} of the edge's store` };
      if (resources.length !== 1 || !/:key-value-store\/EdgeStore$/.test(resources[0] ?? ""))
        yield { resource: owner, message: `writes ${resources.join(", ")}` };
    }
    if (!found.some(({ owner }) => owner === storeWriter))
      yield { resource: graph.stage, message: "lets nobody move editions: purged pages would stay" };
  },
};

const front = (graph: Graph) =>
  ofType(graph, "aws:cloudfront/distribution:Distribution").find(({ name }) => name === "PackagesFront");
const site = (graph: Graph) =>
  ofType(graph, "aws:cloudfront/distribution:Distribution").find(({ name }) => /^Router/.test(name));
const aliasesOf = (distribution: GraphResource | undefined) =>
  list(distribution && at(distribution, "aliases")).map((each) => String(each).replace(/^\*\./, ""));
/** The last two labels; sufficient for our domains. */
const registrable = (host: string) => host.split(".").slice(-2).join(".");
const byId = (graph: Graph, type: string, id: unknown) => ofType(graph, type).find(({ name }) => `${name}-id` === id);

const ownDomain: Rule = {
  name: "packages/own-domain",
  why: "Scripts of strangers on a subdomain of ours could set cookies for all of us.",
  *check(graph) {
    const distribution = front(graph);
    if (!distribution) return void (yield { resource: graph.stage, message: "has no front for packages" });
    const ours = new Set(aliasesOf(site(graph)).map(registrable));
    const hosts = aliasesOf(distribution);
    if (hosts.length === 0) yield { resource: distribution.name, message: "has no name of its own" };
    for (const host of hosts)
      if (ours.has(registrable(host)))
        yield { resource: distribution.name, message: `stands on our own domain: ${host}` };
  },
};

const sandboxed: Rule = {
  name: "packages/sandboxed",
  why: "A package may show itself and do nothing else: it has no origin, and only our pages may frame it.",
  *check(graph) {
    const distribution = front(graph);
    if (!distribution) return;
    const behaviors = [at(distribution, "defaultCacheBehavior"), ...list(at(distribution, "orderedCacheBehaviors"))];
    for (const behavior of behaviors.map(record)) {
      const policies = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy";
      const headers = byId(graph, policies, behavior.responseHeadersPolicyId);
      if (!headers) {
        yield { resource: distribution.name, message: "sends packages without any policy" };
        continue;
      }
      const security = "securityHeadersConfig";
      const policy = record(at(headers, security, "contentSecurityPolicy"));
      const directives = new Map(
        String(policy.contentSecurityPolicy ?? "")
          .split(";")
          .map((each) => each.trim().split(/\s+/))
          .map(([name = "", ...values]) => [name, values]),
      );
      const sandbox = directives.get("sandbox");
      if (!sandbox || sandbox.includes("allow-same-origin") || sandbox.some((each) => /top-navigation/.test(each)))
        yield { resource: headers.name, message: "lets a package out of its sandbox" };
      const ours = aliasesOf(site(graph));
      const framers = directives.get("frame-ancestors") ?? ["*"];
      for (const framer of framers)
        if (!ours.some((host) => framer === `https://${host}` || framer === `https://*.${host}`))
          yield { resource: headers.name, message: `lets ${framer} frame a package` };
      if (policy.override !== true || at(headers, security, "contentTypeOptions", "override") !== true)
        yield { resource: headers.name, message: "leaves the last word on its headers to a package's files" };
      if (at(headers, "corsConfig", "accessControlAllowCredentials") !== false)
        yield { resource: headers.name, message: "admits credentials of other sites" };
    }
  },
};

const signedReads: Rule = {
  name: "packages/signed",
  why: "The front reads what was unpacked to be opened, signed as itself; neither archives nor any other distribution.",
  *check(graph) {
    const distribution = front(graph);
    if (!distribution) return;
    for (const origin of list(at(distribution, "origins")).map(record)) {
      const type = "aws:cloudfront/originAccessControl:OriginAccessControl";
      const access = byId(graph, type, origin.originAccessControlId);
      if (!access || at(access, "signingBehavior") !== "always")
        yield { resource: distribution.name, message: "reads its bucket unsigned" };
    }
    const bucket = ofType(graph, "aws:s3/bucketPolicy:BucketPolicy").find(({ name }) => /^Packages/.test(name));
    const statements = list(record(JSON.parse(String(bucket ? at(bucket, "policy") : "{}"))).Statement).map(record);
    const reads = statements.filter(({ Principal }) => JSON.stringify(Principal ?? "").includes("cloudfront."));
    if (reads.length === 0) yield { resource: distribution.name, message: "is not let into its bucket" };
    for (const { Resource } of reads)
      for (const path of list(Resource).map(String))
        if (!path.endsWith("/*/opened/*")) yield { resource: "PackagesBucket", message: `shows the world ${path}` };
    for (const key of ofType(graph, "aws:kms/keyPolicy:KeyPolicy", "aws:kms/key:Key"))
      for (const { effect, principal, conditions } of statementsOf(at(key, "policy"))) {
        if (effect !== "Allow" || !JSON.stringify(principal ?? "").includes("cloudfront.")) continue;
        const arns = list(record(conditions.ArnEquals)["aws:SourceArn"]).map(String);
        if (arns.length === 0 || arns.some((arn) => !/:distribution\/\w+$/.test(arn)))
          yield { resource: key.name, message: "decrypts for distributions that nobody has named" };
      }
  },
};

const longest = 3_600;
const forgets: Rule = {
  name: "packages/forgets",
  why: "What was deleted must be gone soon, and no answer may depend on who asked for it first.",
  *check(graph) {
    const distribution = front(graph);
    if (!distribution) return;
    const id = at(distribution, "defaultCacheBehavior", "cachePolicyId");
    const policy = byId(graph, "aws:cloudfront/cachePolicy:CachePolicy", id);
    if (!policy) return void (yield { resource: distribution.name, message: "keeps by a policy that is not ours" });
    if (!(Number(at(policy, "maxTtl")) <= longest))
      yield { resource: policy.name, message: `keeps what was deleted for longer than ${longest} s` };
    const parameters = "parametersInCacheKeyAndForwardedToOrigin";
    for (const [part, behavior] of [
      ["cookiesConfig", "cookieBehavior"],
      ["headersConfig", "headerBehavior"],
    ] as const)
      if (at(policy, parameters, part, behavior) !== "none")
        yield { resource: policy.name, message: `tells answers apart by ${part.replace("Config", "")}` };
  },
};

const healthChecked: Rule = {
  name: "edge/health-checked",
  why: "That nobody reaches us is seen from outside only, and somebody must be told of it.",
  *check(graph) {
    if (!isStanding(graph) || isDev(graph)) return;
    const checks = ofType(graph, "aws:route53/healthCheck:HealthCheck");
    for (const path of ["/", "/health/ready"])
      if (!checks.some((check) => at(check, "resourcePath") === path))
        yield { resource: graph.stage, message: `nobody outside asks for ${path}` };
    const alarms = ofType(graph, "aws:cloudwatch/metricAlarm:MetricAlarm");
    for (const check of checks) {
      const alarm = alarms.find((each) => at(each, "dimensions", "HealthCheckId") === `${check.name}-id`);
      if (!alarm) yield { resource: check.name, message: "fails and nobody is told" };
      else if (at(alarm, "region") !== "us-east-1")
        yield { resource: alarm.name, message: "looks for the check's metric where it never is" };
    }
  },
};

export const edgeRules: readonly Rule[] = [editions, ownDomain, sandboxed, signedReads, forgets, healthChecked];
