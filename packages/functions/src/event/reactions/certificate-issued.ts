import { Actor } from "@lectern/core/kernel/actor";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import * as Certificate from "@lectern/core/learn/certificate";
import * as Notify from "@lectern/core/talk/notify";
import * as Letters from "../../mail/letters/learning.ts";
import { sendOnce } from "../../mail/send.ts";
import { consumer } from "../consumer.ts";

/** The mail and the notification that link a certificate. */
export const certificateIssued = consumer("certificate-issued", Certificate.Events.Issued, async (event) => {
  const about = await Certificate.certificateMail({ certificateId: event.data.certificateId });
  if (!about || about.revoked) return;
  const { to, number, courseTitle, isReissued } = about;
  const school = Actor.useSchool();
  const path = pathTo.certificate(number);
  await Notify.push({
    eventId: event.id,
    userId: to.userId,
    type: event.type,
    title: isReissued ? `Your certificate for ${courseTitle} was reissued` : `You have completed ${courseTitle}`,
    body: isReissued ? "It has a new number. The old one no longer counts." : "Your certificate is ready.",
    href: path,
    at: Date.parse(event.occurredAt),
  });
  await sendOnce({
    template: "certificate",
    event,
    to: to.email,
    write: async () => Letters.certificate({ ...about, school: school.name, href: Url.schoolUrl(school, path) }),
  });
});
