import { account, partition, region } from "./account.ts";
import { stageOf } from "./stage.ts";

// One key per kind of data, so that rights on one kind never include another. Every key rotates yearly.
const stage = stageOf($app.stage);

type Statement = aws.types.input.iam.GetPolicyDocumentStatementArgs;

const condition = (test: string, variable: string, ...values: $util.Input<string>[]) => ({ test, variable, values });
const ofAccount = condition("StringEquals", "aws:SourceAccount", account);

/** Lets an AWS service use a key for resources of this account only. */
const service = (
  sid: string,
  identifiers: $util.Input<string>[],
  actions: string[],
  conditions = [ofAccount],
): Statement => ({
  sid,
  actions,
  resources: ["*"],
  principals: [{ type: "Service", identifiers }],
  conditions,
});

const use = ["kms:Decrypt", "kms:GenerateDataKey*"];

/** Without the first statement the key could never be changed again; IAM policies then control its use. */
const policyOf = (services: Statement[]) =>
  aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        sid: "Account",
        actions: ["kms:*"],
        resources: ["*"],
        principals: [{ type: "AWS", identifiers: [$interpolate`arn:${partition}:iam::${account}:root`] }],
      },
      ...services,
    ],
  }).json;

/** `services` "later" leaves the policy to a module that runs later; `there` is a region other than the stage's. */
function key(
  name: string,
  description: string,
  services: Statement[] | "later" = [],
  there?: { readonly region: string; readonly suffix: string },
): aws.kms.Key {
  const made = new aws.kms.Key(
    `Key${name}${there?.suffix ?? ""}`,
    {
      ...(there && { region: there.region }),
      description: `Lectern ${$app.stage}: ${description}`,
      ...(services !== "later" && { policy: policyOf(services) }),
      enableKeyRotation: true,
      // The second region must be able to read backups when this region is lost.
      multiRegion: !there && stage.secondRegion !== undefined,
      deletionWindowInDays: stage.standing ? 30 : 7,
    },
    // SST's removal policy retains stores but not their keys, and a store without its key is lost.
    { retainOnDelete: stage.removal === "retain" },
  );
  new aws.kms.Alias(`Key${name}${there?.suffix ?? ""}Alias`, {
    ...(there && { region: there.region }),
    name: `alias/${$app.name}/${$app.stage}/${name.toLowerCase()}`,
    targetKeyId: made.keyId,
  });
  return made;
}

/** Services that send data protected by the messaging key. */
const senders = service(
  "Senders",
  [
    "events.amazonaws.com",
    "sns.amazonaws.com",
    "ses.amazonaws.com",
    "cloudwatch.amazonaws.com",
    "budgets.amazonaws.com",
    "costalerts.amazonaws.com",
    "backup.amazonaws.com",
  ],
  [...use, "kms:DescribeKey"],
);
const logGroups = (where: $util.Input<string>) =>
  service(
    "LogGroups",
    [$interpolate`logs.${where}.amazonaws.com`],
    ["kms:Encrypt*", "kms:ReEncrypt*", "kms:DescribeKey", ...use],
    [
      condition(
        "ArnLike",
        "kms:EncryptionContext:aws:logs:arn",
        $interpolate`arn:${partition}:logs:${where}:${account}:*`,
      ),
    ],
  );

/** The customer managed keys of this stage, by what they protect. */
export const keys = {
  data: key("Data", "database, tables and shared drive"),
  storage: key("Storage", "files in buckets", "later"),
  secrets: key("Secrets", "secrets and encrypted settings"),
  messaging: key("Messaging", "bus, queues and topics", [senders]),
  logs: key("Logs", "logs and audit trail", [
    logGroups(region),
    service("Trail", ["cloudtrail.amazonaws.com"], ["kms:GenerateDataKey*", "kms:DescribeKey"]),
    service("Delivery", ["delivery.logs.amazonaws.com"], ["kms:GenerateDataKey*", "kms:Decrypt"]),
  ]),
  backup: key("Backup", "recovery points and database dumps"),
};

/**
 * Separate keys for a region with only a page server, not replicas: they cannot decrypt anything in the stage's own
 * region.
 */
export const keysIn = (region: string, suffix: string) => ({
  secrets: key("Secrets", `environment of functions in ${region}`, [], { region, suffix }),
  messaging: key("Messaging", `topics in ${region}`, [senders], { region, suffix }),
  logs: key("Logs", `logs in ${region}`, [logGroups(region)], { region, suffix }),
});

/**
 * Lets exactly these distributions decrypt files for visitors; bucket policies decide which one reads which bucket. A
 * separate policy, because the key is created before the distributions.
 */
export function edgeReads(distributionArns: readonly $util.Input<string>[]): void {
  new aws.kms.KeyPolicy("KeyStoragePolicy", {
    keyId: keys.storage.id,
    policy: policyOf([
      service(
        "Edge",
        ["cloudfront.amazonaws.com"],
        ["kms:Decrypt"],
        [ofAccount, { test: "ArnEquals", variable: "aws:SourceArn", values: [...distributionArns] }],
      ),
    ]),
  });
}
