import { directoryEntity, key } from "../../kernel/dynamo/index.ts";
import { bucketCount } from "./histogram.ts";

// The operators' data, in the global table because it covers all schools. Every key begins with `$ops`, so rights can
// be limited to these items. Reads served: every group; a group's schools; a school's errors, days and slow routes; the
// routes of a day; the last report.

const expiresAt = { type: "number", required: true } as const;

export const ErrorGroupItem = directoryEntity({
  model: { service: "ops", entity: "error-group", version: "1" },
  attributes: {
    fingerprint: { type: "string", required: true, readOnly: true },
    type: { type: "string", required: true },
    /** Without ids, numbers and texts. */
    message: { type: "string", required: true },
    frame: { type: "string", required: true },
    /** Where it was seen first. */
    endpoint: { type: "string", required: true },
    severity: { type: ["error", "critical"] as const, required: true },
    firstRelease: { type: "string", required: true },
    lastRelease: { type: "string", required: true },
    /** ISO instants. */
    firstSeen: { type: "string", required: true },
    lastSeen: { type: "string", required: true },
    count: { type: "number", required: true },
    schoolCount: { type: "number", required: true },
    /** To be searched for in the logs. */
    lastRequestId: { type: "string" },
    /** Epoch milliseconds. A process claims the alert for a minute before it publishes it. */
    claimedAt: { type: "number" },
    alertedAt: { type: "number" },
    expiresAt,
  },
  indexes: {
    byFingerprint: { pk: key("pk", ["fingerprint"]), sk: key("sk", []) },
    all: { index: "gsi1", pk: key("gsi1pk", []), sk: key("gsi1sk", ["fingerprint"]) },
  },
} as const);

/** A group at one school. It names the school, so removing the school removes it. */
export const SchoolErrorItem = directoryEntity({
  model: { service: "ops", entity: "school-error", version: "1" },
  attributes: {
    fingerprint: { type: "string", required: true, readOnly: true },
    schoolId: { type: "string", required: true, readOnly: true },
    endpoint: { type: "string", required: true },
    firstSeen: { type: "string", required: true },
    lastSeen: { type: "string", required: true },
    lastRequestId: { type: "string" },
    count: { type: "number", required: true },
    expiresAt,
  },
  indexes: {
    byGroup: { pk: key("pk", ["fingerprint"]), sk: key("sk", ["schoolId"]) },
    bySchool: { index: "gsi1", pk: key("gsi1pk", ["schoolId"]), sk: key("gsi1sk", ["fingerprint"]) },
  },
} as const);

export const SchoolDayItem = directoryEntity({
  model: { service: "ops", entity: "school-day", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    /** "2025-03-31", UTC. */
    day: { type: "string", required: true, readOnly: true },
    errors: { type: "number", required: true },
    expiresAt,
  },
  indexes: { byDay: { pk: key("pk", ["schoolId"]), sk: key("sk", ["day"]) } },
} as const);

/** Requests of a school that took longer than a second. */
export const SlowRouteItem = directoryEntity({
  model: { service: "ops", entity: "slow-route", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    day: { type: "string", required: true, readOnly: true },
    endpoint: { type: "string", required: true, readOnly: true },
    count: { type: "number", required: true },
    /** Of all of them, for the mean. */
    totalMs: { type: "number", required: true },
    lastSeen: { type: "string", required: true },
    expiresAt,
  },
  indexes: { byDay: { pk: key("pk", ["schoolId"]), sk: key("sk", ["day", "endpoint"]) } },
} as const);

/** A non-empty bucket of a route's histogram of a day. Incremented without a read. */
export const RouteTimeItem = directoryEntity({
  model: { service: "ops", entity: "route-time", version: "1" },
  attributes: {
    day: { type: "string", required: true, readOnly: true },
    endpoint: { type: "string", required: true, readOnly: true },
    bucket: { type: "number", required: true, readOnly: true, validate: (n: number) => n >= 0 && n < bucketCount },
    count: { type: "number", required: true },
    expiresAt,
  },
  indexes: { byDay: { pk: key("pk", ["day"]), sk: key("sk", ["endpoint", "bucket"]) } },
} as const);

export const ReportItem = directoryEntity({
  model: { service: "ops", entity: "performance-report", version: "1" },
  attributes: {
    day: { type: "string", required: true, readOnly: true },
    /** JSON of the report's routes. */
    routes: { type: "string", required: true },
    at: { type: "string", required: true },
    expiresAt,
  },
  indexes: { byDay: { pk: key("pk", []), sk: key("sk", ["day"]) } },
} as const);

/** A batch of log lines that was gathered. Deliveries repeat. */
export const BatchItem = directoryEntity({
  model: { service: "ops", entity: "batch", version: "1" },
  attributes: {
    batchId: { type: "string", required: true, readOnly: true },
    expiresAt,
  },
  indexes: { byId: { pk: key("pk", ["batchId"]), sk: key("sk", []) } },
} as const);
