import { itemsOf, kindOf, type RawItem, writeItems } from "@lectern/core/kernel/dynamo";

// DynamoDB items in a dump. A query needs a partition key, so the dump asks for each person's items; only a scan of the
// table, which holds all schools, could list one school's items.

type Service = Parameters<typeof itemsOf>[0];

/** Kinds that a dump carries, by service. Each is stored under a person. */
export const carried = { learning: ["fact", "summary"], notify: ["notification", "unread"] } as const satisfies Partial<
  Record<Service, readonly string[]>
>;

/** Kinds that a dump omits, and why. A test fails for a kind of the data table that is in neither list. */
export const leftOut: Readonly<Record<string, string>> = {
  "identity/session": "Who was signed in signs in again: a restored session could be one that was ended for a reason.",
  "identity/attempt": "Counters of attempts live for minutes.",
  "limits/idempotency": "Answers to repeated requests live for a day.",
  "limits/rate-window": "Counters of requests live for minutes.",
  "notify/socket": "Connections of open pages; they ended long ago.",
  "notify/mail": "Which mails have left stays true whatever is restored. It is found by mail, not by person.",
  "notify/address": "Which addresses mail comes back from stays true as well. It is found by address, not by person.",
  "bus/outbox": "Events leave within seconds; a restored one would be told twice.",
  "bus/parked": "Events for a suspended school. They wait in the table, and come when it is open again.",
  "due/item":
    "Timers stay as they are when a school is restored, and a move takes them along (core/kernel/due). Their handlers read the restored rows.",
};

const isCarried = (service: keyof typeof carried, item: RawItem): boolean =>
  carried[service].some((kind) => kind === kindOf(item));

/** Returns the items of one person that a dump carries. */
export async function ofPerson(userId: string): Promise<RawItem[]> {
  const services = Object.keys(carried) as (keyof typeof carried)[];
  const found = await Promise.all(
    services.map(async (service) => (await itemsOf(service, userId)).filter((item) => isCarried(service, item))),
  );
  return found.flat();
}

/** Replaces a person's carried items with these. Idempotent. */
export async function replaceOfPerson(userId: string, items: readonly RawItem[]): Promise<void> {
  const keyOf = ({ pk, sk }: RawItem): string => JSON.stringify([pk, sk]);
  const kept = new Set(items.map(keyOf));
  const known = await ofPerson(userId);
  await writeItems({ put: items, remove: known.filter((item) => !kept.has(keyOf(item))) });
}

/** Returns the person's id from the partition key. */
export const personOf = (item: RawItem): string => /#userId_([^#]+)$/.exec(String(item.pk))?.[1] ?? "";
