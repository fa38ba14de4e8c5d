import { Directory } from "@lectern/core/kernel/directory";
import { Edition } from "@lectern/core/kernel/edition";
import * as z from "zod";
import { batch, type Reaction } from "../consumer.ts";
import { BusMessage, Envelope } from "../envelope.ts";
import { changesVisitorsSee } from "../reactions.list.ts";
import { RetryLater } from "../retry.ts";
import { reached } from "../steps.ts";

const name = "edition-moved";

/** Hosts that the directory no longer knows as the school's; the event names them. */
const Gone = z.object({ host: z.string().optional(), hosts: z.array(z.string()).default([]) });

/**
 * Purges a school's pages from the edge, on all of its hosts. A message that wants a second move waits for it
 * in its queue, so what is left to do outlives any worker. Works for no school: a suspended one has pages at the edge too.
 */
export const editionMoved: Reaction = {
  name,
  bus: "lectern",
  // By name: the bundle needs nothing of those who tell them.
  on: changesVisitorsSee,
  handler: batch(name, async (record) => {
    const { detail } = BusMessage.parse(JSON.parse(record.body));
    const { schoolId, type, data } = Envelope.parse(detail);
    const { host, hosts } = Gone.parse(data);
    await reached(`${name}: begin`);
    const againMs = await Edition.follow({
      schoolId,
      // The queue had it after the change was committed.
      changedAt: Number(record.attributes?.SentTimestamp ?? Date.now()),
      hosts: async () => [...new Set([...hosts, ...(host ? [host] : []), ...(await Directory.hostsOf(schoolId))])],
      // Courses, categories and names of people are read from the database for every page.
      isOfRoute: /^(school|domain)\./.test(type),
      isRemembered: type !== "school.removed",
    });
    await reached(`${name}: end`);
    if (againMs > 0) throw new RetryLater(againMs / 1000, "its pages are let go of once more");
  }),
};
export const { handler } = editionMoved;
