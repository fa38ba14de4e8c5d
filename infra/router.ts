import { createHash } from "node:crypto";
import { RandomPassword } from "@pulumi/random";
import { cacheKeyHeaders, edgeCode } from "./edge.ts";
import { resource, type Use } from "./functions.ts";
import { keys } from "./keys.ts";
import { stageOf } from "./stage.ts";
import { dns } from "./zone.ts";

// The one front of pages, API and sign-in: apex and every school's subdomain.
const stage = stageOf($app.stage);
export const authHost = `auth.${stage.domain}`;

/**
 * Turning the edge's secret takes two deployments, and no request is refused in between: let it send the other accepted
 * number; when that is done, drop the old number and accept a new one (docs/runbook.md).
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

/** What functions know of the secret: digests, which open nothing. */
const link = resource("Edge", {
  accepted: edgeKeys.accepted.map((number) =>
    $util.unsecret(secretOf(number).apply((value) => createHash("sha256").update(value).digest("hex"))),
  ),
});
/** For every function that the edge calls. */
export const edge = { links: [link] };

/** Read by the edge at every request: SST's routes, and the edition of each host (`edition:<host>`). */
export const editions = new aws.cloudfront.KeyValueStore("EdgeStore", {
  comment: `Lectern ${$app.stage}: routes, and the edition of each host's public pages`,
});

/**
 * Moves editions on. CloudFront gives a function one store and knows no rights on single keys, so who moves editions could
 * write routes as well: one reaction has this, and its code writes keys of editions only (packages/core/src/kernel/edition).
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

/** Requests of one address within five minutes. People behind one school's address are many; one who guesses passwords is one. */
const limits = { all: 6_000, auth: 600 };

type Rule = $util.Unwrap<NonNullable<aws.wafv2.WebAclArgs["rules"]>>[number];

/**
 * These look into what is posted and take a lesson about SQL or HTML for an attack. They count; what is posted is bound to
 * statements as parameters, and cleaned before it is shown.
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

/** Signing in is where guessing pays: the sign-in host has a rate of its own. */
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
      // Nothing is kept that does not ask for it.
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
          // A fault that is over in a second must not be shown for ten, nor a refusal to who may by then.
          distribution.customErrorResponses = errorCodes.map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 }));
          distribution.httpVersion = "http2and3";
          distribution.isIpv6Enabled = true;
        },
      };
    },
  },
});
