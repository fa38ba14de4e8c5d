import { type Letter, said, when } from "../../talk/letter/index.ts";
import { shownEmail } from "../../util/email/index.ts";

// Letters about access to an account or a school. People cannot unsubscribe from them.

interface Reader {
  readonly givenName: string;
  readonly locale: string;
  readonly zone: string;
}

interface Place {
  readonly device: string | null;
  readonly network: string | null;
}

const why = (school: string): string =>
  said`You get this because it concerns the security of your account at ${school}. These messages cannot be switched off.`;

const placeFacts = ({ device, network }: Place) => [
  ...(device ? [{ label: "Device", value: device }] : []),
  ...(network ? [{ label: "Network", value: network }] : []),
];

export const passwordChanged = (o: Place & { to: Reader; school: string; at: Date; href: string }): Letter => ({
  subject: said`Your password at ${o.school} was changed`,
  preheader: "If it was not you, choose a new one now.",
  title: "Your password was changed",
  paragraphs: [
    said`Hello ${o.to.givenName}, a new password was set for your account. Every other device that was signed in has been signed out.`,
    "If it was you, there is nothing to do. If not, choose a new password now, and write to the school.",
  ],
  facts: [{ label: "When", value: when(o.at, o.to) }, ...placeFacts(o)],
  button: { label: "Choose a new password", href: o.href },
  why: why(o.school),
});

/** Somebody else chose the password; the account is new, so no device is signed out. */
export const accountMade = (o: { to: Reader; school: string; at: Date; href: string }): Letter => ({
  subject: said`You have an account at ${o.school}`,
  preheader: "Choose a password that only you know.",
  title: "An account was made for you",
  paragraphs: [
    said`Hello ${o.to.givenName}, somebody who runs ${o.school} made an account for you and chose its password.`,
    "Choose a password that only you know. If you did not expect this, write to the school.",
  ],
  facts: [{ label: "When", value: when(o.at, o.to) }],
  button: { label: "Choose a password", href: o.href },
  why: why(o.school),
});

export const signInGuessed = (o: Place & { to: Reader; school: string; at: Date; href: string }): Letter => ({
  subject: said`Somebody tried wrong passwords for your account at ${o.school}`,
  preheader: "The account is safe. You can still sign in from the devices you use.",
  title: "Wrong passwords for your account",
  paragraphs: [
    said`Hello ${o.to.givenName}, somebody tried several wrong passwords for your account. None of them was right, and no more are accepted from there for a while.`,
    "If it was you and your password has slipped your mind, choose a new one. You can still sign in from the devices you have signed in with before.",
  ],
  facts: [{ label: "When", value: when(o.at, o.to) }, ...placeFacts(o)],
  button: { label: "Choose a new password", href: o.href },
  after: ["We send this at most once a day."],
  why: why(o.school),
});

interface Added {
  readonly to: Reader;
  readonly school: string;
  readonly added: { readonly name: string; readonly email: string };
  /** Null for the platform or the person themselves. */
  readonly by: string | null;
  readonly at: Date;
  readonly href: string;
}

const allows =
  "An owner can do everything in the school: change its settings, give and take every role, and remove other owners.";

export const madeOwner = (o: Added): Letter => ({
  subject: said`You are an owner of ${o.school} now`,
  preheader: "An owner can do everything in the school.",
  title: said`You are an owner of ${o.school} now`,
  paragraphs: [
    o.by
      ? said`Hello ${o.to.givenName}, ${o.by} has made you an owner of ${o.school}.`
      : said`Hello ${o.to.givenName}, you are now an owner of ${o.school}.`,
    allows,
  ],
  facts: [{ label: "When", value: when(o.at, o.to) }],
  button: { label: "See the owners", href: o.href },
  why: why(o.school),
});

export const ownerAdded = (o: Added): Letter => ({
  subject: said`${o.school} has a new owner: ${o.added.name}`,
  preheader: "If you did not expect this, look at the list of owners now.",
  title: said`${o.added.name} is an owner now`,
  paragraphs: [
    o.by
      ? said`Hello ${o.to.givenName}, ${o.by} has made ${o.added.name} (${shownEmail(o.added.email)}) an owner of ${o.school}.`
      : said`Hello ${o.to.givenName}, ${o.added.name} (${shownEmail(o.added.email)}) is now an owner of ${o.school}.`,
    allows,
    "If you did not expect this, take the role away again and have everyone who owns the school choose a new password.",
  ],
  facts: [{ label: "When", value: when(o.at, o.to) }],
  button: { label: "See the owners", href: o.href },
  why: why(o.school),
});
