import { type Letter, said } from "../../talk/letter/index.ts";
import { shownEmail } from "../../util/email/index.ts";

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
