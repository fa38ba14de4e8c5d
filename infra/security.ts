import { account, partition, region } from "./account.ts";
import { alarm } from "./alarms.ts";
import { keys } from "./keys.ts";
import { router } from "./router.ts";
import { stageOf } from "./stage.ts";
import { allow, buckets, policyWritten } from "./storage.ts";
import { workspace } from "./workspace.ts";

// The account's audit trail and its immediate alerts. One trail per account, made by the standing stage; others in the
// account are covered by it.
const stage = stageOf($app.stage);
const label = `${$app.name}-${$app.stage}`;

/**
 * Unusual actions, as CloudWatch filters of the trail. A single refused call is a mistake; five in five minutes may be
 * an attack.
 */
export const watched = {
  "unauthorized-calls": {
    pattern: '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
    threshold: 5,
  },
  "root-login": {
    pattern:
      '{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != "AwsServiceEvent") }',
    threshold: 1,
  },
  "key-deletion": {
    pattern: events("kms.amazonaws.com", ["ScheduleKeyDeletion", "DisableKey", "DeleteImportedKeyMaterial"]),
    threshold: 1,
  },
  "policy-changes": {
    pattern: events("", [
      "AttachGroupPolicy",
      "AttachRolePolicy",
      "AttachUserPolicy",
      "CreatePolicyVersion",
      "DeleteBucketPolicy",
      "DeleteRolePermissionsBoundary",
      "PutBucketPolicy",
      "PutGroupPolicy",
      "PutKeyPolicy",
      "PutRolePolicy",
      "PutUserPolicy",
      "SetDefaultPolicyVersion",
      "UpdateAssumeRolePolicy",
    ]),
    threshold: 1,
  },
  "trail-changes": {
    pattern: events("", ["StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors"]),
    threshold: 1,
  },
  "backup-deletion": {
    pattern: events("backup.amazonaws.com", [
      "DeleteBackupPlan",
      "DeleteBackupVault",
      "DeleteBackupVaultLockConfiguration",
      "DeleteRecoveryPoint",
    ]),
    threshold: 1,
  },
} as const satisfies Record<string, { readonly pattern: string; readonly threshold: number }>;

function events(source: string, names: readonly string[]): string {
  const any = names.map((name) => `($.eventName = "${name}")`).join(" || ");
  return source ? `{ ($.eventSource = "${source}") && (${any}) }` : `{ ${any} }`;
}

if (stage.standing && buckets.audit) keepTrail(buckets.audit);

function keepTrail(bucket: sst.aws.Bucket): void {
  const trailArn = $interpolate`arn:${partition}:cloudtrail:${region}:${account}:trail/${label}`;
  const ofTrail = { test: "StringEquals", variable: "aws:SourceArn", values: [trailArn] };
  const principals = [{ type: "Service", identifiers: ["cloudtrail.amazonaws.com"] }];
  allow("audit", { sid: "TrailLooks", principals, actions: ["s3:GetBucketAcl"], conditions: [ofTrail] }, [""]);
  allow("audit", { sid: "TrailWrites", principals, actions: ["s3:PutObject"], conditions: [ofTrail] }, [
    $interpolate`AWSLogs/${account}/*`,
  ]);

  // Short retention: alarms need it only briefly, and the bucket holds the trail.
  const group = new aws.cloudwatch.LogGroup("TrailLogs", {
    name: `/lectern/${$app.stage}/trail`,
    retentionInDays: 3,
    kmsKeyId: keys.logs.arn,
  });
  const role = new aws.iam.Role("TrailRole", {
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
      statements: [{ actions: ["sts:AssumeRole"], principals, conditions: [ofTrail] }],
    }).json,
  });
  const policy = new aws.iam.RolePolicy("TrailPolicy", {
    role: role.name,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
          resources: [$interpolate`${group.arn}:log-stream:*`],
        },
      ],
    }).json,
  });
  new aws.cloudtrail.Trail(
    "Trail",
    {
      name: label,
      s3BucketName: bucket.name,
      kmsKeyId: keys.logs.arn,
      // Signed digests reveal changed or deleted files.
      enableLogFileValidation: true,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      cloudWatchLogsGroupArn: $interpolate`${group.arn}:*`,
      cloudWatchLogsRoleArn: role.arn,
    },
    { dependsOn: [policy, policyWritten(bucket, "audit")] },
  );
  for (const [subject, { pattern, threshold }] of Object.entries(watched)) {
    const metric = { name: `${$app.stage}-${subject}`, namespace: "LecternAudit" };
    new aws.cloudwatch.LogMetricFilter(`Audit-${subject}`, {
      name: `${label}-${subject}`,
      logGroupName: group.name,
      pattern,
      metricTransformation: { ...metric, value: "1", defaultValue: "0" },
    });
    alarm("audit", subject, {
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold,
      evaluationPeriods: 1,
      period: 300,
      statistic: "Sum",
      metricName: metric.name,
      namespace: metric.namespace,
      treatMissingData: "notBreaching",
    });
  }
}

if (stage.flags.shield) {
  // $3,000 a month for a year, so only behind a flag (docs/costs.md).
  new aws.shield.Subscription("Shield", { autoRenew: "DISABLED" });
  const front = router.nodes.cdn.apply((cdn) => cdn.nodes.distribution.arn);
  new aws.shield.Protection("ShieldEdge", { name: `${label}-edge`, resourceArn: front });
  if (workspace)
    new aws.shield.Protection("ShieldBalancer", { name: `${label}-balancer`, resourceArn: workspace.balancer.arn });
}
