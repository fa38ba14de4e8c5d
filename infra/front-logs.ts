import { buckets } from "./storage.ts";

// Access logs of the edge. Cookies and queries are left out because both can contain credentials.
const fields = [
  "date",
  "time",
  "x-edge-location",
  "sc-bytes",
  "c-ip",
  "cs-method",
  "cs(Host)",
  "cs-uri-stem",
  "sc-status",
  "cs(User-Agent)",
  "x-edge-result-type",
  "x-edge-request-id",
  "x-host-header",
  "cs-protocol",
  "cs-bytes",
  "time-taken",
  "ssl-protocol",
  "ssl-cipher",
  "x-edge-response-result-type",
  "cs-protocol-version",
  "time-to-first-byte",
  "x-edge-detailed-result-type",
];

// CloudFront delivers its logs from this region only.
const region = "us-east-1";

export function keepAccessLogs(name: string, distributionArn: $util.Input<string>): void {
  const label = `${$app.name}-${$app.stage}-${name}`.toLowerCase();
  const source = new aws.cloudwatch.LogDeliverySource(`${name}AccessLogs`, {
    name: label,
    region,
    logType: "ACCESS_LOGS",
    resourceArn: distributionArn,
  });
  const destination = new aws.cloudwatch.LogDeliveryDestination(`${name}AccessLogsBucket`, {
    name: label,
    region,
    outputFormat: "json",
    deliveryDestinationConfiguration: { destinationResourceArn: buckets.logs.arn },
  });
  new aws.cloudwatch.LogDelivery(`${name}AccessLogsDelivery`, {
    region,
    deliverySourceName: source.name,
    deliveryDestinationArn: destination.arn,
    recordFields: fields,
    s3DeliveryConfigurations: [{ suffixPath: `edge/${label}/{yyyy}/{MM}/{dd}`, enableHiveCompatiblePath: false }],
  });
}
