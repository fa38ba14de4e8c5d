import { Actor } from "../../kernel/actor/index.ts";
import { pathTo } from "../../kernel/path/index.ts";
import { Url } from "../../kernel/url/index.ts";
import { defineNotification } from "../../talk/notify/index.ts";
import * as Letters from "./account.letters.ts";
import { mintToken } from "./email-token.ts";
import { yourSchools as yourSchoolsLetter } from "./finder.letters.ts";
import { finderMail } from "./finder.ts";
import { Events } from "./identity.event.ts";
import { startPageOf } from "./landing.ts";
import { Recipients } from "./recipients.ts";
import * as RoleLetters from "./role.letters.ts";
import * as SecurityLetters from "./security.letters.ts";
import { tokenLink } from "./token-link.ts";

const person = async (userId: string) => {
  const to = await Recipients.person({ userId });
  return to ? [to] : [];
};

/** Whom the token is for, unless it has another purpose by now. */
const ofToken = async (tokenId: string, purpose: string) => {
  const about = await Recipients.token({ tokenId });
  return about?.purpose === purpose ? [{ ...about.to, ...about }] : [];
};

const school = () => Actor.useSchool().name;
const onSite = (path: string) => Url.schoolUrl(Actor.useSchool(), path);
const newPassword = (email: string) => onSite(pathTo.signIn({ screen: "reset", email }));

/** A new person's first feed entry, so the bell is not empty. */
export const welcome = defineNotification({
  name: "welcome",
  on: Events.Registered,
  category: "account",
  to: async ({ data }) => {
    const [to] = await person(data.userId);
    return to ? [{ ...to, roles: await Recipients.rolesOf({ userId: to.userId }) }] : [];
  },
  feed: ({ roles }) => {
    const title = `Welcome to ${school()}`;
    const href = startPageOf(roles);
    if (href === pathTo.learning()) return { title, body: "Find a course to begin with.", href: pathTo.catalog() };
    return {
      title,
      body: href === pathTo.studio() ? "The studio is where your courses are made." : setUp(roles),
      href,
    };
  },
});

const setUp = (roles: readonly string[]): string =>
  roles.includes("owner") || roles.includes("admin")
    ? "Your overview lists what is left to set up."
    : "Your overview shows what you look after here.";

/** The first mail a person gets: its link proves that the address is theirs. */
export const verifyAddress = defineNotification({
  name: "verify-address",
  on: Events.VerificationRequested,
  category: "account",
  to: ({ data }) => ofToken(data.tokenId, "verify_email"),
  mail: async ({ to, isOwner, course }, { data }) => {
    const token = await mintToken(data.tokenId);
    if (!token) return null;
    const letter = { to, school: school(), ...tokenLink("verify", token) };
    return isOwner ? Letters.verifyOwner(letter) : Letters.verifyAddress({ ...letter, course });
  },
});

export const resetPassword = defineNotification({
  name: "reset-password",
  on: Events.PasswordResetRequested,
  category: "account",
  to: ({ data }) => ofToken(data.tokenId, "reset_password"),
  mail: async ({ to }, { data }) => {
    const token = await mintToken(data.tokenId);
    return token ? Letters.resetPassword({ to, school: school(), ...tokenLink("reset", token) }) : null;
  },
});

/** Somebody signed up with the address of an account; the page did not say that there is one. */
export const signUpRepeated = defineNotification({
  name: "sign-up-repeated",
  on: Events.SignUpRepeated,
  category: "account",
  to: ({ data }) => person(data.userId),
  mail: (to, { data }) =>
    Letters.signUpRepeated({
      to,
      school: school(),
      signIn: onSite(pathTo.signIn({ email: to.email, enroll: data.courseId })),
    }),
});

/** A refresh token came twice, and its session was ended. */
export const sessionEnded = defineNotification({
  name: "session-ended",
  on: Events.TokenReused,
  category: "account",
  to: ({ data }) => person(data.userId),
  mail: (to, { occurredAt }) =>
    Letters.sessionEnded({ to, school: school(), at: new Date(occurredAt), href: onSite("/account") }),
});

/** A notice to the current address. An address that was never proved may be a stranger's and gets no mail. */
export const emailChangeAsked = defineNotification({
  name: "email-change-asked",
  on: Events.EmailChangeRequested,
  category: "account",
  to: async ({ data }) =>
    (await ofToken(data.tokenId, "change_email")).filter(({ isProved, newEmail }) => isProved && newEmail),
  mail: ({ to, newEmail }) =>
    Letters.emailChangeAsked({
      ...{ to, school: school(), from: to.email, email: newEmail ?? "" },
      href: onSite(pathTo.account()),
    }),
});

/** The new address confirms the change. */
export const confirmEmail = defineNotification({
  name: "confirm-email",
  on: Events.EmailChangeRequested,
  category: "account",
  to: async ({ data }) =>
    (await ofToken(data.tokenId, "change_email")).flatMap(({ to, newEmail }) =>
      newEmail ? [{ email: newEmail, to }] : [],
    ),
  mail: async ({ to, email }, { data }) => {
    const token = await mintToken(data.tokenId);
    const change = { to, school: school(), from: to.email, email };
    return token ? Letters.confirmEmail({ ...change, ...tokenLink("email", token) }) : null;
  },
});

