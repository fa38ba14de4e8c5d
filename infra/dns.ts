import { alarm } from "./alarms.ts";
import { stageOf } from "./stage.ts";
import { zoneId } from "./zone.ts";

// The domain's other records. The fronts write their own addresses; messaging.ts writes SES's keys, DMARC policy and
// envelope domain.
const stage = stageOf($app.stage);

new aws.route53.Record("SpfRecord", {
  zoneId,
  name: stage.domain,
  type: "TXT",
  ttl: 3600,
  records: ["v=spf1 include:amazonses.com -all"],
});

// Only Amazon may issue certificates for our hosts; custom domains follow their owners' rules.
new aws.route53.Record("CertificateAuthorities", {
  zoneId,
  name: stage.domain,
  type: "CAA",
  ttl: 3600,
  records: ['0 issue "amazon.com"', '0 issuewild "amazon.com"'],
});

/** Health checks from several continents every 30 seconds. */
const watch = (name: string, resourcePath: string) =>
  new aws.route53.HealthCheck(`Health${name}`, {
    type: "HTTPS",
    fqdn: stage.domain,
    port: 443,
    enableSni: true,
    resourcePath,
    requestInterval: 30,
    failureThreshold: 3,
    measureLatency: true,
    tags: { Name: `${$app.name}-${$app.stage} ${name.toLowerCase()}` },
  });

/** Route 53 reports its metrics in this region. */
const region = "us-east-1";

if (stage.standing && !$dev)
  for (const [subject, check] of Object.entries({ Apex: watch("Apex", "/"), Api: watch("Api", "/health/ready") }))
    alarm("site-health", subject, {
      region,
      namespace: "AWS/Route53",
      metricName: "HealthCheckStatus",
      dimensions: { HealthCheckId: check.id },
      statistic: "Minimum",
      period: 60,
      // The check has failed three times from several continents by then.
      evaluationPeriods: 2,
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      // Missing data means that nothing is being checked.
      treatMissingData: "breaching",
    });
