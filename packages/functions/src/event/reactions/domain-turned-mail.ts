import { Actor } from "@lectern/core/kernel/actor";
import { hostUrl, Url } from "@lectern/core/kernel/url";
import { Recipients } from "@lectern/core/people/identity";
import * as Domain from "@lectern/tenants/domain";
import { domainLetters } from "../../mail/letters/domain.ts";
import { sendOnce } from "../../mail/send.ts";
import { consumer } from "../consumer.ts";

/** Tells the school's admins that a domain works, was given up, or leads elsewhere; not what is no longer so. */
export const domainTurnedMail = consumer("domain-turned-mail", Domain.Events.Turned, async (event) => {
  const { host, to: turn } = event.data;
  const school = Actor.useSchool();
  const domain = await Domain.read(host);
  if (!domain || (turn === "lost" ? domain.lostAt === null : domain.state !== turn)) return;
  for (const to of await Recipients.admins({}))
    await sendOnce({
      template: `domain-${turn}`,
      event,
      to: to.email,
      write: async () =>
        domainLetters[turn]({
          to,
          school: school.name,
          domain: domain.unicode,
          url: hostUrl(host),
          message: domain.message ?? "",
          href: Url.schoolUrl(school, "/admin/domains"),
        }),
    });
});
