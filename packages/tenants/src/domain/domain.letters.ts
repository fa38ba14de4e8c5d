import { type Letter, said } from "@lectern/core/talk/letter";

interface About {
  readonly to: { readonly givenName: string };
  readonly school: string;
  /** Unicode form. */
  readonly domain: string;
  readonly url: string;
  /** Why, and what to do. */
  readonly message: string;
  readonly href: string;
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);

const why = (o: About): string => said`You get this because you run ${o.school}.`;

const active = (o: About): Letter => ({
  subject: said`${o.domain} leads to ${o.school}`,
  preheader: "Its certificate is there, and your learners can use it.",
  title: said`${o.domain} works`,
  paragraphs: [
    said`Hello ${o.to.givenName}, the records are right, the certificate is there, and ${o.school} is found at its own domain.`,
    "Your former address works as before, so no link breaks. People who are signed in there sign in once more at the new one.",
  ],
  facts: [{ label: "Address", value: o.url }],
  button: { label: "Open it", href: o.url },
  after: [
    "Leave the record at your DNS provider as it is. While it is there, the certificate is renewed automatically.",
  ],
  hosts: [o.domain, hostOf(o.url)],
  why: why(o),
});

const failed = (o: About): Letter => ({
  subject: said`${o.domain} could not be connected`,
  preheader: o.message,
  title: said`${o.domain} could not be connected`,
  paragraphs: [
    said`Hello ${o.to.givenName}, we have stopped trying to connect ${o.domain} to ${o.school}.`,
    o.message,
    said`${o.school} is found at its other addresses as before.`,
  ],
  button: { label: "See what to set", href: o.href },
  after: ["When the record is set, choose “Try again” there."],
  hosts: [o.domain, hostOf(o.url)],
  why: why(o),
});

const lost = (o: About): Letter => ({
  subject: said`${o.domain} no longer leads to ${o.school}`,
  preheader: o.message,
  title: said`${o.domain} leads elsewhere`,
  paragraphs: [
    said`Hello ${o.to.givenName}, three checks in a row found that ${o.domain} no longer leads to ${o.school}. People who open it do not find you there.`,
    o.message,
  ],
  button: { label: "See what to set", href: o.href },
  after: ["If you have moved away on purpose, remove the domain there. After thirty days we remove it."],
  hosts: [o.domain, hostOf(o.url)],
  why: why(o),
});

/** Letters by the domain's new state. */
export const domainLetters = { active, failed, lost };
