import { account, partition, region } from "./account.ts";
import { nameOf, suffixOf } from "./cell.ts";
import { database, databases } from "./database.ts";
import { keys } from "./keys.ts";
import { topics } from "./messaging.ts";
import { groups } from "./network.ts";
import { stageOf } from "./stage.ts";
import { buckets } from "./storage.ts";

// A weekly copy of everything tagged `backup=weekly`, kept four weeks in a locked vault, and a monthly restore test.
// Point-in-time recovery of database and tables is configured with them.
const stage = stageOf($app.stage);
const label = `${$app.name}-${$app.stage}`;
const kept = { deleteAfter: 28 };
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

const second = stage.secondRegion ? secondRegion(stage.secondRegion) : undefined;
if (stage.standing && !$dev) weekly();

function weekly(): void {
  const vault = new aws.backup.Vault("BackupVault", { name: label, kmsKeyArn: keys.backup.arn });
  // Governance mode: stolen rights cannot shorten the lock. docs/runbook.md explains compliance mode, which is
  // irreversible.
  new aws.backup.VaultLockConfiguration("BackupVaultLock", {
    backupVaultName: vault.name,
    minRetentionDays: 28,
    maxRetentionDays: 365,
  });
  const role = new aws.iam.Role("BackupRole", { assumeRolePolicy: assumedBy("backup.amazonaws.com") });
  for (const policy of [
    "service-role/AWSBackupServiceRolePolicyForBackup",
    "service-role/AWSBackupServiceRolePolicyForRestores",
    "AWSBackupServiceRolePolicyForS3Backup",
    "AWSBackupServiceRolePolicyForS3Restore",
  ]) {
    new aws.iam.RolePolicyAttachment(`BackupRole${policy.split("For")[1]}`, {
      role: role.name,
      policyArn: $interpolate`arn:${partition}:iam::aws:policy/${policy}`,
    });
  }
  const plan = new aws.backup.Plan("BackupPlan", {
    name: label,
    rules: [
      {
        ruleName: "weekly",
        targetVaultName: vault.name,
        schedule: "cron(0 5 ? * SUN *)",
        startWindow: 60,
        completionWindow: 720,
        lifecycle: kept,
        ...(second && { copyActions: [{ destinationVaultArn: second.vault.arn, lifecycle: kept }] }),
      },
    ],
  });
  new aws.backup.Selection("BackupSelection", {
    name: label,
    planId: plan.id,
    iamRoleArn: role.arn,
    // Other stages of this account have their own plans, so require both tags.
    resources: ["*"],
    conditions: [
      {
        stringEquals: [
          { key: "aws:ResourceTag/backup", value: "weekly" },
          { key: "aws:ResourceTag/sst:stage", value: $app.stage },
        ],
      },
    ],
  });
  if (stage.kind === "production") {
    // Account-wide settings. Without the second one, tables use an old kind of backup that no vault can lock.
    const types = ["Aurora", "DynamoDB", "EFS", "S3"];
    new aws.backup.RegionSettings("BackupKinds", {
      resourceTypeOptInPreference: Object.fromEntries(types.map((type) => [type, true])),
      resourceTypeManagementPreference: { DynamoDB: true, EFS: true },
    });
  }
  testing(vault, role);
  tellFailures();
}

/** Restores the newest recovery point of every kind each month, validates it and deletes the copy. */
function testing(vault: aws.backup.Vault, role: aws.iam.Role): void {
  const plan = new aws.backup.RestoreTestingPlan("RestoreTest", {
    name: label.replaceAll("-", "_"),
    scheduleExpression: "cron(0 9 ? * 1#1 *)",
    startWindowHours: 4,
    recoveryPointSelection: {
      algorithm: "LATEST_WITHIN_WINDOW",
      includeVaults: [vault.arn],
      recoveryPointTypes: ["SNAPSHOT"],
      selectionWindowDays: 14,
    },
  });
  const overrides: Record<string, Record<string, $util.Input<string>>> = {
    Aurora: {
      dbSubnetGroupName: database.cluster?.dbSubnetGroupName ?? "",
      vpcSecurityGroupIds: $util.jsonStringify([groups.database.id]),
    },
  };
  for (const type of ["Aurora", "DynamoDB", "EFS", "S3"]) {
    new aws.backup.RestoreTestingSelection(`RestoreTest${type}`, {
      name: `${label.replaceAll("-", "_")}_${type}`,
      restoreTestingPlanName: plan.name,
      protectedResourceType: type,
      protectedResourceArns: ["*"],
      iamRoleArn: role.arn,
      validationWindowHours: 4,
      ...(overrides[type] && { restoreMetadataOverrides: overrides[type] }),
    });
  }
}

