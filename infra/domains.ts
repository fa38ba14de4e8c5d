import { account, partition } from "./account.ts";
import { keepAccessLogs } from "./front-logs.ts";
import { resource, type Use } from "./functions.ts";
import { router } from "./router.ts";
import { stageOf } from "./stage.ts";
import { zoneId } from "./zone.ts";

// Custom domains of schools: one multi-tenant distribution that does what the router does, and one address for all
// domains. The worker (packages/tenants/src/domain) creates a distribution tenant with its own certificate per domain
// (docs/adr/0015-own-domains.md).
const stage = stageOf($app.stage);
const name = `${$app.name}-${$app.stage}`;

const site = router.nodes.cdn.apply((cdn) => cdn.nodes.distribution);

/**
 * Copies the router's behavior: edge code with secret and marks, cache key, firewall, origins. A custom domain
 * therefore never bypasses the router.
 */
const behaviour = site.apply((distribution) => distribution.defaultCacheBehavior);

export const ownDomains = new aws.cloudfront.MultitenantDistribution("OwnDomains", {
  comment: `Lectern ${$app.stage}: schools' own domains`,
  enabled: true,
  httpVersion: "http2and3",
  webAclId: site.apply((distribution) => distribution.webAclId).apply((id) => id ?? ""),
  origins: site
    .apply((distribution) => distribution.origins)
    .apply((origins) =>
      origins.map(({ originId, domainName, customOriginConfig }) => ({
        id: originId,
        domainName,
        ...(customOriginConfig && {
          customOriginConfigs: [
            {
              httpPort: customOriginConfig.httpPort,
              httpsPort: customOriginConfig.httpsPort,
              originProtocolPolicy: customOriginConfig.originProtocolPolicy,
              originSslProtocols: customOriginConfig.originSslProtocols,
              ...(customOriginConfig.originReadTimeout !== undefined && {
                originReadTimeout: customOriginConfig.originReadTimeout,
              }),
            },
          ],
        }),
      })),
    ),
  defaultCacheBehavior: behaviour.apply((from) => ({
    targetOriginId: from.targetOriginId,
    viewerProtocolPolicy: from.viewerProtocolPolicy,
    allowedMethods: { items: from.allowedMethods, cachedMethods: from.cachedMethods },
    ...(from.compress !== undefined && { compress: from.compress }),
    ...(from.cachePolicyId !== undefined && { cachePolicyId: from.cachePolicyId }),
    ...(from.originRequestPolicyId !== undefined && { originRequestPolicyId: from.originRequestPolicyId }),
    functionAssociations: (from.functionAssociations ?? []).map(({ eventType, functionArn }) => ({
      eventType,
      functionArn,
    })),
  })),
  customErrorResponses: site
    .apply((distribution) => distribution.customErrorResponses)
    .apply((responses) =>
      (responses ?? []).map(({ errorCode, errorCachingMinTtl }) => ({
        errorCode,
        ...(errorCachingMinTtl !== undefined && { errorCachingMinTtl }),
      })),
    ),
  restrictions: { geoRestriction: { restrictionType: "none" } },
  // For our own names; each tenant has its own domain's certificate.
  viewerCertificate: site
    .apply((distribution) => distribution.viewerCertificate)
    .apply(({ acmCertificateArn }) => ({
      ...(acmCertificateArn !== undefined && { acmCertificateArn }),
      minimumProtocolVersion: "TLSv1.2_2021",
      sslSupportMethod: "sni-only",
    })),
  tenantConfig: {},
});

const entrance = new aws.cloudfront.ConnectionGroup("OwnDomainsEntrance", {
  name,
  enabled: true,
  ipv6Enabled: true,
  waitForDeployment: false,
});

/**
 * Each school's domain must be a CNAME of a name below this wildcard that contains the school's id, so another school's
 * record proves nothing.
 */
new aws.route53.Record("OwnDomainsTargets", {
  zoneId,
  name: `*.domains.${stage.domain}`,
  type: "CNAME",
  ttl: 300,
  records: [entrance.routingEndpoint],
});

keepAccessLogs("OwnDomains", ownDomains.arn);

const tenants = $interpolate`arn:${partition}:cloudfront::${account}:distribution-tenant/*`;

/**
 * Rights to create and delete distribution tenants. Their ids are known at run time only, so a tag, set at creation and
 * never changed, identifies this stage's tenants.
 */
export const makesTenants: Use = {
  links: [resource("Domains", { distributionId: ownDomains.id, connectionGroupId: entrance.id })],
  permissions: [
    { actions: ["cloudfront:CreateDistributionTenant"], resources: [ownDomains.arn, entrance.arn] },
    {
      actions: ["cloudfront:CreateDistributionTenant", "cloudfront:TagResource"],
      resources: [tenants],
      conditions: [{ test: "StringEquals", variable: "aws:RequestTag/lectern:stage", values: [$app.stage] }],
    },
    {
      actions: [
        "cloudfront:DeleteDistributionTenant",
        "cloudfront:GetDistributionTenant",
        "cloudfront:GetManagedCertificateDetails",
        "cloudfront:UpdateDistributionTenant",
      ],
      resources: [tenants],
      conditions: [{ test: "StringEquals", variable: "aws:ResourceTag/lectern:stage", values: [$app.stage] }],
    },
    { actions: ["cloudfront:UpdateDistributionTenant"], resources: [ownDomains.arn, entrance.arn] },
    // CloudFront requests the certificate with the caller's rights; a new certificate has no name yet.
    {
      actions: ["acm:RequestCertificate"],
      resources: ["*"],
      conditions: [{ test: "StringEquals", variable: "acm:ValidationMethod", values: ["HTTP"] }],
    },
    {
      actions: ["acm:DescribeCertificate"],
      resources: [$interpolate`arn:${partition}:acm:us-east-1:${account}:certificate/*`],
    },
  ],
};
