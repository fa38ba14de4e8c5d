import { Actor } from "@lectern/core/kernel/actor";
import { Url } from "@lectern/core/kernel/url";
import { Recipients } from "@lectern/core/people/identity";
import { Events } from "@lectern/tenants/school";
import * as Letters from "../../mail/letters/school.ts";
import { sendOnce } from "../../mail/send.ts";
import { consumer } from "../consumer.ts";

/** Tells the owner where the new school is and what to do first. */
export const schoolOpened = consumer("school-opened", Events.Created, async (event) => {
  const school = Actor.useSchool();
  for (const to of await Recipients.owners({})) {
    await sendOnce({
      template: "school-opened",
      event,
      to: to.email,
      write: async () =>
        Letters.schoolOpened({
          to,
          school: school.name,
          url: Url.schoolUrl(school, "/"),
          studio: Url.schoolUrl(school, "/studio"),
        }),
    });
  }
});
