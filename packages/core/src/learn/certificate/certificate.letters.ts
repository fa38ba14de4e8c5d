import { count, dateOf, duration, type Letter, said } from "../../talk/letter/index.ts";

interface Reader {
  readonly givenName: string;
  readonly locale: string;
  readonly zone: string;
}

export const certificate = (o: {
  to: Reader;
  school: string;
  courseTitle: string;
  number: string;
  lessons: number;
  minutes: number;
  /** `2026-03-12`. */
  issuedOn: string;
  /** It replaces a certificate with another number. */
  isReissued: boolean;
  href: string;
}): Letter => ({
  subject: said`Your certificate: ${o.courseTitle}`,
  preheader: o.isReissued
    ? said`Certificate ${o.number} takes the place of the one you had.`
    : said`You have completed the course. Certificate ${o.number}.`,
  title: o.isReissued ? "Your certificate was reissued" : "You have completed the course",
  paragraphs: [
    o.isReissued
      ? said`${o.to.givenName}, ${o.school} has reissued your certificate for ${o.courseTitle} under a new number. The old number no longer counts: show this one.`
      : said`${o.to.givenName}, you finished every lesson of ${o.courseTitle}. ${o.school} has issued your certificate; it can be printed, and anyone you show it to can check it.`,
  ],
  facts: [
    { label: "Course", value: o.courseTitle },
    { label: "Issued", value: dateOf(o.issuedOn, o.to) },
    { label: "Length", value: `${count(o.lessons, "lesson")}, about ${duration(o.minutes)}` },
    { label: "Number", value: o.number },
  ],
  button: { label: "See my certificate", href: o.href },
  why: said`You get this because you completed a course at ${o.school}. It is sent once for each certificate number.`,
});

export const certificateRevoked = (o: {
  to: Reader;
  school: string;
  courseTitle: string;
  number: string;
  reason: string;
  href: string;
}): Letter => ({
  subject: said`Your certificate was revoked: ${o.courseTitle}`,
  preheader: said`Certificate ${o.number} no longer counts.`,
  title: "Your certificate was revoked",
  paragraphs: [
    said`${o.to.givenName}, ${o.school} has revoked your certificate for ${o.courseTitle}. Anyone who checks its number sees that it no longer counts.`,
  ],
  facts: [{ label: "Number", value: o.number }, ...(o.reason ? [{ label: "Reason", value: o.reason }] : [])],
  button: { label: "See the certificate", href: o.href },
  after: ["If you think that this is a mistake, write to the school."],
  why: said`You get this because ${o.school} issued you this certificate.`,
});
