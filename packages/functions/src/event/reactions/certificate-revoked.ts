import { Actor } from "@lectern/core/kernel/actor";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import * as Certificate from "@lectern/core/learn/certificate";
import * as Letters from "../../mail/letters/learning.ts";
import { sendOnce } from "../../mail/send.ts";
import { consumer } from "../consumer.ts";

/** Writes to the learner whose certificate was revoked; not if it has been reissued meanwhile. */
export const certificateRevoked = consumer("certificate-revoked", Certificate.Events.Revoked, async (event) => {
  const about = await Certificate.certificateMail({ certificateId: event.data.certificateId });
  if (!about?.revoked) return;
  const { to, number, courseTitle, revoked } = about;
  const school = Actor.useSchool();
  await sendOnce({
    template: "certificate-revoked",
    event,
    to: to.email,
    write: async () =>
      Letters.certificateRevoked({
        ...{ to, school: school.name, courseTitle, number, reason: revoked.reason },
        href: Url.schoolUrl(school, pathTo.certificate(number)),
      }),
  });
});
