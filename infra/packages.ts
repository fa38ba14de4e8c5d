import { keepAccessLogs } from "./front-logs.ts";
import { edgeReads } from "./keys.ts";
import { router } from "./router.ts";
import { stageOf } from "./stage.ts";
import { allowDistribution, buckets } from "./storage.ts";
import { contentZoneId } from "./zone.ts";

// Serves uploaded packages, which contain foreign scripts, on a registrable domain that shares no cookie with ours, in
// a sandbox without an origin (docs/adr/0014-packages-on-their-own-front.md).
const stage = stageOf($app.stage);
const name = stage.contentDomain;
/** CloudFront takes certificates from this region only. */
const region = "us-east-1";

/** Only unpacked files: `<school>/opened/<package>/...`. Never the uploaded archive. */
export const openedPaths = ["*/opened/*"] as const;

/**
 * No `allow-same-origin`: a package can store nothing and read neither cookies nor other packages. Our hosts may frame
 * it; a custom domain frames it through the school's platform address.
 */
const policy = [
  "sandbox allow-scripts allow-forms allow-modals allow-popups allow-downloads",
  "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'",
  "connect-src 'self'",
  "form-action 'none'",
  "object-src 'none'",
  `frame-ancestors https://${stage.domain} https://*.${stage.domain}`,
].join("; ");

const headers = new aws.cloudfront.ResponseHeadersPolicy("PackagesHeaders", {
  name: `${$app.name}-${$app.stage}-packages`,
  comment: "Other people's scripts: sandboxed, framed by us only",
  securityHeadersConfig: {
    contentSecurityPolicy: { contentSecurityPolicy: policy, override: true },
    contentTypeOptions: { override: true },
    referrerPolicy: { referrerPolicy: "no-referrer", override: true },
    strictTransportSecurity: { accessControlMaxAgeSec: 31_536_000, includeSubdomains: true, override: true },
  },
  customHeadersConfig: {
    items: [
      { header: "permissions-policy", value: "camera=(), microphone=(), geolocation=(), payment=()", override: true },
    ],
  },
  // A page without an origin needs CORS even for its own fonts and data. No request here carries credentials.
  corsConfig: {
    accessControlAllowCredentials: false,
    accessControlAllowHeaders: { items: ["range"] },
    accessControlAllowMethods: { items: ["GET", "HEAD"] },
    accessControlAllowOrigins: { items: ["*"] },
    accessControlMaxAgeSec: 3_600,
    originOverride: true,
  },
  removeHeadersConfig: {
    items: [
      "x-amz-server-side-encryption",
      "x-amz-server-side-encryption-aws-kms-key-id",
      "x-amz-server-side-encryption-bucket-key-enabled",
      "x-amz-version-id",
    ].map((header) => ({ header })),
  },
});

/**
 * A package that is sent again gets a new id, so old files are never served for new ones. Deleted files leave the edge
 * within an hour, whatever their headers ask for.
 */
const cache = new aws.cloudfront.CachePolicy("PackagesCache", {
  name: `${$app.name}-${$app.stage}-packages`,
  comment: "Path only: no cookies, no headers, no queries",
  defaultTtl: 300,
  minTtl: 0,
  maxTtl: 3_600,
  parametersInCacheKeyAndForwardedToOrigin: {
    cookiesConfig: { cookieBehavior: "none" },
    headersConfig: { headerBehavior: "none" },
    queryStringsConfig: { queryStringBehavior: "none" },
    enableAcceptEncodingBrotli: true,
    enableAcceptEncodingGzip: true,
  },
});

const access = new aws.cloudfront.OriginAccessControl("PackagesAccess", {
  name: `${$app.name}-${$app.stage}-packages`,
  description: "Reads the packages bucket, signed",
  originAccessControlOriginType: "s3",
  signingBehavior: "always",
  signingProtocol: "sigv4",
});

const certificate = new aws.acm.Certificate("PackagesCertificate", {
  domainName: name,
  validationMethod: "DNS",
  region,
});
const proof = certificate.domainValidationOptions.apply(([first]) => first);
const proven = new aws.acm.CertificateValidation("PackagesCertificateValid", {
  region,
  certificateArn: certificate.arn,
  validationRecordFqdns: [
    new aws.route53.Record("PackagesCertificateProof", {
      zoneId: contentZoneId,
      name: proof.apply((each) => each?.resourceRecordName ?? ""),
      type: "CNAME",
      ttl: 300,
      records: [proof.apply((each) => each?.resourceRecordValue ?? "")],
      allowOverwrite: true,
    }).fqdn,
  ],
});

export const packagesFront = new aws.cloudfront.Distribution("PackagesFront", {
  comment: `Lectern ${$app.stage}: uploaded packages`,
  enabled: true,
  aliases: [name],
  httpVersion: "http2and3",
  isIpv6Enabled: true,
  origins: [
    {
      originId: "packages",
      domainName: buckets.packages.nodes.bucket.bucketRegionalDomainName,
      originAccessControlId: access.id,
    },
  ],
  defaultCacheBehavior: {
    targetOriginId: "packages",
    allowedMethods: ["GET", "HEAD", "OPTIONS"],
    cachedMethods: ["GET", "HEAD"],
    viewerProtocolPolicy: "redirect-to-https",
    compress: true,
    cachePolicyId: cache.id,
    responseHeadersPolicyId: headers.id,
  },
  // A missing file may exist a second later: people wait while a package is unpacked.
  customErrorResponses: [403, 404].map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 })),
  restrictions: { geoRestriction: { restrictionType: "none" } },
  viewerCertificate: {
    acmCertificateArn: proven.certificateArn,
    sslSupportMethod: "sni-only",
    minimumProtocolVersion: "TLSv1.2_2021",
  },
  // Shares the site's firewall, so the rate limit counts requests to both.
  webAclId: router.nodes.cdn.apply((cdn) => cdn?.nodes.distribution.webAclId).apply((id) => id ?? ""),
});

for (const type of ["A", "AAAA"])
  new aws.route53.Record(`PackagesAddress${type}`, {
    zoneId: contentZoneId,
    name,
    type,
    aliases: [{ name: packagesFront.domainName, zoneId: packagesFront.hostedZoneId, evaluateTargetHealth: false }],
  });
new aws.route53.Record("PackagesCertificateAuthorities", {
  zoneId: contentZoneId,
  name,
  type: "CAA",
  ttl: 3600,
  records: ['0 issue "amazon.com"', '0 issuewild ";"'],
});

allowDistribution("packages", packagesFront.arn, openedPaths);
edgeReads([packagesFront.arn]);
keepAccessLogs("Packages", packagesFront.arn);
