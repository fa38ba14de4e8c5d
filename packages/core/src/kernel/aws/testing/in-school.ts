import { type Route, withActor } from "../../actor/index.ts";

/** Runs work as a school without a directory entry, for tests that need only its id. */
export const inSchool = <T>(schoolId: string, work: () => T): T =>
  withActor({ type: "system", reason: "test", requestId: "r", school: route(schoolId) }, work);

const route = (schoolId: string): Route => ({
  schoolId,
  slug: schoolId,
  name: "",
  brand: {
    accent: "#000000",
    font: "inter",
    radius: "soft",
    logo: null,
    logoDark: null,
    logoHasName: false,
    tagline: null,
  },
  locale: "en",
  zone: "UTC",
  contactEmail: null,
  instructorRequests: true,
  legal: {},
  state: "active",
  cell: "c",
  schema: "s",
  epoch: 1,
  table: "data",
});
