import { account } from "./account.ts";
import { home, type Place } from "./places.ts";
import { stageOf } from "./stage.ts";
import { buckets } from "./storage.ts";

/** Log groups keep three days; this archive in the logs bucket keeps the rest. */
export function archiveLogs({ suffix, keys, options }: Place = home): void {
  const stage = stageOf($app.stage);
  if (!stage.standing) return;
  const assumedBy = (service: string) =>
    aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ["sts:AssumeRole"],
          principals: [{ type: "Service", identifiers: [service] }],
          conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [account] }],
        },
      ],
    }).json;
  const writer = new aws.iam.Role(`LogArchiveWriter${suffix}`, {
    assumeRolePolicy: assumedBy("firehose.amazonaws.com"),
  });
  new aws.iam.RolePolicy(`LogArchiveWriter${suffix}Policy`, {
    role: writer.name,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: [
            "s3:AbortMultipartUpload",
            "s3:GetBucketLocation",
            "s3:ListBucket",
            "s3:ListBucketMultipartUploads",
          ],
          resources: [buckets.logs.arn],
        },
        { actions: ["s3:PutObject"], resources: [$interpolate`${buckets.logs.arn}/application/*`] },
      ],
    }).json,
  });
  const archive = new aws.kinesis.FirehoseDeliveryStream(
    `LogArchive${suffix}`,
    {
      name: `${$app.name}-${$app.stage}-logs`,
      destination: "extended_s3",
      serverSideEncryption: { enabled: true, keyType: "CUSTOMER_MANAGED_CMK", keyArn: keys.logs.arn },
      extendedS3Configuration: {
        bucketArn: buckets.logs.arn,
        roleArn: writer.arn,
        prefix: "application/!{timestamp:yyyy/MM/dd/HH}/",
        errorOutputPrefix: "application-failed/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/",
        bufferingInterval: 300,
        bufferingSize: 64,
        // CloudWatch delivers its lines compressed already.
        compressionFormat: "UNCOMPRESSED",
      },
    },
    options,
  );
  const sender = new aws.iam.Role(`LogArchiveSender${suffix}`, { assumeRolePolicy: assumedBy("logs.amazonaws.com") });
  const allowed = new aws.iam.RolePolicy(`LogArchiveSender${suffix}Policy`, {
    role: sender.name,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [{ actions: ["firehose:PutRecord", "firehose:PutRecordBatch"], resources: [archive.arn] }],
    }).json,
  });
  // One subscription for every log group of the stage. An account allows one per region, so production and staging need
  // separate accounts.
  new aws.cloudwatch.LogAccountPolicy(
    `LogArchived${suffix}`,
    {
      policyName: `${$app.name}-${$app.stage}-archive`,
      policyType: "SUBSCRIPTION_FILTER_POLICY",
      scope: "ALL",
      selectionCriteria: $interpolate`LogGroupName NOT IN ["/aws/kinesisfirehose/${$app.name}-${$app.stage}-logs"]`,
      policyDocument: $util.jsonStringify({
        DestinationArn: archive.arn,
        RoleArn: sender.arn,
        FilterPattern: "",
        Distribution: "Random",
      }),
    },
    { ...options, dependsOn: [allowed] },
  );
}
