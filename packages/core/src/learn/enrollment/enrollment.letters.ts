import { rolesInWords } from "../../people/identity/index.ts";
import { type Letter, said, when } from "../../talk/letter/index.ts";
import { shownEmail } from "../../util/email/index.ts";

export const invitation = (o: {
  school: string;
  course: string | null;
  email: string;
  inviter: string | null;
  roles: readonly string[];
  message: string;
  href: string;
  validUntil: Date;
  reader: { locale: string; zone: string };
}): Letter => ({
  subject: o.inviter ? said`${o.inviter} invites you to ${o.school}` : said`You are invited to ${o.school}`,
  preheader: o.course ? said`Begin with “${o.course}”.` : said`Join as ${rolesInWords(o.roles)}.`,
  title: said`You are invited to ${o.school}`,
  paragraphs: [
    said`${o.inviter ?? o.school} invites you to join ${o.school} as ${rolesInWords(o.roles)}.`,
    o.course
      ? said`Choose a password, and the first lesson of “${o.course}” opens.`
      : "Choose a password, and your account is ready.",
  ],
  ...(o.message && { quote: { text: o.message, by: o.inviter ?? o.school } }),
  button: { label: "Accept the invitation", href: o.href },
  after: [said`The invitation is for ${shownEmail(o.email)} and works until ${when(o.validUntil, o.reader)}.`],
  why: said`You get this because ${o.inviter ?? "somebody"} at ${o.school} entered your address. If you do not want to join, do nothing: no account is made without you.`,
});
