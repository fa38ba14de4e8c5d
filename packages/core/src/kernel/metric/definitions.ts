// Every metric of Lectern: what it counts and by what. docs/observability.md explains them to people.

type Unit = "Count" | "Milliseconds" | "Bytes" | "Percent";

interface Definition {
  readonly unit: Unit;
  readonly help: string;
  /** A count is summed; samples keep their values, so that percentiles can be taken of them. */
  readonly kind: "count" | "samples";
}

/** What one dimension set is written with, together. Each is also written without its dimensions, as the total. */
interface Family {
  readonly dimensions: readonly string[];
  /** Beside the total and the full set: each of the dimensions alone. */
  readonly isSplit?: boolean;
  readonly metrics: Readonly<Record<string, Definition>>;
}

export const families = {
  request: {
    dimensions: ["endpoint"],
    metrics: {
      RequestCount: { unit: "Count", kind: "count", help: "Requests answered." },
      ErrorRate: { unit: "Percent", kind: "samples", help: "100 for an answer that failed, 0 for any other." },
      ResponseTime: { unit: "Milliseconds", kind: "samples", help: "Time until the answer was ready." },
      RequestSize: { unit: "Bytes", kind: "samples", help: "Bytes of the request's body." },
      ResponseSize: { unit: "Bytes", kind: "samples", help: "Bytes of the answer's body, where they are known." },
    },
  },
  job: {
    dimensions: ["job"],
    metrics: {
      JobCount: { unit: "Count", kind: "count", help: "Messages and turns of schedules worked off." },
      JobErrorRate: { unit: "Percent", kind: "samples", help: "100 for one that failed, 0 for any other." },
      JobTime: { unit: "Milliseconds", kind: "samples", help: "Time one took." },
    },
  },
  outbox: {
    dimensions: ["cell"],
    metrics: {
      OutboxAge: { unit: "Milliseconds", kind: "samples", help: "Age of the oldest event that is not published yet." },
    },
  },
  dump: {
    dimensions: ["cell"],
    metrics: {
      DumpAge: {
        unit: "Milliseconds",
        kind: "samples",
        help: "Time since the last dump of the school that waits longest.",
      },
      DumpBytes: { unit: "Bytes", kind: "samples", help: "Compressed bytes of one school's dump." },
      DumpTime: { unit: "Milliseconds", kind: "samples", help: "Time one school's dump took." },
    },
  },
  domains: {
    dimensions: [],
    metrics: {
      DomainsStuck: { unit: "Count", kind: "samples", help: "Schools' own domains that wait for us for hours." },
    },
  },
  canary: {
    dimensions: ["check"],
    metrics: {
      CanarySuccess: { unit: "Percent", kind: "samples", help: "100 for a check that passed, 0 for any other." },
      CanaryTime: { unit: "Milliseconds", kind: "samples", help: "Time a check took." },
    },
  },
  error: {
    dimensions: ["type", "severity", "endpoint"],
    isSplit: true,
    metrics: { ErrorCount: { unit: "Count", kind: "count", help: "Errors logged, and failed answers." } },
  },
  activity: {
    dimensions: ["activity"],
    metrics: { UserActivity: { unit: "Count", kind: "count", help: "What people did." } },
  },
  submission: {
    dimensions: ["kind"],
    metrics: { AssignmentSubmission: { unit: "Count", kind: "count", help: "Work handed in." } },
  },
  grading: {
    dimensions: ["operation"],
    metrics: { GradingOperation: { unit: "Count", kind: "count", help: "Grades given, changed and released." } },
  },
} as const satisfies Record<string, Family>;

export type FamilyName = keyof typeof families;

/** Widens a family's literal types to `Family`. */
export const familyOf = (name: FamilyName): Family => families[name];

/** Upper bounds of the histograms that /metrics shows. */
export const bucketsOf: Readonly<Record<Unit, readonly number[]>> = {
  Milliseconds: [5, 10, 25, 50, 100, 250, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 30_000],
  Bytes: [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000],
  Percent: [],
  Count: [],
};
