import { account, partition, region } from "./account.ts";
import { alarm } from "./alarms.ts";
import { keys } from "./keys.ts";
import { router } from "./router.ts";
import { stageOf } from "./stage.ts";
import { allow, buckets, policyWritten } from "./storage.ts";
import { workspace } from "./workspace.ts";

// The account's own memory of who did what, and what of it is told at once. One trail per standing stage; the others share
// the account with them, so nothing they do is missed.
const stage = stageOf($app.stage);
const label = `${$app.name}-${$app.stage}`;

/**
 * What nobody does in daily work, as CloudWatch finds it in the trail. A refused call now and then is somebody's mistake;
 * five in five minutes are somebody trying.
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

  // Only so long as the alarms need it: the trail itself is in the bucket.
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
      // Digests, signed by AWS: a file that was changed or taken away is noticed.
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
  // $3,000 a month for a year, and its response team: only who asks for it (docs/costs.md).
  new aws.shield.Subscription("Shield", { autoRenew: "DISABLED" });
  const front = router.nodes.cdn.apply((cdn) => cdn.nodes.distribution.arn);
  new aws.shield.Protection("ShieldEdge", { name: `${label}-edge`, resourceArn: front });
  if (workspace)
    new aws.shield.Protection("ShieldBalancer", { name: `${label}-balancer`, resourceArn: workspace.balancer.arn });
}
