import { Resource } from "sst";
import type { Route } from "../actor/index.ts";
import { DomainError } from "../error/index.ts";
import { cache } from "./cache.ts";
import { CellItem, HostItem, SchoolItem, SlugItem } from "./directory.entity.ts";

export { CellItem, HostItem, SchoolItem, SkeletonItem, SlugItem, schoolStates } from "./directory.entity.ts";
export { hostsOf } from "./hosts.ts";

/** A Postgres cluster with its proxy and its data table. */
export interface Cell {
  readonly id: string;
  readonly state: "open" | "full" | "draining";
  /** Schools claimed at the last count; a figure for operators, not a lock. */
  readonly count: number;
  readonly max: number;
  readonly database: {
    readonly host: string;
    /** The server itself, where `host` is a proxy in front of it. */
    readonly directHost?: string;
    readonly port: number;
    readonly database: string;
  };
  readonly table: string;
}

/** How long a process may go on with what it read here. */
export const rememberMs = 30_000;
/**
 * How long a cached route may be used while the directory is unavailable. Safe: closing or moving a school needs the
 * directory too.
 */
const staleMs = 15 * 60_000;
const consistent = { consistent: true } as const;

const hosts = cache(
  rememberMs,
  async (host: string) => {
    const slug = slugOf(host);
    const { data } = slug
      ? await asked(() => SlugItem().get({ slug }).go(consistent))
      : await asked(() => HostItem().get({ host }).go(consistent));
    return data?.schoolId ? { schoolId: data.schoolId } : undefined;
  },
  { staleMs },
);

// A school that is being opened is not cached, so it answers as soon as it is open.
const schools = cache(rememberMs, readSchool, { keeps: (route) => route.state !== "opening", staleMs });
const cells = cache(
  rememberMs,
  async (cellId: string): Promise<Cell | undefined> => {
    const { data } = await asked(() => CellItem().get({ cellId }).go(consistent));
    return data ? toCell(data) : undefined;
  },
  { staleMs },
);

/**
 * Returns the route of a host: `<slug>.<platform domain>`, or a verified custom domain. Ignores case, a trailing dot
 * and a port. Undefined for every other host, the platform's own included; there is no default school.
 */
export async function byHost(host: string): Promise<Route | undefined> {
  const name = normalise(host);
  if (!name) return undefined;
  const found = await hosts.get(name);
  if (!found) return undefined;
  const route = await schools.get(found.schoolId);
  // A slug that is free again, or taken by another school, may still be remembered here.
  if (!route) hosts.forget((known) => known === name);
  return route;
}

/** The route of a school by its id (from the directory or an event, never from a request). */
export const bySchool = (schoolId: string): Promise<Route | undefined> => schools.get(schoolId);

/** As `bySchool` without the cache, for callers that change the entry. */
export async function readSchool(schoolId: string): Promise<Route | undefined> {
  const { data } = await asked(() => SchoolItem().get({ schoolId }).go(consistent));
  return data ? toRoute(data) : undefined;
}

/** Where a cell's database and table are. */
export const cell = (cellId: string): Promise<Cell | undefined> => cells.get(cellId);

/** Drops what this process remembers of a school, so its next request reads the directory. */
export function forget(schoolId: string): void {
  schools.forget((known) => known === schoolId);
  hosts.forget((_, value) => value.schoolId === schoolId);
}

/** As `forget`, for a cell whose database has moved. */
export const forgetCell = (cellId: string): void => cells.forget((known) => known === cellId);

/** Refuses unless the school is open: 503 while it is suspended or opening, 404 while it is being deleted. */
export function requireActive(route: Route): Route {
  if (route.state === "active") return route;
  if (route.state === "deleting") throw notFound();
  if (route.state === "opening")
    throw new DomainError("unavailable", "school.opening", "This school is just being opened.", undefined, 2);
  throw suspended();
}

export const suspended = (): DomainError =>
  new DomainError("suspended", "school.suspended", "This school is paused at the moment. Please contact its team.");

export const notFound = (): DomainError =>
  new DomainError("not_found", "school.not_found", "There is no school at this address.");

/** Normalizes a host: lower case, without port and trailing dot. Empty when it is invalid. */
export function normalise(host: string): string {
  const name = host.trim().toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");
  return name.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name) ? name : "";
}

/** The platform's domain without a port: "localhost", "lectern.example". */
export const platformHost = (): string => normalise(Resource.Platform.domain);

/**
 * Undefined also for several labels below the platform, because no slug contains a dot (on local stages: a school's
 * own).
 */
function slugOf(host: string): string | undefined {
  const suffix = `.${platformHost()}`;
  const name = host.endsWith(suffix) ? host.slice(0, -suffix.length) : "";
  return name === "" || name.includes(".") ? undefined : name;
}

/** Is this a custom domain and not an address below the platform's? It may belong to no school. */
export const isOwn = (host: string): boolean => {
  const name = normalise(host);
  return name !== "" && name !== platformHost() && slugOf(name) === undefined;
};

/**
 * Returns the value of Strict-Transport-Security. Covers subdomains only under our own domain: a school's domain has
 * siblings we know nothing of, and may point elsewhere one day.
 */
export const strictTransport = (host: string): string =>
  isOwn(host) ? "max-age=2592000" : "max-age=31536000; includeSubDomains";

type SchoolData = NonNullable<Awaited<ReturnType<ReturnType<ReturnType<typeof SchoolItem>["get"]>["go"]>>["data"]>;
type CellData = NonNullable<Awaited<ReturnType<ReturnType<ReturnType<typeof CellItem>["get"]>["go"]>>["data"]>;

export const toRoute = (data: SchoolData): Route => ({
  schoolId: data.schoolId,
  slug: data.slug,
  name: data.name,
  brand: {
    accent: data.brand.accent,
    font: data.brand.font,
    radius: data.brand.radius,
    logo: data.brand.logo ?? null,
    logoDark: data.brand.logoDark ?? null,
    logoHasName: data.brand.logoHasName ?? false,
    tagline: data.brand.tagline ?? null,
  },
  locale: data.locale,
  zone: data.zone,
  contactEmail: data.contactEmail ?? null,
  instructorRequests: data.instructorRequests ?? true,
  legal: data.legal ?? {},
  state: data.state,
  cell: data.cell,
  schema: data.schema,
  epoch: data.epoch,
  table: data.table,
});

export const toCell = (data: CellData): Cell => ({
  id: data.cellId,
  state: data.state,
  count: data.count,
  max: data.max,
  database: {
    host: data.database.host,
    port: data.database.port,
    database: data.database.database,
    ...(data.database.directHost !== undefined && { directHost: data.database.directHost }),
  },
  table: data.table,
});

async function asked<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw Object.assign(
      new DomainError("unavailable", "directory.unavailable", "Please try again in a moment.", undefined, 1),
      { cause },
    );
  }
}

export * as Directory from "./index.ts";