function tellFailures(): void {
  const rule = new aws.cloudwatch.EventRule("BackupFailed", {
    name: `${label}-backup-failed`,
    description: "A backup, a copy of one or a trial restore came to nothing",
    eventPattern: JSON.stringify({
      source: ["aws.backup"],
      "detail-type": ["Backup Job State Change", "Copy Job State Change", "Restore Job State Change"],
      detail: { state: ["FAILED", "ABORTED", "EXPIRED"] },
    }),
  });
  new aws.cloudwatch.EventTarget("BackupFailedTold", {
    rule: rule.name,
    targetId: "topic",
    arn: topics.critical.arn,
    retryPolicy: { maximumEventAgeInSeconds: 24 * 60 * 60, maximumRetryAttempts: 185 },
  });
}

/**
 * Keeps recovery points, files and their keys in a second region. Database and tables are replicated only behind flags
 * (infra/stage.ts).
 */
function secondRegion(there: string) {
  const replica = (name: keyof typeof keys) =>
    new aws.kms.ReplicaKey(
      `Key${name.charAt(0).toUpperCase()}${name.slice(1)}There`,
      {
        region: there,
        description: `Lectern ${$app.stage}: ${name}, as in ${stage.region}`,
        primaryKeyArn: keys[name].arn,
        deletionWindowInDays: 30,
      },
      { retainOnDelete: stage.removal === "retain" },
    );
  const replicas = {
    data: replica("data"),
    storage: replica("storage"),
    secrets: replica("secrets"),
    backup: replica("backup"),
  };
  const vault = new aws.backup.Vault("BackupVaultThere", {
    region: there,
    name: label,
    kmsKeyArn: replicas.backup.arn,
  });
  new aws.backup.VaultLockConfiguration("BackupVaultLockThere", {
    region: there,
    backupVaultName: vault.name,
    minRetentionDays: 28,
    maxRetentionDays: 365,
  });
  copyFiles(there, replicas.storage);
  if (stage.flags.auroraGlobal) copyDatabases(there, replicas.data);
  return { vault };
}

