import { setTimeout as sleep } from "node:timers/promises";
import { BatchWriteCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { useSchool } from "../actor/index.ts";
import { Aws } from "../aws/index.ts";
import type { DataService } from "../aws/wall.ts";
import { DomainError } from "../error/index.ts";

// A person's raw DynamoDB items, for dumps, restores and moves. All other code uses the entities.

/** An item as stored in the table, keys included. */
export type RawItem = Readonly<Record<string, unknown>>;

/** What ElectroDB makes of the service and `[schoolId, userId]`. The school is the actor's. */
const partitionOf = (service: DataService, userId: string): string =>
  `$${service}#schoolId_${useSchool().schoolId}#userId_${userId}`;

/** The kind of an item, such as `summary`. */
export const kindOf = (item: RawItem): string => String(item.__edb_e__ ?? "");

/** Yields every item of a service below one person of the actor's school, in key order. */
export async function itemsOf(service: DataService, userId: string): Promise<RawItem[]> {
  const found: RawItem[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await Aws.schoolDynamodb().send(
      new QueryCommand({
        TableName: useSchool().table,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": partitionOf(service, userId) },
        ConsistentRead: true,
        ...(from && { ExclusiveStartKey: from }),
      }),
    );
    found.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from);
  return found;
}

/** Puts and deletes items of the actor's school as they are; another school's is refused by the wall. */
export async function writeItems(change: {
  readonly put?: readonly RawItem[];
  readonly remove?: readonly RawItem[];
}): Promise<void> {
  const { table } = useSchool();
  const requests = [
    ...(change.put ?? []).map((Item) => ({ PutRequest: { Item } })),
    ...(change.remove ?? []).map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })),
  ];
  for (let at = 0; at < requests.length; at += 25) {
    let rest: Record<string, unknown>[] = requests.slice(at, at + 25);
    for (let attempt = 0; rest.length > 0; attempt += 1) {
      if (attempt > 10)
        throw new DomainError("unavailable", "items.busy", "The table takes no more at the moment.", undefined, 10);
      if (attempt > 0) await sleep(Math.random() * 50 * 2 ** attempt);
      const answer = await Aws.schoolDynamodb().send(new BatchWriteCommand({ RequestItems: { [table]: rest } }));
      rest = answer.UnprocessedItems?.[table] ?? [];
    }
  }
}
