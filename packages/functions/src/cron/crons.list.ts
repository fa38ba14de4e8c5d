// The schedules as what deploys them needs to know. Imports nothing, so that infra/ can; a test holds it against them.

export const cronList = [
  { name: "relay", everyMinutes: 1 },
  { name: "dispatch", everyMinutes: 1 },
  { name: "unpark", everyMinutes: 1 },
  { name: "refill", everyMinutes: 5 },
  { name: "advance-domains", everyMinutes: 2 },
  { name: "tell-errors", everyMinutes: 5 },
  { name: "performance-report", everyMinutes: 1440 },
  { name: "dump-schools", everyMinutes: 15 },
  { name: "sweep-openings", everyMinutes: 1440 },
] as const;

export type CronName = (typeof cronList)[number]["name"];
