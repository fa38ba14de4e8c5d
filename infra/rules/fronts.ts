import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Graph, GraphResource } from "../synth/graph.ts";
import { at, isDev, ofType, type Rule } from "./rule.ts";

// Only the edge and the load balancer may be reachable from outside.

const distributions = (graph: Graph) => ofType(graph, "aws:cloudfront/distribution:Distribution");
const listOf = (value: unknown): readonly Record<string, unknown>[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value as Record<string, unknown>];
const isAnywhere = (cidr: unknown): boolean => cidr === "0.0.0.0/0" || cidr === "::/0";

/**
 * Distributions must set a TLS policy, and their origins TLS 1.2. The placeholder origin is never called: the edge code
 * sets the origin.
 */
const modernTls: Rule = {
  name: "fronts/tls",
  why: "Older TLS lets a network read or change what is sent: every front asks for 1.2 or newer.",
  *check(graph) {
    for (const each of distributions(graph)) {
      if (!/^TLSv1\.[23]_20(2\d)$/.test(String(at(each, "viewerCertificate", "minimumProtocolVersion"))))
        yield { resource: each.name, message: "takes TLS below 1.2 from visitors" };
      for (const behavior of [at(each, "defaultCacheBehavior"), ...listOf(at(each, "orderedCacheBehaviors"))]) {
        const policy = (behavior as Record<string, unknown> | undefined)?.viewerProtocolPolicy;
        if (policy !== "redirect-to-https" && policy !== "https-only")
          yield { resource: each.name, message: "serves plain HTTP" };
      }
      for (const origin of listOf(at(each, "origins"))) {
        const custom = origin.customOriginConfig as Record<string, unknown> | undefined;
        const protocols = (custom?.originSslProtocols ?? []) as string[];
        if (protocols.some((protocol) => !/^TLSv1\.[23]$/.test(protocol)))
          yield { resource: each.name, message: `speaks ${protocols.join(", ")} to ${String(origin.domainName)}` };
      }
    }
    for (const each of ofType(graph, "aws:lb/listener:Listener")) {
      const action = listOf(at(each, "defaultActions"))[0];
      const isRedirect = action?.type === "redirect" && (action.redirect as { protocol?: string }).protocol === "HTTPS";
      if (at(each, "protocol") === "HTTP" && isRedirect) continue;
      if (at(each, "protocol") !== "HTTPS" || !/TLS13-1-[23]|TLS-1-2/.test(String(at(each, "sslPolicy"))))
        yield { resource: each.name, message: "takes less than TLS 1.2" };
    }
    for (const each of ofType(
      graph,
      "aws:apigatewayv2/domainName:DomainName",
      "aws:apigateway/domainName:DomainName",
    )) {
      const policy = at(each, "domainNameConfiguration", "securityPolicy") ?? at(each, "securityPolicy");
      if (policy !== "TLS_1_2" && policy !== "TLS_1_3")
        yield { resource: each.name, message: "takes less than TLS 1.2" };
    }
  },
};

const accessLogs: Rule = {
  name: "fronts/access-logs",
  why: "Without a line per request nobody can tell afterwards who came, or what an attack has seen.",
  *check(graph) {
    const delivered = new Set(
      ofType(graph, "aws:cloudwatch/logDeliverySource:LogDeliverySource").map((each) =>
        String(at(each, "resourceArn")),
      ),
    );
    for (const each of distributions(graph)) {
      const isLogged = [...delivered].some((arn) => arn.endsWith(`/${each.name}`));
      if (!isLogged) yield { resource: each.name, message: "keeps no access log" };
    }
    for (const each of ofType(graph, "aws:cloudwatch/logDelivery:LogDelivery")) {
      const fields = (at(each, "recordFields") ?? []) as string[];
      if (fields.length === 0 || fields.some((field) => /cookie|query|referer/i.test(field)))
        yield { resource: each.name, message: "writes down cookies, queries or referrers, which sign people in" };
    }
    for (const each of ofType(graph, "aws:lb/loadBalancer:LoadBalancer")) {
      if (at(each, "accessLogs", "enabled") !== true) yield { resource: each.name, message: "keeps no access log" };
    }
    for (const each of ofType(graph, "aws:apigatewayv2/stage:Stage")) {
      if (!at(each, "accessLogSettings", "destinationArn"))
        yield { resource: each.name, message: "keeps no access log" };
    }
  },
};

const managedGroups = [
  "AWSManagedRulesCommonRuleSet",
  "AWSManagedRulesKnownBadInputsRuleSet",
  "AWSManagedRulesSQLiRuleSet",
];

const firewall: Rule = {
  name: "fronts/firewall",
  why: "The edge turns away known attacks and whoever asks too much, before a function is paid for it.",
  *check(graph) {
    const acls = new Map(
      ofType(graph, "aws:wafv2/webAcl:WebAcl").map((each) => [`/${String(at(each, "name"))}`, each]),
    );
    for (const each of distributions(graph)) {
      const arn = String(at(each, "webAclId") ?? "");
      const acl = [...acls].find(([name]) => arn.includes(name))?.[1];
      if (!acl) {
        yield { resource: each.name, message: "has no firewall in front" };
        continue;
      }
      yield* findingsOf(acl);
    }
  },
};

