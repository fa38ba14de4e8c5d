import { Actor } from "@lectern/core/kernel/actor";
import { hostUrl, Url } from "@lectern/core/kernel/url";
import { Recipients } from "@lectern/core/people/identity";
import { defineNotification } from "@lectern/core/talk/notify";
import { Events } from "./domain.event.ts";
import { domainLetters } from "./domain.letters.ts";
import { read } from "./index.ts";

/** To the school's admins, if the domain still is in the state that the event names. */
const turned = (state: keyof typeof domainLetters) =>
  defineNotification({
    name: `domain-${state}`,
    on: Events.Turned,
    category: "news",
    to: async ({ data }) => {
      if (data.to !== state) return [];
      const domain = await read(data.host);
      if (!domain || (state === "lost" ? domain.lostAt === null : domain.state !== state)) return [];
      return (await Recipients.admins({})).map((to) => ({ ...to, domain }));
    },
    mail: ({ domain, ...to }, { data }) => {
      const school = Actor.useSchool();
      return domainLetters[state]({
        to,
        school: school.name,
        domain: domain.unicode,
        url: hostUrl(data.host),
        message: domain.message ?? "",
        href: Url.schoolUrl(school, "/admin/domains"),
      });
    },
  });

export const domainActive = turned("active");
export const domainFailed = turned("failed");
export const domainLost = turned("lost");
