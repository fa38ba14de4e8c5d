import * as Identity from "@lectern/core/identity";
import { Actor } from "@lectern/core/kernel/actor";
import * as Notify from "@lectern/core/notify";
import { About } from "@lectern/core/notify";
import { consumer } from "../consumer.ts";

/** The first thing in a new person's feed, so the bell is not empty. The mail is the one that verifies the address. */
export const welcome = consumer("welcome", Identity.Events.Registered, async (event) => {
  const to = await About.person({ userId: event.data.userId });
  if (!to) return;
  await Notify.push({
    eventId: event.id,
    userId: to.userId,
    type: event.type,
    title: `Welcome to ${Actor.useSchool().name}`,
    body: "Find a course to begin with.",
    href: "/courses",
    at: Date.parse(event.occurredAt),
  });
});
