import { account, partition, region } from "./account.ts";
import { nameOf } from "./cell.ts";
import { makeAurora } from "./database/aurora.ts";
import { makeProxy, makeProxySecrets, proxied } from "./database/proxy.ts";
import { keys } from "./keys.ts";
import { stageOf } from "./stage.ts";

// Each cell's Postgres. Standing stages have a reader that takes over and a proxy in front; the others sleep when nobody
// works and are asked directly, because a proxy would keep them awake.
const stage = stageOf($app.stage);

export type Database = ReturnType<typeof databaseOf>;

function databaseOf(cell: string) {
  const aurora = makeAurora(cell);
  const { cluster } = aurora.nodes;
  const proxySecrets = stage.standing && !$dev ? makeProxySecrets(cell) : undefined;
  const proxy = proxySecrets && cluster ? makeProxy(cell, cluster, proxySecrets) : undefined;
  /** What RDS calls whoever a token signs in to: the proxy, or the cluster where there is none. */
  const signInTo = proxy ? proxy.arn.apply((arn) => arn.split(":").at(-1) ?? "") : cluster?.clusterResourceId;
  return {
    cell,
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
    adminSecret: cluster
      ? cluster.masterUserSecrets.apply((all) => all[0]?.secretArn ?? "")
      : localAdmin(cell, aurora).arn,
    proxySecrets,
  };
}

/** Where a developer's own Postgres stands in, its administrator is told the same way. */
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

/** The databases of all cells, in the order of the setting. */
export const databases: readonly Database[] = [first, ...others];
/** The first cell's. */
export const database = first;
