import { Actor } from "@lectern/core/kernel/actor";
import { pathTo } from "@lectern/core/kernel/path";
import * as Identity from "@lectern/core/people/identity";
import { Recipients } from "@lectern/core/people/identity";
import * as Notify from "@lectern/core/talk/notify";
import { consumer } from "../consumer.ts";

const setUp = (roles: readonly string[]): string =>
  roles.includes("owner") || roles.includes("admin")
    ? "Your overview lists what is left to set up."
    : "Your overview shows what you look after here.";

/** The first thing in a new person's feed, so the bell is not empty. The mail is the one that verifies the address. */
export const welcome = consumer("welcome", Identity.Events.Registered, async (event) => {
  const to = await Recipients.person({ userId: event.data.userId });
  if (!to) return;
  const roles = await Recipients.rolesOf({ userId: to.userId });
  const href = Identity.startPageOf(roles);
  await Notify.push({
    eventId: event.id,
    userId: to.userId,
    type: event.type,
    title: `Welcome to ${Actor.useSchool().name}`,
    ...(href === pathTo.learning()
      ? { body: "Find a course to begin with.", href: pathTo.catalog() }
      : { body: href === pathTo.studio() ? "The studio is where your courses are made." : setUp(roles), href }),
    at: Date.parse(event.occurredAt),
  });
});
