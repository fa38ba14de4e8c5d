import type { Wish } from "./policy.ts";

// Maps an SDK command to what IAM checks: action, resource and condition keys, as the service would see them. An
// unlisted operation maps to its own name, which none of our documents allows.

type Input = Readonly<Record<string, unknown>>;

// DynamoDB

export const tableArn = (name: string): string =>
  name.startsWith("arn:") ? name : `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`;

/** The partition key of the tables and of their indexes. */
const partitionKeys: Readonly<Record<string, string>> = { gsi1: "gsi1pk", outbox: "outboxpk" };

/** A command of DynamoDB, such as "GetItemCommand" with its input, plain or marshalled. */
export function dynamodbWishes(command: string, input: Input): Wish[] {
  const operation = command.replace(/Command$/, "");
  switch (operation) {
    case "GetItem":
    case "UpdateItem":
    case "DeleteItem":
      return [onItems(operation, input.TableName, [pkOf(input.Key)])];
    case "PutItem":
      return [onItems(operation, input.TableName, [pkOf(input.Item)])];
    case "Query":
      return [onQuery(input)];
    case "BatchGetItem":
      return Object.entries(recordOf(input.RequestItems)).map(([table, request]) =>
        onItems(operation, table, listOf(recordOf(request).Keys).map(pkOf)),
      );
    case "BatchWriteItem":
      return Object.entries(recordOf(input.RequestItems)).map(([table, requests]) =>
        onItems(
          operation,
          table,
          listOf(requests).map((request) => {
            const { PutRequest, DeleteRequest } = recordOf(request);
            return PutRequest ? pkOf(recordOf(PutRequest).Item) : pkOf(recordOf(DeleteRequest).Key);
          }),
        ),
      );
    case "TransactGetItems":
    case "TransactWriteItems":
      // IAM checks each part separately, as the action it stands for.
      return listOf(input.TransactItems).flatMap((item) => Object.entries(recordOf(item)).map(onPart));
    default:
      return [onItems(operation, input.TableName, [])];
  }
}

const transacted: Readonly<Record<string, string>> = {
  Get: "GetItem",
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
};

function onPart([kind, part]: [string, unknown]): Wish {
  const { TableName, Key, Item } = recordOf(part);
  return onItems(transacted[kind] ?? kind, TableName, [pkOf(Key ?? Item)]);
}

function onItems(operation: string, table: unknown, keys: readonly (string | undefined)[], index = ""): Wish {
  // An unreadable key is not ours; an empty text matches nothing.
  const leading = keys.map((key) => key ?? "");
  return {
    action: `dynamodb:${operation}`,
    resource: `${tableArn(String(table))}${index}`,
    context: leading.length > 0 ? { "dynamodb:LeadingKeys": leading } : {},
  };
}

/** Returns the values the partition key is compared with; none for a condition in a form we do not use. */
function onQuery(input: Input): Wish {
  const index = typeof input.IndexName === "string" ? input.IndexName : undefined;
  const attribute = index === undefined ? "pk" : partitionKeys[index];
  const names = recordOf(input.ExpressionAttributeNames);
  const values = recordOf(input.ExpressionAttributeValues);
  const keys: (string | undefined)[] = [];
  for (const part of String(input.KeyConditionExpression ?? "").split(/\band\b/i)) {
    const [, name = "", value = ""] = /^\(?([#\w.]+)=(:\w+)\)?$/.exec(part.replaceAll(/\s/g, "")) ?? [];
    if (name && (names[name] ?? name) === attribute) keys.push(textOf(values[value]));
  }
  return onItems("Query", input.TableName, keys, index === undefined ? "" : `/index/${index}`);
}

const pkOf = (item: unknown): string | undefined => textOf(recordOf(item).pk);

/** A text as the document client takes it, or marshalled. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const { S } = recordOf(value);
  return typeof S === "string" ? S : undefined;
}

// S3

export const bucketArn = (name: string): string => (name.startsWith("arn:") ? name : `arn:aws:s3:::${name}`);

/** A command of S3, such as "GetObjectCommand" with its input. */
export function s3Wishes(command: string, input: Input): Wish[] {
  const operation = command.replace(/Command$/, "");
  const bucket = bucketArn(String(input.Bucket));
  const onObject = (action: string, key: unknown = input.Key): Wish => ({
    action: `s3:${action}${input.VersionId && !action.startsWith("Put") ? "Version" : ""}`,
    resource: `${bucket}/${String(key)}`,
    context: {},
  });
  switch (operation) {
    case "GetObject":
    case "HeadObject":
      return [onObject("GetObject")];
    case "DeleteObject":
      return [onObject("DeleteObject")];
    case "DeleteObjects":
      return listOf(recordOf(input.Delete).Objects).map((object) => onObject("DeleteObject", recordOf(object).Key));
    case "PutObject":
      return [onObject("PutObject"), ...besides(input, onObject)];
    case "CopyObject":
      return [sourceOf(String(input.CopySource)), onObject("PutObject"), ...besides(input, onObject)];
    case "PutObjectTagging":
      return [onObject("PutObjectTagging")];
    case "ListObjectsV2":
      return [{ action: "s3:ListBucket", resource: bucket, context: contextOf("s3:prefix", input.Prefix) }];
    case "HeadBucket":
      return [{ action: "s3:ListBucket", resource: bucket, context: {} }];
    default:
      return [{ action: `s3:${operation}`, resource: bucket, context: {} }];
  }
}

/** What a presigned form lets its holder do, which S3 asks of the one who signed it. */
export const postWishes = (bucket: string, key: string, fields: Readonly<Record<string, string>>): Wish[] =>
  s3Wishes("PutObjectCommand", { Bucket: bucket, Key: key, Tagging: fields.tagging, ACL: fields.acl });

/** Tags and access lists that come with an object are rights of their own. */
const besides = (input: Input, onObject: (action: string) => Wish): Wish[] => [
  ...(input.Tagging ? [onObject("PutObjectTagging")] : []),
  ...(input.ACL ? [onObject("PutObjectAcl")] : []),
];

/** `bucket/key`, percent-encoded, with or without a slash in front and a version behind. */
function sourceOf(source: string): Wish {
  const [path = "", version] = source.replace(/^\//, "").split("?versionId=");
  const at = path.indexOf("/");
  return {
    action: version ? "s3:GetObjectVersion" : "s3:GetObject",
    resource: `${bucketArn(path.slice(0, at))}/${decodeURIComponent(path.slice(at + 1))}`,
    context: {},
  };
}

const contextOf = (key: string, value: unknown): Wish["context"] => (typeof value === "string" ? { [key]: value } : {});

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
