import { randomBytes } from "node:crypto";
import { account, region } from "../account.ts";
import { nameOf, suffixOf } from "../cell.ts";
import { keys } from "../keys.ts";
import { dataSubnets, groups } from "../network.ts";
import { stageOf } from "../stage.ts";

const stage = stageOf($app.stage);

/** The two roles behind the proxy; only the proxy and the migration function know their passwords. */
export const proxied = { app: "lectern_app", platform: "lectern_platform" } as const;

export interface ProxySecrets {
  readonly app: aws.secretsmanager.Secret;
  readonly platform: aws.secretsmanager.Secret;
}

export const makeProxySecrets = (cell: string): ProxySecrets => ({
  app: secretOf(cell, "App", proxied.app),
  platform: secretOf(cell, "Platform", proxied.platform),
});

function secretOf(cell: string, title: string, username: string): aws.secretsmanager.Secret {
  const called = nameOf("Database", cell, `Proxy${title}`);
  const secret = new aws.secretsmanager.Secret(called, {
    name: `${$app.name}/${$app.stage}/${called}`,
    description: `Lectern ${$app.stage}: database role ${username}, for the proxy${suffixOf(cell).replace("-", " of ")}`,
    kmsKeyId: keys.secrets.arn,
    recoveryWindowInDays: stage.removal === "retain" ? 30 : 0,
  });
  // Write-only: Pulumi does not store the value in its state.
  const password = randomBytes(32).toString("base64url");
  new aws.secretsmanager.SecretVersion(
    `${called}First`,
    { secretId: secret.id, secretStringWo: JSON.stringify({ username, password }), secretStringWoVersion: 1 },
    { ignoreChanges: ["secretStringWo"] },
  );
  return secret;
}

/**
 * Built from parts, because SST's component has no arguments for the login secret, session pinning and the security
 * group.
 */
export function makeProxy(cell: string, of: aws.rds.Cluster, { app, platform }: ProxySecrets): aws.rds.Proxy {
  const secrets = [app, platform];
  const named = (part: string) => nameOf("Database", cell, part);
  const role = new aws.iam.Role(named("ProxyRole"), {
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
  const policy = new aws.iam.RolePolicy(named("ProxyPolicy"), {
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
    named("Proxy"),
    {
      name: `${$app.name}-${$app.stage}${suffixOf(cell)}`,
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
  const target = new aws.rds.ProxyDefaultTargetGroup(named("ProxyTargets"), {
    dbProxyName: made.name,
    connectionPoolConfig: {
      maxConnectionsPercent: 90,
      maxIdleConnectionsPercent: 30,
      connectionBorrowTimeout: 10,
      // `catalog.enter` sets variables for the transaction only, so no session needs pinning.
      sessionPinningFilters: ["EXCLUDE_VARIABLE_SETS"],
    },
  });
  new aws.rds.ProxyTarget(named("ProxyTarget"), {
    dbProxyName: made.name,
    targetGroupName: target.name,
    dbClusterIdentifier: of.clusterIdentifier,
  });
  return made;
}
