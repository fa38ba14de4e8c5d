import { buckets } from "./storage.ts";

// Access logs of the edge. Neither cookies nor queries are kept: both carry what signs somebody in.
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

// The edge reports from one region, wherever a stage is.
const region = "us-east-1";

/** Writes down every request a distribution answers, in the logs bucket. */
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
