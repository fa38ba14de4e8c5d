import type { Graph, GraphResource } from "../synth/graph.ts";
import { at, isDev, ofType, type Rule } from "./rule.ts";

// Custom domains must not bypass the router, and only the worker may create or delete what serves them.

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

const template = (graph: Graph): GraphResource | undefined =>
  ofType(graph, "aws:cloudfront/multitenantDistribution:MultitenantDistribution")[0];
const site = (graph: Graph): GraphResource | undefined =>
  ofType(graph, "aws:cloudfront/distribution:Distribution").find(({ name }) => /^Router/.test(name));

const behaviourOf = (distribution: GraphResource) => {
  const behaviour = record(at(distribution, "defaultCacheBehavior"));
  return {
    "cache policy": behaviour.cachePolicyId,
    "origin request policy": behaviour.originRequestPolicyId,
    "edge code": list(behaviour.functionAssociations).map((each) => record(each).functionArn),
    "viewer protocol": behaviour.viewerProtocolPolicy,
    firewall: at(distribution, "webAclId"),
  };
};

const sameAsRouter: Rule = {
  name: "domains/same-as-router",
  why: "A school's own domain is another name of the same site: a lesser firewall, cache key or edge code there is a way around.",
  *check(graph) {
    const [mine, theirs] = [template(graph), site(graph)];
    if (!mine || !theirs) return void (yield { resource: graph.stage, message: "has no template for own domains" });
    const routers: Record<string, unknown> = behaviourOf(theirs);
    for (const [what, value] of Object.entries(behaviourOf(mine))) {
      if (value === undefined || JSON.stringify(value) !== JSON.stringify(routers[what]))
        yield { resource: mine.name, message: `has another ${what} than the router` };
    }
    if (list(record(at(mine, "defaultCacheBehavior")).functionAssociations).length === 0)
      yield { resource: mine.name, message: "runs no edge code: requests would lack the secret and the host" };
  },
};

const modernTls: Rule = {
  name: "domains/tls",
  why: "Older TLS lets a network read or change what is sent.",
  *check(graph) {
    const mine = template(graph);
    if (!mine) return;
    if (!/^TLSv1\.[23]_20(2\d)$/.test(String(at(mine, "viewerCertificate", "minimumProtocolVersion"))))
      yield { resource: mine.name, message: "takes TLS below 1.2 from visitors" };
    for (const origin of list(at(mine, "origins")))
      for (const config of list(record(origin).customOriginConfigs))
        if (list(record(config).originSslProtocols).some((protocol) => !/^TLSv1\.[23]$/.test(String(protocol))))
          yield { resource: mine.name, message: "speaks TLS below 1.2 to an origin" };
  },
};

const accessLog: Rule = {
  name: "domains/access-log",
  why: "Without a line per request nobody can tell afterwards who came, or what an attack has seen.",
  *check(graph) {
    const mine = template(graph);
    if (!mine) return;
    const sources = ofType(graph, "aws:cloudwatch/logDeliverySource:LogDeliverySource");
    if (!sources.some((each) => String(at(each, "resourceArn")).endsWith(`/${mine.name}`)))
      yield { resource: mine.name, message: "keeps no access log" };
  },
};

const entrance: Rule = {
  name: "domains/entrance",
  why: "Every school's record leads below one wildcard of ours; where that leads nowhere, no domain can be proven or served.",
  *check(graph) {
    const group = ofType(graph, "aws:cloudfront/connectionGroup:ConnectionGroup")[0];
    if (!group || at(group, "enabled") !== true)
      return void (yield { resource: graph.stage, message: "has no open entrance for own domains" });
    const wildcard = ofType(graph, "aws:route53/record:Record").find((each) =>
      String(at(each, "name")).startsWith("*.domains."),
    );
    const leads = list(wildcard && at(wildcard, "records"));
    if (!leads.some((to) => String(to).startsWith(`${group.name.toLowerCase()}.`)))
      yield { resource: graph.stage, message: "has no wildcard that leads to the entrance" };
  },
};

const assets: Rule = {
  name: "domains/assets",
  why: "A page at a school's own domain has the same styles and scripts: the bucket lets both distributions in, and no other.",
  *check(graph) {
    const mine = template(graph);
    const policy = ofType(graph, "aws:s3/bucketPolicy:BucketPolicy").find(({ name }) => /^WebAssets/.test(name));
    if (!mine || !policy) return;
    const { Statement } = record(JSON.parse(String(at(policy, "policy"))));
    const allowed = list(Statement)
      .map(record)
      .filter(({ Effect }) => Effect === "Allow")
      .flatMap(({ Condition }) => list(record(record(Condition).ArnEquals)["aws:SourceArn"]).map(String));
    if (!allowed.some((arn) => arn.endsWith(`/${mine.name}`)))
      yield { resource: policy.name, message: "does not let schools' own domains read it" };
    const known = new Set([mine.name, site(graph)?.name]);
    for (const arn of allowed)
      if (!known.has(arn.split("/").at(-1))) yield { resource: policy.name, message: `lets ${arn} read it` };
  },
};

const iam = ["aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy"];
const deploys = /^(Deploy|Pipeline|Build|Boundary)/;
const workers = new Set(["OnDomainRequestedRole", "OnDomainRemovedRole", "CronAdvanceDomainsRole"]);

const workersOnly: Rule = {
  name: "domains/workers-only",
  why: "Who makes distribution tenants decides which names of the world we answer for: three functions, and only what this stage has made.",
  *check(graph) {
    if (isDev(graph)) return;
    const seen = new Set<string>();
    for (const owner of ofType(graph, ...iam)) {
      if (deploys.test(owner.name)) continue;
      const inline = list(at(owner, "inlinePolicies")).map((each) => record(each).policy);
      for (const text of [at(owner, "policy"), ...inline]) {
        const { Statement } = record(typeof text === "string" ? JSON.parse(text) : text);
        for (const statement of list(Statement).map(record)) {
          if (statement.Effect !== "Allow") continue;
          const actions = list(statement.Action).map(String);
          const tenant = actions.some((action) => /^cloudfront:.*(Tenant|TagResource|ManagedCertificate)/.test(action));
          if (!tenant && !actions.includes("acm:RequestCertificate")) continue;
          seen.add(owner.name);
          if (!workers.has(owner.name)) yield { resource: owner.name, message: `may ${actions.join(", ")}` };
          const conditions = JSON.stringify(statement.Condition ?? {});
          const isAnyTenant = list(statement.Resource).some((to) => String(to).endsWith(":distribution-tenant/*"));
          if (isAnyTenant && !conditions.includes('Tag/lectern:stage":"'))
            yield { resource: owner.name, message: `may ${actions.join(", ")} of other stages' domains` };
          if (actions.includes("acm:RequestCertificate") && !conditions.includes('"acm:ValidationMethod":"HTTP"'))
            yield { resource: owner.name, message: "may ask for certificates that CloudFront does not prove" };
        }
      }
    }
    for (const name of workers)
      if (!seen.has(name)) yield { resource: name, message: "cannot do its work: it may make no tenant" };
  },
};

export const domainRules: readonly Rule[] = [sameAsRouter, modernTls, accessLog, entrance, assets, workersOnly];
