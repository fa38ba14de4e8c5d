import { type Letter, said, when } from "../../talk/letter/index.ts";
import { shownEmail } from "../../util/email/index.ts";

interface Reader {
  readonly givenName: string;
  readonly email: string;
  readonly locale: string;
  readonly zone: string;
}

interface Verify {
  readonly to: Reader;
  readonly school: string;
  readonly href: string;
  readonly validUntil: Date;
  /** The course they enroll in by confirming. */
  readonly course: string | null;
}

export const verifyAddress = (o: Verify): Letter => ({
  subject: said`Confirm your e-mail address for ${o.school}`,
  preheader: o.course ? said`One click, and “${o.course}” begins.` : "One click, and you can start learning.",
  title: said`Welcome to ${o.school}, ${o.to.givenName}`,
  paragraphs: [
    said`You are signing up with ${shownEmail(o.to.email)}. Please confirm that this address is yours.`,
    o.course ? said`Then you are enrolled in “${o.course}”, and its first lesson opens.` : "Then you are signed in.",
  ],
  button: { label: o.course ? "Confirm and begin" : "Confirm my address", href: o.href },
  after: [
    said`The link works until ${when(o.validUntil, o.to)}. In another browser than the one you signed up with, it asks for your password.`,
  ],
  why: said`You get this because somebody signed up at ${o.school} with this address. If it was not you, do nothing: the account cannot be used without the link and the password.`,
});

/** For an owner who has opened a school and already works in it. */
export const verifyOwner = (o: Omit<Verify, "course">): Letter => ({
  subject: said`Confirm your e-mail address for ${o.school}`,
  preheader: "Invitations go out once your address is confirmed.",
  title: "Confirm your address",
  paragraphs: [
    said`Hello ${o.to.givenName}, you opened ${o.school} with ${shownEmail(o.to.email)}. Please confirm that this address is yours: until then the school sends no mail to people outside it.`,
  ],
  button: { label: "Confirm my address", href: o.href },
  after: [
    said`The link works until ${when(o.validUntil, o.to)}. In another browser than the one you opened the school with, it asks for your password.`,
  ],
  why: said`You get this because somebody opened ${o.school} with this address. The school is open already. If it was not you, do not confirm: choose Forgot your password on its sign-in page, and the account is yours alone, or leave this mail unanswered.`,
});

export const resetPassword = (o: { to: Reader; school: string; href: string; validUntil: Date }): Letter => ({
  subject: said`Choose a new password for ${o.school}`,
  preheader: "The link works once, for an hour.",
  title: "Choose a new password",
  paragraphs: [
    said`Hello ${o.to.givenName}, you asked for a new password at ${o.school}.`,
    "When you choose it, every device that is signed in to your account is signed out.",
  ],
  button: { label: "Choose a new password", href: o.href },
  after: [said`The link works once, until ${when(o.validUntil, o.to)}.`],
  why: said`You get this because somebody asked for a new password for ${shownEmail(o.to.email)} at ${o.school}. If it was not you, do nothing: your password stays as it is.`,
});

export const signUpRepeated = (o: { to: Reader; school: string; signIn: string }): Letter => ({
  subject: said`You have an account at ${o.school} already`,
  preheader: "Sign in, or choose a new password if you have forgotten yours.",
  title: "You have an account already",
  paragraphs: [
    said`Hello ${o.to.givenName}, somebody has just tried to sign up at ${o.school} with ${shownEmail(o.to.email)}. There is an account with this address, so no second one was made.`,
    "If it was you, sign in with the password you have. There is a link on that page for when it has slipped your mind.",
  ],
  button: { label: "Sign in", href: o.signIn },
  why: said`You get this because somebody used your address on the sign-up page of ${o.school}. If it was not you, do nothing: the page said nothing about your account.`,
});

export const sessionEnded = (o: { to: Reader; school: string; at: Date; href: string }): Letter => ({
  subject: said`We ended a session of your account at ${o.school}`,
  preheader: "A sign-in key was used twice. Somebody may have copied it.",
  title: "We ended one of your sessions",
  paragraphs: [
    said`Hello ${o.to.givenName}, on ${when(o.at, o.to)} a sign-in key of your account was used a second time. That can happen when somebody has copied it, so we ended the session it belonged to.`,
    "Please sign in again. If you do not know the devices in your list of sessions, choose a new password too.",
  ],
  button: { label: "See my sessions", href: o.href },
  why: said`You get this because it concerns the security of your account at ${o.school}. These messages cannot be switched off.`,
});

interface EmailChange {
  readonly to: Reader;
  readonly school: string;
  /** The account's current or previous address. */
  readonly from: string;
  readonly email: string;
}

export const confirmEmail = (o: EmailChange & { href: string; validUntil: Date }): Letter => ({
  subject: said`Confirm your new e-mail address for ${o.school}`,
  preheader: "Your account gets this address once you confirm it.",
  title: "Confirm your new address",
  paragraphs: [
    said`Hello ${o.to.givenName}, your account at ${o.school} is to get the address ${shownEmail(o.email)} in place of ${shownEmail(o.from)}.`,
    "Nothing changes until you confirm. From then on you sign in with the new address and the same password.",
  ],
  button: { label: "Use this address", href: o.href },
  after: [said`The link works until ${when(o.validUntil, o.to)}.`],
  why: said`You get this because somebody with an account at ${o.school} entered this address. If it was not you, do nothing: nothing changes without the link.`,
});

export const emailChangeAsked = (o: EmailChange & { href: string }): Letter => ({
  subject: said`Your address at ${o.school} is to be changed`,
  preheader: "It changes when the new address confirms it.",
  title: "A change of your address was asked for",
  paragraphs: [
    said`Hello ${o.to.givenName}, your account at ${o.school} is to get the address ${shownEmail(o.email)}. It changes when somebody confirms it there.`,
    "If it was not you or an admin of your school, take the change back on your account page and choose a new password.",
  ],
  button: { label: "Go to my account", href: o.href },
  why: said`You get this because it concerns the security of your account at ${o.school}. These messages cannot be switched off.`,
});

export const emailChanged = (o: EmailChange & { href: string; validUntil: Date }): Letter => ({
  subject: said`Your address at ${o.school} was changed`,
  preheader: "If it was not you, you can undo it for seven days.",
  title: "Your address was changed",
  paragraphs: [
    said`Hello ${o.to.givenName}, your account at ${o.school} now has the address ${shownEmail(o.email)}. Mail no longer comes to ${shownEmail(o.from)}.`,
    "If that is right, there is nothing to do. If it was not you, undo it: the account gets this address back, everybody is signed out, and you choose a new password.",
  ],
  button: { label: "It was not me, undo it", href: o.href },
  after: [said`You can undo it until ${when(o.validUntil, o.to)}.`],
  why: said`You get this because it concerns the security of your account at ${o.school}. These messages cannot be switched off.`,
});
