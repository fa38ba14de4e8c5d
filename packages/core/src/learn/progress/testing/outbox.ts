import { Actor } from "../../../kernel/actor/index.ts";
import { type Envelope, OutboxItem, outboxShards } from "../../../kernel/event/index.ts";

/** The unpublished events of the actor's school that were born in DynamoDB. For tests, where no relay empties it. */
export async function unpublished(type?: string): Promise<Envelope[]> {
  const { schoolId, table } = Actor.useSchool();
  const pages = await Promise.all(
    outboxShards.map((shard) => OutboxItem.asPlatform(table).query.unpublished({ shard }).go({ pages: "all" })),
  );
  return pages
    .flatMap(({ data }) => data)
    .filter((each) => each.schoolId === schoolId && (type === undefined || each.type === type))
    .map((each): Envelope => JSON.parse(each.envelope));
}
