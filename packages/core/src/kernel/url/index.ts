import { Resource } from "sst";

const base = (host: string): string => `${Resource.Platform.protocol}://${host}`;

/** An address on the school's own host: `schoolUrl(school, pathTo.course(course.slug))`. */
export const schoolUrl = (school: { readonly slug: string }, path = "/"): string =>
  `${base(`${school.slug}.${Resource.Platform.domain}`)}${path}`;

/** An address on a host that is the school's own; local stages have a port behind it. */
export const hostUrl = (host: string, path = "/"): string =>
  `${base(`${host}${/:\d+$/.exec(Resource.Platform.domain)?.[0] ?? ""}`)}${path}`;

/** An address on the platform's own host. */
export const platformUrl = (path = "/"): string => `${base(Resource.Platform.domain)}${path}`;

/** The legal pages and the contact of this deployment's operator; what they have not named is missing. */
export const platformLegal = (): Readonly<Partial<Record<"privacy" | "terms" | "imprint" | "contact", string>>> =>
  Resource.Platform.legal;

/** An address on the one sign-in host. */
export const authUrl = (path = "/"): string => `${base(`auth.${Resource.Platform.domain}`)}${path}`;

export * as Url from "./index.ts";
