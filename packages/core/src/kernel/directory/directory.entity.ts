import { directoryEntity, key } from "../dynamo/index.ts";

// The global directory: which school a host means and where it lives. Only packages/tenants writes it. Reads served:
// host -> school, slug -> school, school by id, every school by slug, cell by id, every cell.

export const schoolStates = ["opening", "active", "suspended", "deleting"] as const;

export const SchoolItem = directoryEntity({
  model: { service: "directory", entity: "school", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    slug: { type: "string", required: true },
    name: { type: "string", required: true },
    brand: {
      type: "map",
      required: true,
      properties: {
        accent: { type: "string", required: true },
        font: { type: "string", required: true },
        radius: { type: ["sharp", "soft", "round"] as const, required: true },
        logo: { type: "string" },
        logoDark: { type: "string" },
        logoHasName: { type: "boolean" },
        tagline: { type: "string" },
      },
    },
    locale: { type: "string", required: true },
    zone: { type: "string", required: true },
    contactEmail: { type: "string" },
    /** Absent on schools that were opened before this was a choice: they take requests. */
    instructorRequests: { type: "boolean" },
    legal: {
      type: "map",
      properties: {
        privacy: { type: "string" },
        terms: { type: "string" },
        imprint: { type: "string" },
        contact: { type: "string" },
      },
    },
    state: { type: schoolStates, required: true },
    /** Why it is suspended, in the operator's words; shown to operators only. */
    reason: { type: "string" },
    cell: { type: "string", required: true },
    schema: { type: "string", required: true },
    epoch: { type: "number", required: true },
    /** The data table of its cell. */
    table: { type: "string", required: true },
    plan: { type: "string", required: true, default: "free" },
    createdAt: { type: "string", required: true, readOnly: true },
    updatedAt: { type: "string", watch: "*", set: () => new Date().toISOString() },
  },
  indexes: {
    byId: { pk: key("pk", ["schoolId"]), sk: key("sk", []) },
    bySlug: { index: "gsi1", pk: key("gsi1pk", []), sk: key("gsi1sk", ["slug"]) },
  },
} as const);

/** Who owns a slug. A conditional put, so only one of two concurrent requests gets it. */
export const SlugItem = directoryEntity({
  model: { service: "directory", entity: "slug", version: "1" },
  attributes: {
    slug: { type: "string", required: true, readOnly: true },
    /** One opening of a school, so that a restarted run finds what it began. */
    openingId: { type: "string", required: true },
    /** Digest of who asked for what, so only the same request resumes. */
    requestKey: { type: "string", required: true },
    cell: { type: "string", required: true },
    /** Known once a school has been claimed. */
    schoolId: { type: "string" },
    state: { type: ["reserved", "open"] as const, required: true },
    reservedAt: { type: "string", required: true },
    openedAt: { type: "string" },
  },
  indexes: { bySlug: { pk: key("pk", ["slug"]), sk: key("sk", []) } },
} as const);

/** Slugs that readers confuse share a skeleton, and only one of them can be taken. */
export const SkeletonItem = directoryEntity({
  model: { service: "directory", entity: "skeleton", version: "1" },
  attributes: {
    skeleton: { type: "string", required: true, readOnly: true },
    slug: { type: "string", required: true, readOnly: true },
  },
  indexes: { bySkeleton: { pk: key("pk", ["skeleton"]), sk: key("sk", []) } },
} as const);

/** A verified domain of a school's own. */
export const HostItem = directoryEntity({
  model: { service: "directory", entity: "host", version: "1" },
  attributes: {
    host: { type: "string", required: true, readOnly: true },
    schoolId: { type: "string", required: true },
    createdAt: { type: "string", required: true, readOnly: true, default: () => new Date().toISOString() },
  },
  indexes: {
    byHost: { pk: key("pk", ["host"]), sk: key("sk", []) },
    bySchool: { index: "gsi1", pk: key("gsi1pk", ["schoolId"]), sk: key("gsi1sk", ["host"]) },
  },
} as const);

export const CellItem = directoryEntity({
  model: { service: "directory", entity: "cell", version: "1" },
  attributes: {
    cellId: { type: "string", required: true, readOnly: true },
    /** Only an open cell takes new schools. */
    state: { type: ["open", "full", "draining"] as const, required: true },
    count: { type: "number", required: true, default: 0 },
    max: { type: "number", required: true },
    database: {
      type: "map",
      required: true,
      properties: {
        host: { type: "string", required: true },
        /** Past the proxy, where there is one: for who needs a session of its own. */
        directHost: { type: "string" },
        port: { type: "number", required: true },
        database: { type: "string", required: true },
      },
    },
    table: { type: "string", required: true },
    updatedAt: { type: "string", watch: "*", set: () => new Date().toISOString() },
  },
  indexes: {
    byId: { pk: key("pk", ["cellId"]), sk: key("sk", []) },
    all: { index: "gsi1", pk: key("gsi1pk", []), sk: key("gsi1sk", ["cellId"]) },
  },
} as const);
