import { account, partition } from "./account.ts";
import { keepAccessLogs } from "./front-logs.ts";
import { resource, type Use } from "./functions.ts";
import { router } from "./router.ts";
import { stageOf } from "./stage.ts";
import { zoneId } from "./zone.ts";

// Schools' own domains. What stands here is a template: one multi-tenant distribution that does what the router does, and
// one address that all domains lead to. The worker (packages/tenants/src/domain) makes a distribution tenant of it for each
// domain, with a certificate of its own (docs/adr/0015-own-domains.md).
const stage = stageOf($app.stage);
const name = `${$app.name}-${$app.stage}`;

const site = router.nodes.cdn.apply((cdn) => cdn.nodes.distribution);

/**
 * The router's own behaviour, read from it: edge code with secret and marks, cache key, firewall, origins. What is changed
 * there is changed here by the same deployment, so an own domain never is a way around.
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
  // For names of ours; each tenant shows the certificate of its own domain.
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
 * A school's domain leads to a name that says which school it is meant for, below this wildcard; the wildcard leads to the
 * edge. Nobody else's record proves anything for that school.
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
 * Making and taking down distribution tenants. Their ids are known at run time only: those of this stage are told by a tag,
 * which is set as they are made and never after.
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
    // CloudFront asks for a tenant's certificate with the rights of who makes the tenant; one that is not there yet has no name.
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
