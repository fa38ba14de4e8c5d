import { translator } from "../index.ts";

export const audit = translator({
  title: "Audit trail",
  lead: "Who changed what, and how it was before. Entries cannot be edited or removed.",
  when: "When",
  who: "Who",
  what: "What",
  target: "On",
  targetKind: "Kind",
  before: "Before",
  after: "After",
  details: "Details",
  requestId: "Request",
  noneTitle: "Nothing has been changed yet",
  noneBody: "Role changes, suspensions, publishing and resets are recorded here.",
  noneFoundTitle: "No entry matches",
  noneFoundBody: "Try fewer words or a longer period.",
  clear: "Clear the filters",
  platform: "The platform",
  visitor: "A visitor",
  gone: "someone who is no longer here",
  goneTarget: "no longer here",
  find: "Find an entry",
  kind: "Kind",
  anyKind: "Everything",
  from: "From",
  to: "To",
  show: "Show",
  onlyBy: "Only what {name} did",
  everyone: "Show everyone’s",
  person: "The person concerned",
  empty: "none",
  yes: "yes",
  no: "no",
});

/** Nouns for actions whose code name people do not use. */
export const actionNouns: Readonly<Record<string, string>> = {
  user: "Person",
  email: "E-mail address",
  legal: "Legal page",
  key: "API key",
};

export const kindWords: Readonly<Record<string, string>> = {
  user: "People",
  role: "Roles",
  role_request: "Requests for a role",
  invitation: "Invitations",
  password: "Passwords",
  people: "Exports of people",
  course: "Courses",
  roster: "Exports of rosters",
  progress: "Progress",
  certificate: "Certificates",
  category: "Categories",
  settings: "Settings",
  brand: "Brand",
  legal: "Legal pages",
  domain: "Domains",
  key: "API keys",
  audit: "Exports of this trail",
  school: "The school",
};

export const targetWords: Readonly<Record<string, string>> = {
  user: "person",
  role_request: "request for a role",
  invitation: "invitation",
  course: "course",
  enrollment: "enrollment",
  certificate: "certificate",
  category: "category",
  school: "school",
  domain: "domain",
  apiKey: "API key",
};

/** Labels of changed fields, as the forms name them. */
export const fieldWords: Readonly<Record<string, string>> = {
  givenName: "Given name",
  familyName: "Family name",
  locale: "Formats",
  zone: "Time zone",
  signUp: "Joining",
  contactEmail: "Contact address",
  postalAddress: "Postal address",
  accent: "Color",
  logoDark: "Logo for dark pages",
  logoHasName: "Logo contains the name",
};