/** Replicates every new file; originals cannot be recreated. */
function copyFiles(there: string, key: aws.kms.ReplicaKey): void {
  const bucket = new aws.s3.Bucket(
    "MediaThere",
    { region: there, bucketPrefix: `${label}-media-there-`.slice(0, 37), forceDestroy: false },
    { retainOnDelete: stage.removal === "retain" },
  );
  const of = { region: there, bucket: bucket.bucket };
  const versioning = new aws.s3.BucketVersioning("MediaThereVersioning", {
    ...of,
    versioningConfiguration: { status: "Enabled" },
  });
  new aws.s3.BucketServerSideEncryptionConfiguration("MediaThereEncryption", {
    ...of,
    rules: [
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
        bucketKeyEnabled: true,
      },
    ],
  });
  new aws.s3.BucketOwnershipControls("MediaThereOwnership", {
    ...of,
    rule: { objectOwnership: "BucketOwnerEnforced" },
  });
  const shut = new aws.s3.BucketPublicAccessBlock("MediaThereShut", {
    ...of,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  new aws.s3.BucketPolicy(
    "MediaTherePolicy",
    {
      ...of,
      policy: aws.iam.getPolicyDocumentOutput({
        statements: [
          ["Bool", "aws:SecureTransport", "false"] as const,
          ["NumericLessThan", "s3:TlsVersion", "1.2"] as const,
        ].map(([test, variable, value]) => ({
          effect: "Deny",
          principals: [{ type: "*", identifiers: ["*"] }],
          actions: ["s3:*"],
          resources: [bucket.arn, $interpolate`${bucket.arn}/*`],
          conditions: [{ test, variable, values: [value] }],
        })),
      }).json,
    },
    { dependsOn: [shut] },
  );
  new aws.s3.BucketLifecycleConfiguration("MediaThereLifecycle", {
    ...of,
    rules: [
      { id: "colder", status: "Enabled", filter: {}, transitions: [{ days: 30, storageClass: "STANDARD_IA" }] },
      { id: "past", status: "Enabled", filter: {}, noncurrentVersionExpiration: { noncurrentDays: 30 } },
    ],
  });
  const role = new aws.iam.Role("MediaCopyRole", { assumeRolePolicy: assumedBy("s3.amazonaws.com") });
  const through = (where: $util.Input<string>, action: string, arn: $util.Input<string>) => ({
    actions: [action],
    resources: [arn],
    conditions: [
      { test: "StringEquals", variable: "kms:ViaService", values: [$interpolate`s3.${where}.amazonaws.com`] },
    ],
  });
  const policy = new aws.iam.RolePolicy("MediaCopyPolicy", {
    role: role.name,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        { actions: ["s3:GetReplicationConfiguration", "s3:ListBucket"], resources: [buckets.media.arn] },
        {
          actions: ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
          resources: [$interpolate`${buckets.media.arn}/*`],
        },
        {
          actions: ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
          resources: [$interpolate`${bucket.arn}/*`],
        },
        through(region, "kms:Decrypt", keys.storage.arn),
        through(there, "kms:GenerateDataKey", key.arn),
      ],
    }).json,
  });
  new aws.s3.BucketReplicationConfig(
    "MediaCopy",
    {
      bucket: buckets.media.name,
      role: role.arn,
      rules: [
        {
          id: "files",
          status: "Enabled",
          priority: 1,
          filter: {},
          // An erased file must disappear from both regions.
          deleteMarkerReplication: { status: "Enabled" },
          sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
          destination: {
            bucket: bucket.arn,
            encryptionConfiguration: { replicaKmsKeyId: key.arn },
          },
        },
      ],
    },
    { dependsOn: [policy, versioning] },
  );
}

/** Clusters that replicate within a second. Without instances they cost storage only, until failover. */
function copyDatabases(there: string, key: aws.kms.ReplicaKey): void {
  const network = new aws.ec2.Vpc("NetworkThere", {
    region: there,
    cidrBlock: "10.1.0.0/16",
    enableDnsHostnames: true,
  });
  const subnets = ["a", "b", "c"].map(
    (zone, index) =>
      new aws.ec2.Subnet(`NetworkThereData${index + 1}`, {
        region: there,
        vpcId: network.id,
        cidrBlock: `10.1.${64 + index}.0/24`,
        availabilityZone: `${there}${zone}`,
      }),
  );
  const group = new aws.rds.SubnetGroup("DatabaseThereSubnets", {
    region: there,
    subnetIds: subnets.map(({ id }) => id),
  });
  for (const { cell, cluster } of databases) if (cluster) copyDatabase(there, cell, cluster, { key, group });
}

function copyDatabase(
  there: string,
  cell: string,
  cluster: aws.rds.Cluster,
  { key, group }: { readonly key: aws.kms.ReplicaKey; readonly group: aws.rds.SubnetGroup },
): void {
  const identifier = `${label}-database${suffixOf(cell)}`;
  const global = new aws.rds.GlobalCluster(nameOf("Database", cell, "Global"), {
    globalClusterIdentifier: identifier,
    sourceDbClusterIdentifier: cluster.arn,
    deletionProtection: true,
  });
  new aws.rds.Cluster(
    nameOf("Database", cell, "There"),
    {
      region: there,
      clusterIdentifier: `${identifier}-there`,
      globalClusterIdentifier: global.id,
      engine: "aurora-postgresql",
      engineVersion: cluster.engineVersion,
      dbSubnetGroupName: group.name,
      storageEncrypted: true,
      kmsKeyId: key.arn,
      serverlessv2ScalingConfiguration: { minCapacity: stage.aurora.minAcu, maxCapacity: stage.aurora.maxAcu },
      backupRetentionPeriod: stage.pointInTimeDays,
      copyTagsToSnapshot: true,
      deletionProtection: true,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: `${identifier}-there-final`,
    },
    { ignoreChanges: ["replicationSourceIdentifier"] },
  );
}