function* findingsOf(acl: GraphResource) {
  const rules = listOf(at(acl, "rules")) as {
    name: string;
    statement: Record<string, Record<string, unknown>>;
    action?: { block?: object };
    overrideAction?: { none?: object };
  }[];
  for (const group of managedGroups) {
    const rule = rules.find((each) => each.statement.managedRuleGroupStatement?.name === group);
    if (!rule?.overrideAction?.none) yield { resource: acl.name, message: `does not enforce ${group}` };
  }
  const rates = rules.filter((each) => each.statement.rateBasedStatement && each.action?.block);
  const limitOf = (each: (typeof rules)[number] | undefined) =>
    Number(each?.statement.rateBasedStatement?.limit ?? Number.POSITIVE_INFINITY);
  const general = rates.find((each) => !each.statement.rateBasedStatement?.scopeDownStatement);
  const signIn = rates.find((each) =>
    JSON.stringify(each.statement.rateBasedStatement?.scopeDownStatement ?? "").includes('"auth.'),
  );
  if (!general) yield { resource: acl.name, message: "blocks nobody who asks too often" };
  if (!(limitOf(signIn) * 4 <= limitOf(general)))
    yield { resource: acl.name, message: "lets the sign-in host be asked as often as a page" };
}

const nothingElse: Rule = {
  name: "fronts/nothing-public",
  why: "Only the edge's and the load balancer's ports are open; functions with an address refuse what lacks the edge's secret.",
  *check(graph) {
    for (const each of ofType(graph, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")) {
      if (isAnywhere(at(each, "cidrIpv4")) || isAnywhere(at(each, "cidrIpv6")))
        yield { resource: each.name, message: "opens a port to the world" };
    }
    for (const each of ofType(
      graph,
      "aws:ec2/securityGroup:SecurityGroup",
      "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    )) {
      for (const rule of listOf(at(each, "ingress"))) {
        const open = [...((rule.cidrBlocks ?? []) as string[]), ...((rule.ipv6CidrBlocks ?? []) as string[])];
        if (open.some(isAnywhere)) yield { resource: each.name, message: "opens a port to the world" };
      }
    }
    for (const each of ofType(graph, "aws:rds/clusterInstance:ClusterInstance", "aws:rds/instance:Instance")) {
      if (at(each, "publiclyAccessible") === true) yield { resource: each.name, message: "has a public address" };
    }
    for (const each of ofType(graph, "aws:lambda/functionUrl:FunctionUrl")) {
      const name = String(at(each, "functionName"));
      if (at(each, "authorizationType") === "AWS_IAM") continue;
      if (!checksEdge(graph, name))
        yield { resource: each.name, message: `anybody may call ${name}, which knows no secret of the edge` };
      if (at(each, "cors") !== undefined)
        yield { resource: each.name, message: "lets scripts of other sites read its bare address" };
    }
    for (const each of ofType(graph, "aws:lambda/permission:Permission")) {
      if (at(each, "principal") === "*" && !checksEdge(graph, String(at(each, "function"))))
        yield { resource: each.name, message: "anybody may call a function that knows no secret of the edge" };
    }
  },
};

/** Whether a function's bundle reads the edge's secret. The bundle tests show that it checks every request. */
function checksEdge(graph: Graph, functionName: string): boolean {
  // Under `sst dev` a bridge replaces the function, and its code runs on a person's machine.
  if (isDev(graph)) return graph.resources.some(({ inputs }) => inputs.name === functionName);
  const fn = ofType(graph, "aws:lambda/function:Function").find((each) => at(each, "name") === functionName);
  const bundle = graph.bundles.find(({ name }) => name === fn?.name.replace(/Function$/, ""));
  if (!bundle || !existsSync(bundle.out)) return false;
  const files = readdirSync(bundle.out).filter((file) => file.endsWith(".mjs"));
  return files.some((file) => readFileSync(path.join(bundle.out, file), "utf8").includes("x-lectern-edge"));
}

const cacheKey: Rule = {
  name: "fronts/cache-key",
  why: "A kept answer is given to the next visitor: its key must tell hosts apart, and never hold what is one person's.",
  *check(graph) {
    const policies = ofType(graph, "aws:cloudfront/cachePolicy:CachePolicy").filter(({ name }) => /^Router/.test(name));
    if (policies.length === 0 && !isDev(graph))
      yield { resource: graph.stage, message: "the router has no cache policy" };
    for (const each of policies) {
      const parameters = "parametersInCacheKeyAndForwardedToOrigin";
      const headers = (at(each, parameters, "headersConfig", "headers", "items") ?? []) as string[];
      for (const needed of ["x-forwarded-host", "x-lectern-seat", "x-lectern-edition"]) {
        if (!headers.includes(needed)) yield { resource: each.name, message: `its key lacks ${needed}` };
      }
      if (at(each, parameters, "cookiesConfig", "cookieBehavior") !== "none")
        yield { resource: each.name, message: "its key holds cookies" };
      if (at(each, parameters, "queryStringsConfig", "queryStringBehavior") !== "all")
        yield { resource: each.name, message: "its key lacks the query" };
      if (Number(at(each, "defaultTtl")) !== 0 || Number(at(each, "minTtl")) !== 0)
        yield { resource: each.name, message: "keeps what did not ask for it" };
    }
  },
};

export const fronts: readonly Rule[] = [modernTls, accessLogs, firewall, nothingElse, cacheKey];
