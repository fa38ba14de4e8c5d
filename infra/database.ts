import { randomBytes } from "node:crypto";
import { account, partition, region } from "./account.ts";
import { keys } from "./keys.ts";
import { dataSubnets, groups, zoneNames } from "./network.ts";
import { stageOf } from "./stage.ts";

// The first cell's Postgres. Standing stages have a reader that takes over and a proxy in front; the others sleep when
// nobody works and are asked directly, because a proxy would keep them awake.
const stage = stageOf($app.stage);
const name = "lectern";
const identifier = `${$app.name}-${$app.stage}-database`;

// `npx sst dev` links a Postgres on the developer's machine instead of making one (docs/developing-on-aws.md).
const local = new URL(process.env.LECTERN_DEV_DATABASE ?? `postgres://postgres:postgres@127.0.0.1:5432/${name}`);

const logs = $dev
  ? undefined
  : // Made before the cluster, which would make it by itself and keep everything for ever.
    new aws.cloudwatch.LogGroup("DatabaseLogs", {
      name: `/aws/rds/cluster/${identifier}/postgresql`,
      retentionInDays: 3,
      kmsKeyId: keys.logs.arn,
    });

/** Fifteen months of what the database waited for where it matters; seven days are free everywhere. */
const insights = {
  performanceInsightsEnabled: true,
  performanceInsightsKmsKeyId: keys.data.arn,
  performanceInsightsRetentionPeriod: stage.kind === "production" ? 465 : 7,
};

const aurora = new sst.aws.Aurora("Database", {
  engine: "postgres",
  version: "17.5",
  database: name,
  username: "lectern_admin",
  // RDS makes the administrator's password itself and turns it every week: this one is never in force.
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
    database: local.pathname.slice(1),
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
        // A change that needs a restart waits for the window; where nobody else works it does not.
        applyImmediately: !stage.standing,
        databaseInsightsMode: stage.kind === "production" ? "advanced" : "standard",
        ...insights,
        enabledCloudwatchLogsExports: ["postgresql"],
        tags: { backup: stage.standing ? "weekly" : "none" },
      });
      options.dependsOn = logs;
    },
    instance: (args, _, instance) => {
      // The writer in the first zone, its readers in the next ones: a zone that fails takes one of them.
      const zone = /Replica(\d+)$/.exec(instance)?.[1];
      args.availabilityZone = zoneNames.apply((names) => names[zone === undefined ? 0 : Number(zone) + 1] ?? "");
      // Readers that are to take over must be as large as the writer is.
      args.promotionTier = zone === undefined ? 0 : 1;
      args.autoMinorVersionUpgrade = true;
      args.publiclyAccessible = false;
      args.copyTagsToSnapshot = true;
      Object.assign(args, insights);
    },
  },
});
const { cluster } = aurora.nodes;

/** Passwords of the two roles that come through the proxy. Only the proxy and the migration function know them. */
const proxied = { app: "lectern_app", platform: "lectern_platform" } as const;
const hasProxy = stage.standing && !$dev;
const proxySecrets = hasProxy
  ? { app: secretOf("App", proxied.app), platform: secretOf("Platform", proxied.platform) }
  : undefined;

function secretOf(title: string, username: string): aws.secretsmanager.Secret {
  const secret = new aws.secretsmanager.Secret(`DatabaseProxy${title}`, {
    name: `${$app.name}/${$app.stage}/DatabaseProxy${title}`,
    description: `Lectern ${$app.stage}: database role ${username}, for the proxy`,
    kmsKeyId: keys.secrets.arn,
    recoveryWindowInDays: stage.removal === "retain" ? 30 : 0,
  });
  // Write-only: the provider hands it over and keeps nothing.
  const password = randomBytes(32).toString("base64url");
  new aws.secretsmanager.SecretVersion(
    `DatabaseProxy${title}First`,
    { secretId: secret.id, secretStringWo: JSON.stringify({ username, password }), secretStringWoVersion: 1 },
    { ignoreChanges: ["secretStringWo"] },
  );
  return secret;
}

