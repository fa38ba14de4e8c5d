import { Aws } from "@lectern/core/kernel/aws";
import { CellItem, Directory } from "@lectern/core/kernel/directory";
import { mine } from "@lectern/core/kernel/dynamo";
import { log } from "@lectern/core/kernel/log";
import { Resource } from "sst";
import { ParkedItem } from "./parked.entity.ts";

const shard = "parked";

/** The reactions of earlier releases that notified people. Their parked events go to the queue that does it now. */
const formerNames: ReadonlySet<string> = new Set([
  "school-opened",
  "welcome",
  "verification-mail",
  "password-reset-mail",
  "sign-up-repeated-mail",
  "session-ended-mail",
  "email-change-mail",
  "email-changed-mail",
  "password-changed-mail",
  "sign-in-guessed-mail",
  "owner-added-mail",
  "invitation-mail",
  "role-request-received",
  "role-request-decided",
  "finder-mail",
  "enrolled",
  "halfway",
  "certificate-issued",
  "certificate-revoked",
  "domain-turned-mail",
]);
const queueOf = (consumer: string): string | undefined =>
  Resource.Queues.urls[formerNames.has(consumer) ? "notifications" : consumer];

/** Keeps an event of the actor's suspended school until it is open again. Parked twice, it is there once. */
export async function park(consumer: string, eventId: string, body: string): Promise<void> {
  await ParkedItem()
    .put({ ...mine(), consumer, eventId, body, shard, parkedAt: Date.now() })
    .go();
}

/**
 * Sends what waits for schools that are open again back to its queues, and drops what waits for schools that are gone.
 * Sent before it is deleted: killed in between, it comes twice, and the consumer's inbox knows it.
 */
export async function unpark(): Promise<{ sent: number; dropped: number }> {
  const { SendMessageCommand } = await import("./queue-commands.ts");
  const { data: cells } = await CellItem().query.all({}).go({ pages: "all" });
  let sent = 0;
  let dropped = 0;
  for (const table of new Set(cells.map((cell) => cell.table))) {
    const { data } = await ParkedItem.asPlatform(table).query.waiting({ shard }).go({ pages: "all" });
    for (const [schoolId, items] of Map.groupBy(data, (each) => each.schoolId)) {
      const school = await Directory.readSchool(schoolId);
      const isGone = !school || school.state === "deleting";
      if (!isGone && school.state !== "active") continue;
      for (const { consumer, eventId, body } of items) {
        const about = { schoolId, consumer, eventId };
        if (!isGone) {
          const queueUrl = queueOf(consumer);
          if (!queueUrl) {
            log.error(about, "parked event stays: there is no queue of its consumer's name");
            continue;
          }
          await Aws.sqs().send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
          sent += 1;
        } else {
          log.warn(about, "parked event dropped: its school is gone");
          dropped += 1;
        }
        await ParkedItem.asPlatform(table).delete({ schoolId, consumer, eventId }).go();
      }
    }
  }
  return { sent, dropped };
}
