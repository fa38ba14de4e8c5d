import { Actor } from "../../kernel/actor/index.ts";
import { pathTo } from "../../kernel/path/index.ts";
import { Url } from "../../kernel/url/index.ts";
import { defineNotification } from "../../talk/notify/index.ts";
import { Events } from "./certificate.event.ts";
import * as Letters from "./certificate.letters.ts";
import { certificateMail } from "./mail.ts";

const pageOf = (number: string) => Url.schoolUrl(Actor.useSchool(), pathTo.certificate(number));

/** The link to a certificate. */
export const certificate = defineNotification({
  name: "certificate",
  on: Events.Issued,
  category: "news",
  to: async ({ data: { certificateId } }) => {
    const about = await certificateMail({ certificateId });
    return about && !about.revoked ? [{ ...about.to, ...about }] : [];
  },
  mail: (about) => Letters.certificate({ ...about, school: Actor.useSchool().name, href: pageOf(about.number) }),
  feed: ({ courseTitle, isReissued, number }) => ({
    title: isReissued ? `Your certificate for ${courseTitle} was reissued` : `You have completed ${courseTitle}`,
    body: isReissued ? "It has a new number. The old one no longer counts." : "Your certificate is ready.",
    href: pathTo.certificate(number),
  }),
});

/** Not if it has been reissued meanwhile. */
export const certificateRevoked = defineNotification({
  name: "certificate-revoked",
  on: Events.Revoked,
  category: "news",
  to: async ({ data: { certificateId } }) => {
    const about = await certificateMail({ certificateId });
    return about?.revoked ? [{ ...about.to, ...about, reason: about.revoked.reason }] : [];
  },
  mail: ({ to, courseTitle, number, reason }) =>
    Letters.certificateRevoked({
      ...{ to, school: Actor.useSchool().name, courseTitle, number, reason },
      href: pageOf(number),
    }),
});