/** The former address may undo the change. */
export const emailChanged = defineNotification({
  name: "email-changed",
  on: Events.EmailChanged,
  category: "account",
  to: async ({ data }) =>
    (await ofToken(data.tokenId, "undo_email_change")).flatMap(({ to, newEmail: former }) =>
      former ? [{ email: former, to }] : [],
    ),
  mail: async ({ to, email: former }, { data }) => {
    const token = await mintToken(data.tokenId);
    const change = { to, school: school(), from: former, email: to.email };
    return token ? Letters.emailChanged({ ...change, ...tokenLink("email-undo", token) }) : null;
  },
});

/** A password was written, in whichever way. */
export const passwordChanged = defineNotification({
  name: "password-changed",
  on: Events.PasswordChanged,
  category: "account",
  to: ({ data }) => person(data.userId),
  mail: (to, { data, actor, occurredAt }) => {
    const about = { to, school: school(), at: new Date(occurredAt), href: newPassword(to.email) };
    const isByOther = actor.type === "user" && actor.id !== data.userId;
    return isByOther
      ? SecurityLetters.accountMade(about)
      : SecurityLetters.passwordChanged({ ...about, device: data.device, network: data.network });
  },
});

/** Somebody tried wrong passwords until no more were accepted from there. */
export const signInGuessed = defineNotification({
  name: "sign-in-guessed",
  on: Events.SignInGuessed,
  category: "account",
  to: ({ data }) => person(data.userId),
  mail: (to, { data: { device, network }, occurredAt }) =>
    SecurityLetters.signInGuessed({
      ...{ to, device, network, school: school() },
      at: new Date(occurredAt),
      href: newPassword(to.email),
    }),
});

/** To a new owner, and to every other owner, who may not know about it. */
export const ownerAdded = defineNotification({
  name: "owner-added",
  on: Events.OwnerAdded,
  category: "account",
  to: async ({ data: { userId }, actor }) => {
    const [added] = await person(userId);
    if (!added) return [];
    const isByOther = actor.type === "user" && actor.id && actor.id !== userId;
    const by = isByOther && actor.id ? ((await person(actor.id))[0]?.name ?? null) : null;
    const others = (await Recipients.owners({})).filter((each) => each.userId !== userId);
    return [added, ...others].map((to) => ({ ...to, added, by }));
  },
  mail: ({ added, by, ...to }, { occurredAt }) => {
    const about = { to, school: school(), added, by, at: new Date(occurredAt) };
    const letter = to.userId === added.userId ? SecurityLetters.madeOwner : SecurityLetters.ownerAdded;
    return letter({ ...about, href: onSite("/admin/people?role=owner") });
  },
});

/** Somebody would like to teach: to everyone who may approve it. */
export const roleRequested = defineNotification({
  name: "role-requested",
  on: Events.RoleRequestCreated,
  category: "news",
  to: async ({ data }) => {
    const request = await Recipients.roleRequest({ roleRequestId: data.roleRequestId });
    if (request?.status !== "pending") return [];
    return (await Recipients.admins({})).map((to) => ({ ...to, request }));
  },
  mail: ({ request: { applicant, role, message }, ...to }) =>
    RoleLetters.roleRequested({
      ...{ to, school: school(), applicant: applicant.name, role, message },
      href: onSite("/admin/requests"),
    }),
  feed: ({ request: { applicant, message } }) => ({
    title: `${applicant.name} would like to teach`,
    body: message.slice(0, 300),
    href: "/admin/requests",
  }),
});

/** The decision, to the person who applied. */
export const roleDecided = defineNotification({
  name: "role-decided",
  on: Events.RoleRequestDecided,
  category: "news",
  to: async ({ data }) => {
    const request = await Recipients.roleRequest({ roleRequestId: data.roleRequestId });
    if (!request || request.status === "pending") return [];
    const isApproved = request.status === "approved";
    return [{ ...request.applicant, role: request.role, isApproved, href: isApproved ? "/studio" : "/learn" }];
  },
  mail: ({ role, isApproved, href, ...to }) =>
    RoleLetters.roleDecided({ to, school: school(), role, isApproved, href: onSite(href) }),
  feed: ({ isApproved, href }) => ({
    title: isApproved ? "You can teach now" : "Your request to teach was not accepted",
    body: isApproved ? "The studio is open for you." : "Your account and your courses stay as they are.",
    href,
  }),
});

/** "Find my school": the answer goes to the address that was asked about. */
export const yourSchools = defineNotification({
  name: "your-schools",
  on: Events.FinderRequested,
  category: "account",
  to: async ({ data }) => {
    const found = await finderMail(data.finderId);
    return found && found.schools.length > 0 ? [found] : [];
  },
  mail: (found) => yourSchoolsLetter(found),
});
