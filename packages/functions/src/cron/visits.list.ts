// What is done in every school now and then, as the dispatcher needs to know it: it hands out one message per school and
// imports none of the work. A test holds the list against the work (work/visits.ts).

export const visitList = [
  { name: "reconcile-certificates", everyMinutes: 1440, at: 120 },
  { name: "purge-inbox", everyMinutes: 1440, at: 180 },
  { name: "purge-tokens", everyMinutes: 1440, at: 240 },
  { name: "sweep-files", everyMinutes: 1440, at: 300 },
] as const satisfies readonly Visit[];

export interface Visit {
  readonly name: string;
  readonly everyMinutes: number;
  /** Minutes past midnight UTC, so that nightly rounds do not meet. */
  readonly at: number;
}

export type VisitName = (typeof visitList)[number]["name"];
