import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import {
  type DynamoDBDocumentClient,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from "@aws-sdk/lib-dynamodb";
import { Aws } from "../aws/index.ts";
import { nudge } from "../event/nudge.ts";

export type Write = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

interface Pending {
  params(): unknown;
}

/** An ElectroDB put or create, as one item of a transaction. */
export const put = (pending: Pending): Write => ({ Put: pending.params() as NonNullable<Write["Put"]> });
/** An ElectroDB update, patch or upsert, as one item of a transaction. */
export const update = (pending: Pending): Write => ({ Update: pending.params() as NonNullable<Write["Update"]> });
/** An ElectroDB delete, as one item of a transaction. */
export const remove = (pending: Pending): Write => ({ Delete: pending.params() as NonNullable<Write["Delete"]> });

/**
 * Writes items of the actor's school in one TransactWriteItems. "refused" means a failed condition or a conflicting
 * transaction: the caller reads again and decides. Throws any other error.
 */
export const transact = (writes: readonly Write[]): Promise<"done" | "refused"> => run(Aws.schoolDynamodb(), writes);

/** As `transact`, on the directory. */
export const transactDirectory = (writes: readonly Write[]): Promise<"done" | "refused"> => run(Aws.dynamodb(), writes);

/** It enters the index of unpublished events (kernel/event/outbox.entity.ts). */
const isEvent = ({ Put }: Write): boolean => Put?.Item?.outboxpk !== undefined;

async function run(client: DynamoDBDocumentClient, writes: readonly Write[]): Promise<"done" | "refused"> {
  try {
    await client.send(new TransactWriteCommand({ TransactItems: [...writes] }));
    if (writes.some(isEvent)) nudge();
    return "done";
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code);
    if (codes.some((code) => code === "ConditionalCheckFailed" || code === "TransactionConflict")) return "refused";
    throw error;
  }
}
