import { Actor } from "@lectern/core/kernel/actor";
import { Url } from "@lectern/core/kernel/url";
import * as Identity from "@lectern/core/people/identity";
import { Recipients } from "@lectern/core/people/identity";
import * as Letters from "../../mail/letters/security.ts";
import { sendOnce } from "../../mail/send.ts";
import { consumer } from "../consumer.ts";

/** Mails a new owner, and every other owner, who may know nothing about it. */
export const ownerAddedMail = consumer("owner-added-mail", Identity.Events.OwnerAdded, async (event) => {
  const { userId } = event.data;
  const added = await Recipients.person({ userId });
  if (!added) return;
  const by = event.actor.type === "user" && event.actor.id ? await Recipients.person({ userId: event.actor.id }) : null;
  const school = Actor.useSchool();
  const about = {
    school: school.name,
    added,
    by: by && by.userId !== userId ? by.name : null,
    at: new Date(event.occurredAt),
    href: Url.schoolUrl(school, "/admin/people?role=owner"),
  };
  for (const to of [added, ...(await Recipients.owners({})).filter((each) => each.userId !== userId)])
    await sendOnce({
      template: "owner-added",
      event,
      to: to.email,
      write: async () =>
        to.userId === userId ? Letters.madeOwner({ ...about, to }) : Letters.ownerAdded({ ...about, to }),
    });
});
