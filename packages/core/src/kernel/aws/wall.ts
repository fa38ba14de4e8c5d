// The wall between schools in DynamoDB and S3, as IAM documents. infra/ attaches them to the role that `kernel/aws`
// assumes with the school as a session tag; a local stage evaluates the same document. Imports nothing, so that infra/
// can import it.

/** The part of an IAM policy document that we use. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Conditions;
}

/** Operator, condition key, values: any of them will do. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** The session tag that says whose work this is. */
export const schoolTag = "school";

// biome-ignore lint/suspicious/noTemplateCurlyInString: IAM's own variable, which it fills in at each request.
const school = "${aws:PrincipalTag/school}";

/**
 * The ElectroDB services of the data table. Named one by one: a wildcard before the school would also match another
 * school's key that contains ours later. A new domain with items adds its service here.
 */
export const dataServices = ["bus", "due", "identity", "learning", "limits", "notify"] as const;
export type DataService = (typeof dataServices)[number];

/** Partition keys of a school's own items: the school alone, or the school and more. */
const leadingKeys = dataServices.flatMap((service) => {
  const own = `$${service}#schoolId_${school}`;
  return [own, `${own}#*`];
});

/** Indexes whose partition key leads with the school. The `outbox` index does not: it is the platform's (relay, dispatcher). */
const schoolIndexes = ["gsi1"] as const;

/**
 * Allows a school's work its own items and objects. No Scan, which has no leading key. `Null` refuses requests without
 * a leading key, which "for all values" alone would allow.
 * @param of.keyArns KMS keys of those tables and buckets, used through DynamoDB and S3 only.
 */
export function schoolPolicy(of: {
  readonly tableArns: readonly string[];
  readonly bucketArns: readonly string[];
  readonly keyArns?: readonly string[];
}): PolicyDocument {
  const { tableArns, bucketArns, keyArns = [] } = of;
  const own: Conditions = {
    "ForAllValues:StringLike": { "dynamodb:LeadingKeys": leadingKeys },
    Null: { "dynamodb:LeadingKeys": "false" },
  };
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "OwnItems",
        Effect: "Allow",
        Action: [
          "dynamodb:BatchGetItem",
          "dynamodb:BatchWriteItem",
          "dynamodb:ConditionCheckItem",
          "dynamodb:DeleteItem",
          "dynamodb:GetItem",
          "dynamodb:PutItem",
          "dynamodb:Query",
          "dynamodb:UpdateItem",
        ],
        Resource: tableArns,
        Condition: own,
      },
      {
        Sid: "OwnItemsByIndex",
        Effect: "Allow",
        Action: ["dynamodb:Query"],
        Resource: tableArns.flatMap((arn) => schoolIndexes.map((index) => `${arn}/index/${index}`)),
        Condition: own,
      },
      {
        Sid: "OwnObjects",
        Effect: "Allow",
        Action: ["s3:DeleteObject", "s3:GetObject", "s3:PutObject", "s3:PutObjectTagging"],
        Resource: bucketArns.map((arn) => `${arn}/${school}/*`),
      },
      {
        Sid: "OwnListing",
        Effect: "Allow",
        Action: ["s3:ListBucket"],
        Resource: bucketArns,
        Condition: { StringLike: { "s3:prefix": [`${school}/*`] } },
      },
      ...(keyArns.length > 0
        ? ([
            {
              Sid: "KeysThroughTheStores",
              Effect: "Allow",
              Action: ["kms:Decrypt", "kms:GenerateDataKey"],
              Resource: keyArns,
              Condition: { StringLike: { "kms:ViaService": ["dynamodb.*.amazonaws.com", "s3.*.amazonaws.com"] } },
            },
          ] as const)
        : []),
    ],
  };
}

/** The role's trust document: these functions' roles may assume it, for one school, without other tags. */
export function schoolTrust(of: { readonly principals: readonly string[] }) {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "ForOneSchool",
        Effect: "Allow",
        Principal: { AWS: of.principals },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: {
          // An id: `sch_` and 26 characters. IAM has no character classes, so only the length can be checked.
          StringLike: { [`aws:RequestTag/${schoolTag}`]: `sch_${"?".repeat(26)}` },
          "ForAllValues:StringEquals": { "aws:TagKeys": [schoolTag] },
        },
      },
    ],
  } as const;
}
