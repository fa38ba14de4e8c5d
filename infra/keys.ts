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

function key(name: string, description: string, services: Statement[] = []): aws.kms.Key {
  const policy = aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        // Without it nobody could change the key again; who may use it is then said by IAM policies.
        sid: "Account",
        actions: ["kms:*"],
        resources: ["*"],
        principals: [{ type: "AWS", identifiers: [$interpolate`arn:${partition}:iam::${account}:root`] }],
      },
      ...services,
    ],
  });
  const made = new aws.kms.Key(
    `Key${name}`,
    {
      description: `Lectern ${$app.stage}: ${description}`,
      policy: policy.json,
      enableKeyRotation: true,
      // A backup in the second region is read with the same key when this region is gone.
      multiRegion: stage.secondRegion !== undefined,
      deletionWindowInDays: stage.standing ? 30 : 7,
    },
    // SST's removal policy keeps stores but not their keys, and a store without its key is lost.
    { retainOnDelete: stage.removal === "retain" },
  );
  new aws.kms.Alias(`Key${name}Alias`, {
    name: `alias/${$app.name}/${$app.stage}/${name.toLowerCase()}`,
    targetKeyId: made.keyId,
  });
  return made;
}

/** The customer keys of this stage, by what they protect. */
export const keys = {
  data: key("Data", "database, tables and shared drive"),
  storage: key("Storage", "files in buckets", [
    // The edge reads files for visitors. Which distributions may read which bucket is said by the bucket's own policy.
    service(
      "Edge",
      ["cloudfront.amazonaws.com"],
      ["kms:Decrypt"],
      [
        ofAccount,
        condition("ArnLike", "aws:SourceArn", $interpolate`arn:${partition}:cloudfront::${account}:distribution/*`),
      ],
    ),
  ]),
  secrets: key("Secrets", "secrets and encrypted settings"),
  messaging: key("Messaging", "bus, queues and topics", [
    service(
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
    ),
  ]),
  logs: key("Logs", "logs and audit trail", [
    service(
      "LogGroups",
      [$interpolate`logs.${region}.amazonaws.com`],
      ["kms:Encrypt*", "kms:ReEncrypt*", "kms:DescribeKey", ...use],
      [
        condition(
          "ArnLike",
          "kms:EncryptionContext:aws:logs:arn",
          $interpolate`arn:${partition}:logs:${region}:${account}:*`,
        ),
      ],
    ),
    service("Trail", ["cloudtrail.amazonaws.com"], ["kms:GenerateDataKey*", "kms:DescribeKey"]),
    service("Delivery", ["delivery.logs.amazonaws.com"], ["kms:GenerateDataKey*", "kms:Decrypt"]),
  ]),
  backup: key("Backup", "recovery points and database dumps"),
};
