import { count, duration, type Letter, said } from "../../talk/letter/index.ts";

interface Reader {
  readonly givenName: string;
  readonly locale: string;
  readonly zone: string;
}

export const enrolled = (o: {
  to: Reader;
  school: string;
  course: { title: string; summary: string; lessons: number; minutes: number };
  first: string | null;
  isByStaff: boolean;
  href: string;
  /** Where a learner leaves the course. */
  leaveHref: string;
}): Letter => ({
  subject: said`You are enrolled: ${o.course.title}`,
  preheader: o.first ? said`It begins with “${o.first}”.` : "You will find it on your page.",
  title: o.course.title,
  paragraphs: [
    o.isByStaff
      ? said`Hello ${o.to.givenName}, ${o.school} has enrolled you in this course.`
      : said`Hello ${o.to.givenName}, you are enrolled.`,
    ...(o.course.summary ? [said`${o.course.summary}`] : []),
  ],
  ...(o.course.lessons > 0 && {
    facts: [
      { label: "Length", value: `${count(o.course.lessons, "lesson")}, about ${duration(o.course.minutes)}` },
      ...(o.first ? [{ label: "First lesson", value: o.first }] : []),
    ],
  }),
  button: { label: o.first ? "Start the first lesson" : "Open the course", href: o.href },
  after: ["Your place is kept: you can stop at any time and go on where you left."],
  why: o.isByStaff
    ? said`You get this because ${o.school} has enrolled you in this course.`
    : said`You get this because you joined this course at ${o.school}.`,
  stop: { label: "Leave the course on its page", href: o.leaveHref },
});
