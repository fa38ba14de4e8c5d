import { createHash } from "node:crypto";
import { RandomPassword } from "@pulumi/random";
import { cacheKeyHeaders, edgeCode } from "./edge.ts";
import { resource, type Use } from "./functions.ts";
import { keys } from "./keys.ts";
import { stageOf } from "./stage.ts";
import { dns } from "./zone.ts";

// The only front of pages, API and sign-in: the apex and every school's subdomain.
const stage = stageOf($app.stage);
export const authHost = `auth.${stage.domain}`;

/**
 * Rotating the edge's secret takes two deployments without refused requests: first send the other accepted number, then
 * replace the old accepted number (docs/runbook.md).
 */
const edgeKeys = { sent: 1, accepted: [1, 2] };

const edgeSecrets = new Map(
  edgeKeys.accepted.map((number) => [number, new RandomPassword(`EdgeKey${number}`, { length: 40, special: false })]),
);
const secretOf = (number: number): $util.Output<string> => {
  const made = edgeSecrets.get(number);
  if (!made) throw new Error(`the edge sends key ${number}, which nobody accepts`);
  return made.result;
};

const link = resource("Edge", {
  accepted: edgeKeys.accepted.map((number) =>
    $util.unsecret(secretOf(number).apply((value) => createHash("sha256").update(value).digest("hex"))),
  ),
});
export const edge = { links: [link] };

/** The edge reads SST's routes and each host's edition (`edition:<host>`) here at every request. */
export const editions = new aws.cloudfront.KeyValueStore("EdgeStore", {
  comment: `Lectern ${$app.stage}: routes, and the edition of each host's public pages`,
});

/**
 * Lets a function change editions. CloudFront allows one store per function and has no rights on single keys, so this
 * also permits changing routes: only one reaction gets it, and its code writes edition keys only
 * (packages/core/src/kernel/edition).
 */
export const movesEditions: Use = {
  links: [resource("EdgeStore", { arn: editions.arn })],
  permissions: [
    {
      actions: ["cloudfront-keyvaluestore:DescribeKeyValueStore", "cloudfront-keyvaluestore:UpdateKeys"],
      resources: [editions.arn],
    },
  ],
};

/** Requests per address in five minutes. Whole schools share an address; a password guesser is alone. */
const limits = { all: 6_000, auth: 600 };

type Rule = $util.Unwrap<NonNullable<aws.wafv2.WebAclArgs["rules"]>>[number];

/**
 * These rules inspect bodies and would block lessons about SQL or HTML, so they only count. Statements use bound
 * parameters, and HTML is sanitized before it is rendered.
 */
const onlyCounted: Readonly<Record<string, readonly string[]>> = {
  AWSManagedRulesCommonRuleSet: [
    "SizeRestrictions_BODY",
    "CrossSiteScripting_BODY",
    "GenericRFI_BODY",
    "GenericLFI_BODY",
    "EC2MetaDataSSRF_BODY",
  ],
  AWSManagedRulesSQLiRuleSet: ["SQLi_BODY", "SQLiExtPatterns_BODY"],
};

const withCounted = (rule: Rule): Rule => {
  const group = rule.statement?.managedRuleGroupStatement;
  if (!group) return rule;
  const ruleActionOverrides = (onlyCounted[rule.name] ?? []).map((name) => ({ name, actionToUse: { count: {} } }));
  return { ...rule, statement: { managedRuleGroupStatement: { ...group, ruleActionOverrides } } };
};

/** A lower rate on the sign-in host, where attackers guess passwords. */
const authRate: Rule = {
  name: "RateLimitSignIn",
  priority: 100,
  action: { block: {} },
  statement: {
    rateBasedStatement: {
      limit: limits.auth,
      aggregateKeyType: "IP",
      scopeDownStatement: {
        byteMatchStatement: {
          searchString: authHost,
          positionalConstraint: "EXACTLY",
          fieldToMatch: { singleHeader: { name: "host" } },
          textTransformations: [{ priority: 0, type: "LOWERCASE" }],
        },
      },
    },
  },
  visibilityConfig: { cloudwatchMetricsEnabled: true, metricName: "RateLimitSignIn", sampledRequestsEnabled: true },
};

const errorCodes = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

export const router = new sst.aws.Router("Router", {
  domain: { name: stage.domain, aliases: [`*.${stage.domain}`], dns },
  edge: {
    viewerRequest: { injection: secretOf(edgeKeys.sent).apply(edgeCode), kvStore: editions.arn },
  },
  waf: {
    rateLimitPerIp: limits.all,
    managedRules: { coreRuleSet: true, knownBadInputs: true, sqlInjection: true },
    logging: { include: "blocked", retention: "3 days" },
  },
  transform: {
    waf: (args) => {
      args.rules = $util
        .output(args.rules)
        .apply((rules) => [...(rules ?? []).map((rule) => withCounted(rule)), authRate]);
    },
    wafLogGroup: (args) => {
      args.kmsKeyId = keys.logs.arn;
    },
    cachePolicy: {
      comment: `Lectern ${$app.stage}: host, path, query and edition; never cookies`,
      // Answers are cached only when they ask for it.
      defaultTtl: 0,
      minTtl: 0,
      maxTtl: 31_536_000,
      parametersInCacheKeyAndForwardedToOrigin: {
        cookiesConfig: { cookieBehavior: "none" },
        headersConfig: { headerBehavior: "whitelist", headers: { items: cacheKeyHeaders } },
        queryStringsConfig: { queryStringBehavior: "all" },
        enableAcceptEncodingBrotli: true,
        enableAcceptEncodingGzip: true,
      },
    },
    cdn: (args) => {
      args.transform = {
        distribution: (distribution) => {
          // CloudFront caches errors for ten seconds by default; a brief fault or an outdated refusal must not last
          // that long.
          distribution.customErrorResponses = errorCodes.map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 }));
          distribution.httpVersion = "http2and3";
          distribution.isIpv6Enabled = true;
        },
      };
    },
  },
});
