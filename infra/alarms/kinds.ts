// Every kind of alarm with its meaning and receivers. docs/runbook.md has a section of the same name for each;
// infra/test/alarms.test.ts has a series that fires it and one that does not.

type Hears = "errors" | "performance" | "critical" | "none";

interface Kind {
  readonly means: string;
  readonly hears: Hears;
}

export const kinds = {
  "errors-burst": { means: "More than five errors in a minute.", hears: "errors" },
  "critical-error": { means: "An error that was logged as fatal.", hears: "critical" },
  "slow-answers": { means: "The slowest twentieth of answers takes longer than three seconds.", hears: "performance" },
  "no-traffic": { means: "Fewer than ten requests in five minutes: people do not reach us.", hears: "critical" },
  "function-errors": { means: "A function ended with an error of its own.", hears: "errors" },
  "function-throttles": { means: "A function was called more often at once than it may run.", hears: "performance" },
  "dead-letters": { means: "A message was given up; its effect has not happened.", hears: "errors" },
  "queue-age": { means: "A message has waited for more than five minutes.", hears: "performance" },
  "outbox-age": { means: "An event has waited in its outbox for more than five minutes.", hears: "critical" },
  "relay-stopped": { means: "The relay has not run for five minutes: no event leaves its outbox.", hears: "critical" },
  "domains-stuck": {
    means: "A school has set its records right, and its domain does not get on, or does not go.",
    hears: "errors",
  },
  "dump-missing": {
    means: "A school has had no dump for 26 hours: what it does today could not be brought back alone.",
    hears: "errors",
  },
  "pinned-sessions": {
    means: "Connections of the proxy belong to one caller each: soon nobody else gets one.",
    hears: "performance",
  },
  "database-capacity": { means: "The database has grown to nine tenths of what it may.", hears: "performance" },
  "database-cpu": { means: "The database's processors are busy nine tenths of the time.", hears: "performance" },
  "database-replica-lag": { means: "The reader is more than a second behind the writer.", hears: "performance" },
  "database-connections": { means: "More connections than the database was sized for.", hears: "performance" },
  "table-throttles": { means: "A table refuses reads or writes.", hears: "performance" },
  "workspace-unhealthy": { means: "No task of the workspace answers its health check.", hears: "errors" },
  "site-health": { means: "Checks from around the world do not reach the site or the API.", hears: "critical" },
  "edge-errors": { means: "The edge answers more than one request in a hundred with an error.", hears: "critical" },
  "canary-failing": { means: "The check that walks the site every minute fails or does not run.", hears: "critical" },
  "slo-fast-long": { means: "In an hour a fiftieth of the month's errors was spent.", hears: "none" },
  "slo-fast-short": { means: "And it still goes on.", hears: "none" },
  "slo-slow-long": { means: "In six hours a twentieth of the month's errors was spent.", hears: "none" },
  "slo-slow-short": { means: "And it still goes on.", hears: "none" },
  "slo-burn": { means: "At this rate the promise of 99.99 % a month will be broken.", hears: "critical" },
  audit: {
    means: "Somebody did in the account what nobody does in daily work: the audit trail says who.",
    hears: "critical",
  },
  "release-health": { means: "What a deployment must not cause: stops it and rolls it back.", hears: "critical" },
  "service-down": { means: "Errors, and nobody gets through: everything else can wait.", hears: "critical" },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;
