import { nameOf, suffixOf } from "../cell.ts";
import { keys } from "../keys.ts";
import { dataSubnets, groups, zoneNames } from "../network.ts";
import { stageOf } from "../stage.ts";

const stage = stageOf($app.stage);
const name = "lectern";

// `npx sst dev` links a Postgres on the developer's machine (docs/developing-on-aws.md).
const local = new URL(process.env.LECTERN_DEV_DATABASE ?? `postgres://postgres:postgres@127.0.0.1:5432/${name}`);

/** Standing stages keep 15 months of Performance Insights; seven days are free everywhere. */
const insights = {
  performanceInsightsEnabled: true,
  performanceInsightsKmsKeyId: keys.data.arn,
  performanceInsightsRetentionPeriod: stage.kind === "production" ? 465 : 7,
};

export function makeAurora(cell: string): sst.aws.Aurora {
  const identifier = `${$app.name}-${$app.stage}-database${suffixOf(cell)}`;
  const logs = $dev
    ? undefined
    : // Created before the cluster, which would create one with infinite retention.
      new aws.cloudwatch.LogGroup(nameOf("Database", cell, "Logs"), {
        name: `/aws/rds/cluster/${identifier}/postgresql`,
        retentionInDays: 3,
        kmsKeyId: keys.logs.arn,
      });
  return new sst.aws.Aurora(nameOf("Database", cell), {
    engine: "postgres",
    version: "17.5",
    database: name,
    username: "lectern_admin",
    // RDS replaces this password at once and rotates its own weekly.
    password: "managed-by-rds",
    scaling: {
      min: `${stage.aurora.minAcu} ACU`,
      max: `${stage.aurora.maxAcu} ACU`,
      ...(stage.aurora.minAcu === 0 && { pauseAfter: "10 minutes" as const }),
    },
    replicas: stage.aurora.readers,
    vpc: { subnets: dataSubnets, securityGroups: [groups.database.id] },
    dev: {
      host: local.hostname,
      port: Number(local.port || 5432),
      // Cells on a developer's server share its roles and differ by database.
      database: `${local.pathname.slice(1)}${suffixOf(cell).replaceAll("-", "_")}`,
      username: decodeURIComponent(local.username),
      password: decodeURIComponent(local.password),
    },
    transform: {
      clusterParameterGroup: (args) => {
        args.parameters = [
          { name: "rds.force_ssl", value: "1" },
          { name: "ssl_min_protocol_version", value: "TLSv1.2" },
          { name: "log_min_duration_statement", value: "1000" },
          { name: "log_statement", value: "ddl" },
          { name: "shared_preload_libraries", value: "pg_stat_statements", applyMethod: "pending-reboot" },
        ];
      },
      cluster: (args, options) => {
        Object.assign(args, {
          clusterIdentifier: identifier,
          masterPassword: undefined,
          manageMasterUserPassword: true,
          masterUserSecretKmsKeyId: keys.secrets.arn,
          kmsKeyId: keys.data.arn,
          iamDatabaseAuthenticationEnabled: true,
          allowMajorVersionUpgrade: false,
          backupRetentionPeriod: stage.pointInTimeDays,
          preferredBackupWindow: "07:00-08:00",
          preferredMaintenanceWindow: "sun:08:30-sun:09:30",
          copyTagsToSnapshot: true,
          deleteAutomatedBackups: stage.removal === "remove",
          deletionProtection: stage.removal === "retain",
          skipFinalSnapshot: stage.removal === "remove",
          finalSnapshotIdentifier: `${identifier}-final`,
          // Changes that need a restart wait for the window, except on personal stages.
          applyImmediately: !stage.standing,
          databaseInsightsMode: stage.kind === "production" ? "advanced" : "standard",
          ...insights,
          enabledCloudwatchLogsExports: ["postgresql"],
          tags: { backup: stage.standing ? "weekly" : "none" },
        });
        options.dependsOn = logs;
      },
      instance: (args, _, instance) => {
        // Writer and readers are in different zones, so a failing zone takes only one of them.
        const zone = /Replica(\d+)$/.exec(instance)?.[1];
        args.availabilityZone = zoneNames.apply((names) => names[zone === undefined ? 0 : Number(zone) + 1] ?? "");
        args.promotionTier = zone === undefined ? 0 : 1;
        args.autoMinorVersionUpgrade = true;
        args.publiclyAccessible = false;
        args.copyTagsToSnapshot = true;
        Object.assign(args, insights);
      },
    },
  });
}
