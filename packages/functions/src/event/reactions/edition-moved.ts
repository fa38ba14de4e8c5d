import { Category } from "@lectern/core/category";
import { Course } from "@lectern/core/course";
import { Identity } from "@lectern/core/identity";
import { Directory } from "@lectern/core/kernel/directory";
import { Edition } from "@lectern/core/kernel/edition";
import { School } from "@lectern/tenants/school";
import { batch, type Reaction } from "../consumer.ts";
import { BusMessage, Envelope } from "../envelope.ts";
import { RetryLater } from "../retry.ts";
import { reached } from "../steps.ts";

const name = "edition-moved";

// After each of these a visitor without a cookie would see something else. What is not here, and why, stands in
// docs/adr/0010-pages-at-the-edge.md.
const definitions = [
  Course.Events.Published,
  Course.Events.Unpublished,
  Course.Events.Archived,
  Course.Events.Changed,
  Course.Events.Removed,
  Category.Events.Changed,
  Identity.Events.Renamed,
  School.Events.BrandChanged,
  School.Events.RouteChanged,
  School.Events.Suspended,
  School.Events.Resumed,
  School.Events.Removed,
];

/**
 * Lets go of the pages that the edge keeps of a school, on all of its hosts. The message itself waits in its queue for the
 * second move, so what is left to do outlives any worker. Works for no school: a suspended one has pages at the edge too.
 */
export const editionMoved: Reaction = {
  name,
  bus: "lectern",
  on: definitions.map(({ type }) => type),
  handler: batch(name, async (record) => {
    const { detail } = BusMessage.parse(JSON.parse(record.body));
    const { schoolId, type, data } = Envelope.parse(detail);
    const removed = type === School.Events.Removed.type ? School.Events.Removed.schema.parse(data) : undefined;
    await reached(`${name}: begin`);
    const againMs = await Edition.follow({
      schoolId,
      // The queue had it after the change was committed.
      changedAt: Number(record.attributes?.SentTimestamp ?? Date.now()),
      hosts: async () => removed?.hosts ?? Directory.hostsOf(schoolId),
      isRemembered: removed === undefined,
    });
    await reached(`${name}: end`);
    if (againMs > 0) throw new RetryLater(againMs / 1000, "its pages are let go of once more");
  }),
};
