import { account, partition, region } from "./account.ts";
import { nameOf } from "./cell.ts";
import { makeAurora } from "./database/aurora.ts";
import { makeProxy, makeProxySecrets, proxied } from "./database/proxy.ts";
import { keys } from "./keys.ts";
import { stageOf } from "./stage.ts";

// Each cell's Postgres. Standing stages have a failover reader and a proxy. The others pause when idle and have no
// proxy, which would keep them awake.
const stage = stageOf($app.stage);

export type Database = ReturnType<typeof databaseOf>;

function databaseOf(cell: string) {
  const aurora = makeAurora(cell);
  const { cluster } = aurora.nodes;
  const proxySecrets = stage.standing && !$dev ? makeProxySecrets(cell) : undefined;
  const proxy = proxySecrets && cluster ? makeProxy(cell, cluster, proxySecrets) : undefined;
  /** The resource name in `rds-db:connect`: the proxy's, or the cluster's without one. */
  const signInTo = proxy ? proxy.arn.apply((arn) => arn.split(":").at(-1) ?? "") : cluster?.clusterResourceId;
  return {
    cell,
    cluster,
    proxy,
    name: aurora.database,
    port: aurora.port,
    host: proxy?.endpoint ?? aurora.host,
    /** For migrations and provisioning, which bypass the proxy. */
    directHost: aurora.host,
    /** `rds-db:connect` resources of the roles that sign in with a token. */
    signIns: signInTo
      ? Object.values(proxied).map(
          (role) => $interpolate`arn:${partition}:rds-db:${region}:${account}:dbuser:${signInTo}/${role}`,
        )
      : [],
    /** The administrator's secret, managed by RDS. */
    adminSecret: cluster
      ? cluster.masterUserSecrets.apply((all) => all[0]?.secretArn ?? "")
      : localAdmin(cell, aurora).arn,
    proxySecrets,
  };
}

/** Gives a developer's local Postgres an administrator secret of the same form. */
function localAdmin(cell: string, { username, password }: sst.aws.Aurora): aws.secretsmanager.Secret {
  const called = nameOf("Database", cell, "LocalAdmin");
  const secret = new aws.secretsmanager.Secret(called, {
    name: `${$app.name}/${$app.stage}/${called}`,
    kmsKeyId: keys.secrets.arn,
    recoveryWindowInDays: 0,
  });
  new aws.secretsmanager.SecretVersion(`${called}First`, {
    secretId: secret.id,
    secretString: $jsonStringify({ username, password }),
  });
  return secret;
}

const [first, ...others] = stage.cells.map(databaseOf);
if (!first) throw new Error("a stage has at least one cell");

export const databases: readonly Database[] = [first, ...others];
export const database = first;
