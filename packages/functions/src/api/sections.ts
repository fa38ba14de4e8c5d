import { below, type Endpoint } from "./endpoint.ts";

type Operations = readonly Endpoint[];

const courses = async (): Promise<Operations> => (await import("./resources/courses.ts")).courseEndpoints;
const lessons = async (): Promise<Operations> => (await import("./resources/lessons.ts")).lessonEndpoints;
const assets = async (): Promise<Operations> => (await import("./resources/assets.ts")).assetEndpoints;
const enrollments = async (): Promise<Operations> => (await import("./resources/enrollments.ts")).enrollmentEndpoints;
const progress = async (): Promise<Operations> => (await import("./resources/progress.ts")).progressEndpoints;
const certificates = async (): Promise<Operations> =>
  (await import("./resources/certificates.ts")).certificateEndpoints;
const invitations = async (): Promise<Operations> => (await import("./resources/invitations.ts")).invitationEndpoints;
const registration = async (): Promise<Operations> =>
  (await import("./resources/registration.ts")).registrationEndpoints;
const me = async (): Promise<Operations> => (await import("./resources/me.ts")).meEndpoints;
const people = async (): Promise<Operations> => (await import("./resources/people.ts")).peopleEndpoints;
const settings = async (): Promise<Operations> => (await import("./resources/settings.ts")).settingsEndpoints;

/**
 * Resource modules by the first path segment. A Lambda function serves few operations in its life, so it loads a
 * section on demand. A test keeps this and `endpoints` equal.
 */
export const sections: Readonly<Record<string, readonly (() => Promise<Operations>)[]>> = {
  "api-keys": [async () => (await import("./resources/api-keys.ts")).apiKeyEndpoints],
  assets: [assets],
  audit: [async () => (await import("./resources/audit.ts")).auditEndpoints],
  categories: [async () => (await import("./resources/categories.ts")).categoryEndpoints],
  certificates: [certificates],
  courses: [courses, lessons, assets, enrollments, progress],
  dashboard: [progress],
  departments: [people],
  domains: [async () => (await import("./resources/domains.ts")).domainEndpoints],
  enrollments: [enrollments],
  imports: [async () => (await import("./resources/imports.ts")).importEndpoints],
  invitations: [invitations, registration],
  legal: [async () => (await import("./resources/legal.ts")).legalEndpoints],
  lessons: [lessons],
  me: [me],
  modules: [lessons],
  overview: [async () => (await import("./resources/overview.ts")).overviewEndpoints],
  notifications: [async () => (await import("./resources/notifications.ts")).notificationEndpoints],
  "password-reset": [registration],
  permissions: [me],
  registration: [registration],
  "role-requests": [async () => (await import("./resources/role-requests.ts")).roleRequestEndpoints],
  school: [async () => (await import("./resources/school.ts")).schoolEndpoints],
  schools: [async () => (await import("./resources/platform.ts")).platformEndpoints],
  settings: [settings],
  "sign-up-mode": [settings],
  studio: [courses],
  teaching: [courses],
  users: [people],
};

/** Returns the operations below a segment; none for an unknown one. */
export async function sectionOf(segment: string): Promise<Operations> {
  const declaring = Object.hasOwn(sections, segment) ? (sections[segment] ?? []) : [];
  const read = await Promise.all(declaring.map((each) => each()));
  return below(`/${segment}`, read.flat());
}
