export interface Month {
  readonly title: string;
  readonly about: string;
  readonly schools: number;
  readonly ownDomains: number;
  readonly pages: number;
  readonly apiCalls: number;
  readonly events: number;
  readonly mails: number;
  readonly websocketMinutes: number;
  /** Average capacity of the writer and each reader; at least the stage's minimum. */
  readonly averageAcu: number;
  readonly databaseGb: number;
  readonly tableGb: number;
  readonly filesGb: number;
  readonly sharedGb: number;
  readonly edgeGb: number;
  /** Workspace tasks above the minimum. */
  readonly extraTasks: number;
  readonly releases: number;
}

export const months: Readonly<Record<"idle" | "small" | "large", Month>> = {
  idle: {
    title: "idle",
    about: "deployed, without visitors",
    schools: 0,
    ownDomains: 0,
    pages: 0,
    apiCalls: 0,
    events: 0,
    mails: 0,
    websocketMinutes: 0,
    averageAcu: 0,
    databaseGb: 1,
    tableGb: 0.1,
    filesGb: 1,
    sharedGb: 0.1,
    edgeGb: 0,
    extraTasks: 0,
    releases: 0,
  },
  small: {
    title: "small",
    about: "20 schools with 2,000 learners, each opening 300 pages",
    schools: 20,
    ownDomains: 5,
    pages: 600_000,
    apiCalls: 900_000,
    events: 150_000,
    mails: 20_000,
    websocketMinutes: 1_000_000,
    averageAcu: 1.5,
    databaseGb: 20,
    tableGb: 5,
    filesGb: 500,
    sharedGb: 20,
    edgeGb: 1_500,
    extraTasks: 0,
    releases: 20,
  },
  large: {
    title: "large",
    about: "1,000 schools with 100,000 learners, each opening 300 pages",
    schools: 1_000,
    ownDomains: 250,
    pages: 30_000_000,
    apiCalls: 45_000_000,
    events: 8_000_000,
    mails: 1_000_000,
    websocketMinutes: 50_000_000,
    averageAcu: 14,
    databaseGb: 600,
    tableGb: 250,
    filesGb: 25_000,
    sharedGb: 500,
    edgeGb: 75_000,
    extraTasks: 1,
    releases: 60,
  },
};
