import { alarm } from "./alarms.ts";
import { stageOf } from "./stage.ts";
import { zoneId } from "./zone.ts";

// What else stands under the domain. The fronts write their own addresses, and SES its keys, its policy (DMARC) and its
// envelope domain (messaging.ts).
const stage = stageOf($app.stage);

new aws.route53.Record("SpfRecord", {
  zoneId,
  name: stage.domain,
  type: "TXT",
  ttl: 3600,
  records: ["v=spf1 include:amazonses.com -all"],
});

// Nobody else issues a certificate that speaks for our hosts; schools' own domains are under their owners' rules.
new aws.route53.Record("CertificateAuthorities", {
  zoneId,
  name: stage.domain,
  type: "CAA",
  ttl: 3600,
  records: ['0 issue "amazon.com"', '0 issuewild "amazon.com"'],
});

/** Asked from several continents every half minute: what is not answered there is not answered to visitors either. */
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

/** Route 53 is in no region and reports to this one. */
const region = "us-east-1";

// Only stages that people count on: each costs by the month. Under `sst dev` there is nobody to be reached.
if (stage.standing && !$dev)
  for (const [subject, check] of Object.entries({ Apex: watch("Apex", "/"), Api: watch("Api", "/health/ready") }))
    alarm("site-health", subject, {
      region,
      namespace: "AWS/Route53",
      metricName: "HealthCheckStatus",
      dimensions: { HealthCheckId: check.id },
      statistic: "Minimum",
      period: 60,
      // The check itself has failed three times from several continents by then.
      evaluationPeriods: 2,
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      // A check that reports nothing watches nothing.
      treatMissingData: "breaching",
    });
