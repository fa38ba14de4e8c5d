import { randomBytes } from "node:crypto";
import { settings } from "../packages/core/src/kernel/secret/settings.list.ts";
import { type Link, makeFunction, narrowed, resource, type Use } from "./functions.ts";
import { keys } from "./keys.ts";
import { stageOf } from "./stage.ts";

// Functions read secrets from Secrets Manager by ARN at run time, so no value is in an environment, a bundle or the
// deployment's state. Settings, which the whole team may read, are in Parameter Store.
const stage = stageOf($app.stage);

const random = () => randomBytes(32).toString("base64url");

interface Spec {
  readonly description: string;
  readonly first: () => string;
  /** Rotated by the rotation function; the others explain why not. */
  readonly turnsEveryDays?: number;
  readonly staysBecause?: string;
}

const specs = {
  SessionSecret: { description: "signs cookies and form tokens", first: random, turnsEveryDays: 90 },
  FinderKey: {
    description: 'keyed digests of "find my school"',
    first: random,
    staysBecause:
      "Every stored digest is made with it: turning it means writing the whole index anew (docs/runbook.md).",
  },
  InternalKeys: {
    description: "HMAC keys of internal calls, the present one and the one before",
    first: () => JSON.stringify({ current: { id: "first", secret: random() } }),
    turnsEveryDays: 30,
  },
  OperatorToken: { description: "bearer token of the operator's own pages", first: random, turnsEveryDays: 30 },
  DatabaseMigratorPassword: {
    description: "database role lectern_migrator",
    first: random,
    staysBecause: "The role's password changes with it, in every cell: by the migration function (docs/runbook.md).",
  },
  DatabaseProvisionerPassword: {
    description: "database role lectern_provisioner",
    first: random,
    staysBecause: "The role's password changes with it, in every cell: by the migration function (docs/runbook.md).",
  },
} satisfies Record<string, Spec>;

export type SecretName = keyof typeof specs;
const names = Object.keys(specs) as SecretName[];

function make(name: SecretName, { description, first }: Spec): aws.secretsmanager.Secret {
  const secret = new aws.secretsmanager.Secret(name, {
    name: `${$app.name}/${$app.stage}/${name}`,
    description: `Lectern ${$app.stage}: ${description}`,
    kmsKeyId: keys.secrets.arn,
    // A recreated stage must not collide with its own deleted secret's name.
    recoveryWindowInDays: stage.removal === "retain" ? 30 : 0,
  });
  // Write-only: Pulumi does not store the value. The version number never changes, so it is written once.
  new aws.secretsmanager.SecretVersion(
    `${name}First`,
    { secretId: secret.id, secretStringWo: first(), secretStringWoVersion: 1 },
    { ignoreChanges: ["secretStringWo"] },
  );
  return secret;
}

/** This stage's secrets, by the name code uses. */
export const secrets = Object.fromEntries(names.map((name) => [name, make(name, specs[name])])) as Record<
  SecretName,
  aws.secretsmanager.Secret
>;

const link = resource("Secrets", { arns: arnsOf(names) });

function arnsOf(wanted: readonly SecretName[]): Record<string, $util.Output<string>> {
  return Object.fromEntries(wanted.map((name) => [name, secrets[name].arn]));
}

/** Grants reading of exactly these secrets. */
export function secretsLink(...wanted: SecretName[]): Use & { readonly links: readonly Link[] } {
  return {
    links: [narrowed(link, { arns: arnsOf(wanted) })],
    permissions: [
      { actions: ["secretsmanager:GetSecretValue"], resources: wanted.map((name) => secrets[name].arn) },
      {
        actions: ["kms:Decrypt"],
        resources: [keys.secrets.arn],
        conditions: [
          {
            test: "StringEquals",
            variable: "kms:EncryptionContext:SecretARN",
            values: wanted.map((name) => secrets[name].arn),
          },
        ],
      },
    ],
  };
}

/** Each setting is `<path>/<name>`. */
export const settingsPath = `/${$app.name}/${$app.stage}/settings`;
for (const [name, { means, first, pattern }] of Object.entries(settings)) {
  new aws.ssm.Parameter(
    `Setting${name.replaceAll(/(^|[^a-z])([a-z])/g, (_, __, letter: string) => letter.toUpperCase())}`,
    {
      name: `${settingsPath}/${name}`,
      description: means,
      type: "String",
      value: first,
      allowedPattern: pattern,
    },
    // Operators change the value without a deployment, so deployments must not reset it.
    { ignoreChanges: ["value"] },
  );
}

const rotating = names.filter((name) => "turnsEveryDays" in specs[name]);
const rotation = makeFunction("Rotation", {
  handler: "packages/functions/src/secrets/rotate.handler",
  description: "Makes the next value of a secret of our own making",
  timeout: "30 seconds",
  memory: "256 MB",
  network: false,
  uses: [
    {
      permissions: [
        {
          actions: [
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
          ],
          resources: rotating.map((name) => secrets[name].arn),
        },
        {
          actions: ["kms:Decrypt", "kms:GenerateDataKey"],
          resources: [keys.secrets.arn],
          conditions: [
            {
              test: "StringEquals",
              variable: "kms:EncryptionContext:SecretARN",
              values: rotating.map((name) => secrets[name].arn),
            },
          ],
        },
      ],
    },
  ],
});
const called = new aws.lambda.Permission("RotationCalled", {
  action: "lambda:InvokeFunction",
  function: rotation.live.functionName,
  qualifier: rotation.live.name,
  principal: "secretsmanager.amazonaws.com",
  sourceAccount: aws.getCallerIdentityOutput().accountId,
});
for (const name of rotating) {
  const { turnsEveryDays }: Spec = specs[name];
  new aws.secretsmanager.SecretRotation(
    `${name}Turns`,
    {
      secretId: secrets[name].id,
      rotationLambdaArn: rotation.live.arn,
      rotateImmediately: false,
      rotationRules: { automaticallyAfterDays: turnsEveryDays ?? 90 },
    },
    { dependsOn: [called] },
  );
}
