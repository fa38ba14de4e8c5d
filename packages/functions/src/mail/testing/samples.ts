import * as certificate from "@lectern/core/learn/certificate/certificate.letters";
import * as enrollment from "@lectern/core/learn/enrollment/enrollment.letters";
import * as progress from "@lectern/core/learn/progress/progress.letters";
import * as account from "@lectern/core/people/identity/account.letters";
import * as finder from "@lectern/core/people/identity/finder.letters";
import * as role from "@lectern/core/people/identity/role.letters";
import * as security from "@lectern/core/people/identity/security.letters";
import { domainLetters } from "@lectern/tenants/domain/domain.letters";
import * as school from "@lectern/tenants/school/school.letters";
import { lookOf } from "../look.ts";

// One sample of each letter, with realistic texts and lengths, for tests and for viewing:
//   node --import tsx packages/functions/src/mail/testing/preview.ts <folder>

const to = { givenName: "Amélie", email: "amelie@example.test", locale: "en", zone: "Europe/Zurich" };
const name = "Harbour School of Code";
const url = "https://harbour.lectern.example";
const validUntil = new Date("2026-06-02T12:02:00Z");

const domain = {
  to,
  school: name,
  domain: "learn.harbour-school-of-code.example",
  url: "https://learn.harbour-school-of-code.example",
  href: `${url}/admin/domains`,
  message: "",
};
const elsewhere =
  "learn.harbour-school-of-code.example leads to another place (sites.example.net). Replace that record.";

const owner = {
  ...{ to, school: name, at: validUntil, href: `${url}/admin/people?role=owner` },
  added: { name: "Amina Traoré", email: "amina@harbour.example" },
};

export const letters = {
  domainActive: domainLetters.active(domain),
  domainFailed: domainLetters.failed({ ...domain, message: elsewhere }),
  domainLost: domainLetters.lost({ ...domain, message: elsewhere }),
  verify: account.verifyAddress({
    ...{ to, school: name, href: `${url}/auth/verify?token=${"x".repeat(43)}`, validUntil },
    course: null,
  }),
  "verify-owner": account.verifyOwner({
    ...{ to, school: name, href: `${url}/auth/verify?token=${"x".repeat(43)}`, validUntil },
  }),
  reset: account.resetPassword({ to, school: name, href: `${url}/auth/reset?token=${"x".repeat(43)}`, validUntil }),
  signUpRepeated: account.signUpRepeated({ to, school: name, signIn: `${url}/auth/sign-in` }),
  sessionEnded: account.sessionEnded({ to, school: name, at: validUntil, href: `${url}/account` }),
  confirmEmail: account.confirmEmail({
    ...{ to, school: name, from: to.email, email: "ada@new.example", validUntil },
    href: `${url}/auth/email?token=${"x".repeat(43)}`,
  }),
  emailChangeAsked: account.emailChangeAsked({
    ...{ to, school: name, from: to.email, email: "ada@new.example", href: `${url}/account` },
  }),
  emailChanged: account.emailChanged({
    ...{ to, school: name, from: "ada@old.example", email: to.email, validUntil },
    href: `${url}/auth/email-undo?token=${"x".repeat(43)}`,
  }),
  passwordChanged: security.passwordChanged({
    ...{ to, school: name, at: validUntil, isByOther: false, href: `${url}/auth/sign-in` },
    ...{ device: "Firefox on Linux", network: "203.0.113.x" },
  }),
  signInGuessed: security.signInGuessed({
    ...{ to, school: name, at: validUntil, device: null, network: "2001:db8:1:2::", href: `${url}/auth/sign-in` },
  }),
  madeOwner: security.madeOwner({ ...owner, by: null }),
  ownerAdded: security.ownerAdded({ ...owner, by: "Jonas Okonkwo-Lindqvist" }),
  invitation: enrollment.invitation({
    course: "The tides of the North Sea",
    school: name,
    email: to.email,
    inviter: "Jonas Okonkwo-Lindqvist",
    roles: ["instructor", "moderator"],
    message: "We would love to have your course on tides.\nTell me if the date does not suit you.",
    href: `${url}/auth/invitation?token=${"x".repeat(43)}`,
    validUntil,
    reader: to,
  }),
  enrolled: progress.enrolled({
    to,
    school: name,
    course: {
      title: "Donaudampfschifffahrtsgesellschaft: networks for beginners",
      summary: "How a message finds its way through a network, from the first cable to the last router.",
      lessons: 23,
      minutes: 200,
    },
    first: "Why networks",
    isByStaff: false,
    href: `${url}/learn/networks/why-networks`,
    leaveHref: `${url}/learn/networks`,
  }),
  certificate: certificate.certificate({
    to,
    school: name,
    courseTitle: "Networks for beginners",
    number: "LRN-7K2M-9QXT-4F",
    lessons: 23,
    minutes: 200,
    issuedOn: "2026-03-12",
    isReissued: false,
    href: `${url}/certificates/LRN-7K2M-9QXT-4F`,
  }),
  certificateReissued: certificate.certificate({
    to,
    school: name,
    courseTitle: "Networks for beginners",
    number: "LRN-7K2M-9QXT-4F",
    lessons: 23,
    minutes: 200,
    issuedOn: "2026-03-12",
    isReissued: true,
    href: `${url}/certificates/LRN-7K2M-9QXT-4F`,
  }),
  certificateRevoked: certificate.certificateRevoked({
    ...{ to, school: name, courseTitle: "Networks", number: "LRN-7K2M-9QXT-4F" },
    reason: "The work was handed in by somebody else.",
    href: `${url}/certificates/LRN-7K2M-9QXT-4F`,
  }),
  schoolOpened: school.schoolOpened({ to, school: name, url, studio: `${url}/studio` }),
  roleRequested: role.roleRequested({
    to,
    school: name,
    applicant: "Noor al-Farsi",
    role: "instructor",
    message: "I have taught statistics for nine years.",
    href: `${url}/admin/requests`,
  }),
  roleApproved: role.roleDecided({ to, school: name, role: "instructor", isApproved: true, href: `${url}/studio` }),
  roleDeclined: role.roleDecided({ to, school: name, role: "instructor", isApproved: false, href: `${url}/learn` }),
  oneSchool: finder.yourSchools({ email: to.email, schools: [{ name, url }] }),
  manySchools: finder.yourSchools({
    email: to.email,
    schools: [
      { name, url },
      { name: "مدرسة الميناء", url: "https://mina.lectern.example" },
    ],
  }),
};

export const route = {
  schoolId: `sch_${"0".repeat(26)}`,
  slug: "harbour",
  name,
  locale: "en",
  zone: "Europe/Zurich",
  contactEmail: "help@harbour.example",
  instructorRequests: true,
  legal: { privacy: "/legal/privacy", imprint: "https://harbour.example/imprint" },
  state: "active" as const,
  cell: "c",
  schema: "s",
  epoch: 1,
  table: "t",
};

/** Difficult colors: yellow, black, neon, and an ordinary one. */
export const looks = ["#1f6f54", "#ffe100", "#000000", "#39ff14"].map((accent) =>
  lookOf(
    {
      ...route,
      brand: { accent, font: "inter", radius: "soft", logo: null, logoDark: null, logoHasName: false, tagline: null },
    },
    url,
    null,
    "12 Quay Street\nGalway",
  ),
);
