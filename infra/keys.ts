import { account, partition, region } from "./account.ts";
import { stageOf } from "./stage.ts";

// One key per kind of data, so that the right to read one kind never brings another with it. Every key turns yearly.
const stage = stageOf($app.stage);

type Statement = aws.types.input.iam.GetPolicyDocumentStatementArgs;

const condition = (test: string, variable: string, ...values: $util.Input<string>[]) => ({ test, variable, values });
const ofAccount = condition("StringEquals", "aws:SourceAccount", account);

/** What an AWS service may do with a key on our behalf, and only for resources of this account. */
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

/** Without the first nobody could change the key again; who may use it is then said by IAM policies. */
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

/** `services` "later" leaves the policy to whoever knows more than there is yet; `there` is another region than the stage's. */
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
      // A backup in the second region is read with the same key when this region is gone.
      multiRegion: !there && stage.secondRegion !== undefined,
      deletionWindowInDays: stage.standing ? 30 : 7,
    },
    // SST's removal policy keeps stores but not their keys, and a store without its key is lost.
    { retainOnDelete: stage.removal === "retain" },
  );
  new aws.kms.Alias(`Key${name}${there?.suffix ?? ""}Alias`, {
    ...(there && { region: there.region }),
    name: `alias/${$app.name}/${$app.stage}/${name.toLowerCase()}`,
    targetKeyId: made.keyId,
  });
  return made;
}

/** Whoever sends what the messaging key protects. */
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

/** The customer keys of this stage, by what they protect. */
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
 * Keys of a region that only the pages' server stands in. No replicas of the stage's: nothing that lies there under them is
 * ever read here, and whoever may use one of these opens nothing of the stage's own region.
 */
export const keysIn = (region: string, suffix: string) => ({
  secrets: key("Secrets", `environment of functions in ${region}`, [], { region, suffix }),
  messaging: key("Messaging", `topics in ${region}`, [senders], { region, suffix }),
  logs: key("Logs", `logs in ${region}`, [logGroups(region)], { region, suffix }),
});

/**
 * These distributions of ours, and no others, may have files decrypted for their visitors. Which of them reads which bucket
 * is said by the bucket's own policy. A policy of its own, because the key is older than what stands before its files.
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
