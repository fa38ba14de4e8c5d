import { shownEmail } from "@lectern/core/util/email";
import type { Letter } from "../letter.ts";
import { said } from "../said.ts";
import { rolesInWords } from "./account.ts";

interface Reader {
  readonly givenName: string;
}

export const schoolOpened = (o: { to: Reader; school: string; url: string; studio: string }): Letter => ({
  subject: said`${o.school} is open`,
  preheader: said`Its address is ${o.url}`,
  title: said`${o.school} is open`,
  paragraphs: [
    said`Hello ${o.to.givenName}, your school is ready, at its own address and with its data apart from every other school's.`,
    "The next step is a first course. You can import one you have (a folder or zip of Markdown, or a Common Cartridge), or write the first lesson by hand.",
  ],
  facts: [{ label: "Address", value: o.url }],
  button: { label: "Add the first course", href: o.studio },
  after: ["Colors, logo and sign-up rules are under Admin. You can invite your team there too."],
  why: said`You get this because you opened ${o.school} on Lectern and are its owner.`,
});

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

export const yourSchools = (o: { email: string; schools: readonly { name: string; url: string }[] }): Letter => ({
  subject: o.schools.length === 1 ? "Your school on Lectern" : `Your ${o.schools.length} schools on Lectern`,
  preheader: o.schools.map((school) => said`${school.name}`).join(", "),
  title: o.schools.length === 1 ? "Here is your school" : "Here are your schools",
  paragraphs: [
    said`${shownEmail(o.email)} has an account at ${o.schools.length === 1 ? "this school" : "these schools"}. Each school has its own password.`,
  ],
  facts: o.schools.map(({ name, url }) => ({ label: name, value: url })),
  ...(o.schools.length === 1 &&
    o.schools[0] && { button: { label: said`Go to ${o.schools[0].name}`, href: o.schools[0].url } }),
  why: "You get this because somebody asked on Lectern which schools know this address. If it was not you, do nothing: the answer came to you only.",
});
