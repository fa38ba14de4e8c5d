import { DeleteCommand, GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { Resource } from "sst";
import * as z from "zod";
import { Aws } from "../../kernel/aws/index.ts";
import { authPartitions } from "../../kernel/aws/shared-tables.ts";

// The auth engine's table: its keys, codes and refresh tokens, each as JSON under a partition and a sort key. It is
// global, because one sign-in host serves all schools, and contains no school data.

const Item = z.object({ sk: z.string(), value: z.string(), expiry: z.number().optional() });

const isLive = (item: z.output<typeof Item>): boolean => item.expiry === undefined || item.expiry * 1000 > Date.now();
const parse = (item: unknown): { sk: string; value: unknown } | undefined => {
  const known = Item.safeParse(item);
  if (!known.success || !isLive(known.data)) return undefined;
  return { sk: known.data.sk, value: JSON.parse(known.data.value) };
};

const table = (): string => Resource.AuthTable.name;

/** Returns one entry, or undefined when it is missing or has expired. */
export async function get(pk: string, sk: string): Promise<unknown> {
  const { Item: item } = await Aws.dynamodb().send(
    new GetCommand({ TableName: table(), Key: { pk, sk }, ConsistentRead: true }),
  );
  return parse(item)?.value;
}

/** Returns and removes one entry atomically: only one of two concurrent callers gets it. */
export async function take(pk: string, sk: string): Promise<unknown> {
  const { Attributes } = await Aws.dynamodb().send(
    new DeleteCommand({ TableName: table(), Key: { pk, sk }, ReturnValues: "ALL_OLD" }),
  );
  return parse(Attributes)?.value;
}

/** Writes an entry, for ever or until `expiry`. */
export async function put(pk: string, sk: string, value: unknown, expiry?: Date): Promise<void> {
  const seconds = expiry && Math.floor(expiry.getTime() / 1000);
  await Aws.dynamodb().send(
    new PutCommand({
      TableName: table(),
      Item: { pk, sk, value: JSON.stringify(value), ...(seconds !== undefined && { expiry: seconds }) },
    }),
  );
}

/** Writes an entry unless it is there. False when it was. */
export async function putOnce(pk: string, sk: string, value: unknown): Promise<boolean> {
  try {
    await Aws.dynamodb().send(
      new PutCommand({
        TableName: table(),
        Item: { pk, sk, value: JSON.stringify(value) },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
    throw error;
  }
}

export async function remove(pk: string, sk: string): Promise<void> {
  await Aws.dynamodb().send(new DeleteCommand({ TableName: table(), Key: { pk, sk } }));
}

/** Every live entry of a partition. */
export async function* scan(pk: string): AsyncGenerator<{ sk: string; value: unknown }> {
  let from: Record<string, unknown> | undefined;
  do {
    const page = await Aws.dynamodb().send(
      new QueryCommand({
        TableName: table(),
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": pk },
        ConsistentRead: true,
        ...(from && { ExclusiveStartKey: from }),
      }),
    );
    for (const item of page.Items ?? []) {
      const known = parse(item);
      if (known) yield known;
    }
    from = page.LastEvaluatedKey;
  } while (from);
}

export { authPartitions as partitions } from "../../kernel/aws/shared-tables.ts";

/** The subject is person and session, so a family of refresh tokens belongs to one session. */
export const subjectOf = (of: { readonly userId: string; readonly sessionId: string }): string =>
  `${of.userId}/${of.sessionId}`;

/** Ends a family of refresh tokens. */
export async function dropRefresh(subject: string): Promise<void> {
  const pk = authPartitions.refresh(subject);
  for await (const { sk } of scan(pk)) await remove(pk, sk);
}

export * as AuthStore from "./auth-store.ts";
