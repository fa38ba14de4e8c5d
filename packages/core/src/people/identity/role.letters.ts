import { type Letter, said } from "../../talk/letter/index.ts";
import { rolesInWords } from "./role-words.ts";

interface Reader {
  readonly givenName: string;
}

export const roleRequested = (o: {
  to: Reader;
  school: string;
  applicant: string;
  role: string;
  message: string;
  href: string;
}): Letter => ({
  subject: said`${o.applicant} would like to teach at ${o.school}`,
  preheader: o.message || "The request waits for your answer.",
  title: said`${o.applicant} would like to teach`,
  paragraphs: [
    said`Hello ${o.to.givenName}, ${o.applicant} has asked to become ${rolesInWords([o.role])} at ${o.school}.`,
  ],
  ...(o.message && { quote: { text: o.message, by: o.applicant } }),
  button: { label: "Answer the request", href: o.href },
  why: said`You get this because you decide about roles at ${o.school}.`,
});

export const roleDecided = (o: {
  to: Reader;
  school: string;
  role: string;
  isApproved: boolean;
  href: string;
}): Letter => ({
  subject: o.isApproved ? said`You can teach at ${o.school}` : said`Your request to teach at ${o.school}`,
  preheader: o.isApproved ? "The studio is open for you." : "It was not accepted this time.",
  title: o.isApproved ? "You can teach now" : "Your request was not accepted",
  paragraphs: o.isApproved
    ? [
        said`Hello ${o.to.givenName}, ${o.school} has made you ${rolesInWords([o.role])}.`,
        "The studio is where courses are made: import one, or start with an empty page. Learners see a course when you publish it.",
      ]
    : [
        said`Hello ${o.to.givenName}, ${o.school} has read your request to become ${rolesInWords([o.role])} and did not accept it this time.`,
        "Nothing else changes: your account and your courses stay as they are.",
      ],
  button: o.isApproved ? { label: "Open the studio", href: o.href } : { label: "Go to my courses", href: o.href },
  why: said`You get this because you asked ${o.school} to let you teach.`,
});