const proxy = proxySecrets && cluster ? makeProxy(cluster, Object.values(proxySecrets)) : undefined;

/** Own parts instead of SST's: which password logs in, what pins a session and which group it is in are not its arguments. */
function makeProxy(of: aws.rds.Cluster, secrets: readonly aws.secretsmanager.Secret[]): aws.rds.Proxy {
  const role = new aws.iam.Role("DatabaseProxyRole", {
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ["sts:AssumeRole"],
          principals: [{ type: "Service", identifiers: ["rds.amazonaws.com"] }],
          conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [account] }],
        },
      ],
    }).json,
  });
  const policy = new aws.iam.RolePolicy("DatabaseProxyPolicy", {
    role: role.name,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        { actions: ["secretsmanager:GetSecretValue"], resources: secrets.map(({ arn }) => arn) },
        {
          actions: ["kms:Decrypt"],
          resources: [keys.secrets.arn],
          conditions: [
            {
              test: "StringEquals",
              variable: "kms:ViaService",
              values: [$interpolate`secretsmanager.${region}.amazonaws.com`],
            },
          ],
        },
      ],
    }).json,
  });
  const made = new aws.rds.Proxy(
    "DatabaseProxy",
    {
      name: `${$app.name}-${$app.stage}`,
      engineFamily: "POSTGRESQL",
      roleArn: role.arn,
      vpcSubnetIds: dataSubnets,
      vpcSecurityGroupIds: [groups.proxy.id],
      requireTls: true,
      idleClientTimeout: 1800,
      auths: secrets.map(({ arn }) => ({ authScheme: "SECRETS", iamAuth: "REQUIRED", secretArn: arn })),
    },
    { dependsOn: [policy] },
  );
  const target = new aws.rds.ProxyDefaultTargetGroup("DatabaseProxyTargets", {
    dbProxyName: made.name,
    connectionPoolConfig: {
      maxConnectionsPercent: 90,
      maxIdleConnectionsPercent: 30,
      connectionBorrowTimeout: 10,
      // `catalog.enter` sets what it sets for the transaction only, so nothing of it needs a session of its own.
      sessionPinningFilters: ["EXCLUDE_VARIABLE_SETS"],
    },
  });
  new aws.rds.ProxyTarget("DatabaseProxyTarget", {
    dbProxyName: made.name,
    targetGroupName: target.name,
    dbClusterIdentifier: of.clusterIdentifier,
  });
  return made;
}

/** What RDS calls whoever a token signs in to: the proxy, or the cluster where there is none. */
const signInTo = proxy ? proxy.arn.apply((arn) => arn.split(":").at(-1) ?? "") : cluster?.clusterResourceId;

/** Where a developer's own Postgres stands in, its administrator is told the same way. */
function localAdmin(): aws.secretsmanager.Secret {
  const secret = new aws.secretsmanager.Secret("DatabaseLocalAdmin", {
    name: `${$app.name}/${$app.stage}/DatabaseLocalAdmin`,
    kmsKeyId: keys.secrets.arn,
    recoveryWindowInDays: 0,
  });
  new aws.secretsmanager.SecretVersion("DatabaseLocalAdminFirst", {
    secretId: secret.id,
    secretString: $jsonStringify({ username: aurora.username, password: aurora.password }),
  });
  return secret;
}

export const database = {
  cluster,
  proxy,
  name: aurora.database,
  port: aurora.port,
  /** Where code goes. */
  host: proxy?.endpoint ?? aurora.host,
  /** Where migrations and provisioning go. */
  directHost: aurora.host,
  /** Resources of `rds-db:connect` for the roles that sign in by token. */
  signIns: signInTo
    ? Object.values(proxied).map(
        (role) => $interpolate`arn:${partition}:rds-db:${region}:${account}:dbuser:${signInTo}/${role}`,
      )
    : [],
  /** The administrator's secret, which RDS keeps. */
  adminSecret: cluster ? cluster.masterUserSecrets.apply((all) => all[0]?.secretArn ?? "") : localAdmin().arn,
  proxySecrets,
};
