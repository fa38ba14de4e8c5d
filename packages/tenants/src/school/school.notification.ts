import { Actor } from "@lectern/core/kernel/actor";
import { Url } from "@lectern/core/kernel/url";
import { Recipients } from "@lectern/core/people/identity";
import { defineNotification } from "@lectern/core/talk/notify";
import { Events } from "./school.event.ts";
import * as Letters from "./school.letters.ts";

/** Says to the owners where the new school is and what to do first. */
export const schoolOpened = defineNotification({
  name: "school-opened",
  on: Events.Created,
  category: "account",
  to: () => Recipients.owners({}),
  mail: (to) => {
    const school = Actor.useSchool();
    return Letters.schoolOpened({
      to,
      school: school.name,
      url: Url.schoolUrl(school, "/"),
      studio: Url.schoolUrl(school, "/studio"),
    });
  },
});
