/** Rate limit of one caller. Routes with the same bucket share it. */
export interface Limit {
  readonly bucket: string;
  readonly per: "minute" | "hour";
  readonly max: number;
  /** Counts the signed-in person (a visitor by address), or always the address where callers could invent people. */
  readonly by?: "actor" | "address";
}

export const seconds: Record<Limit["per"], number> = { minute: 60, hour: 3600 };

export const limits = {
  read: { bucket: "api.read", per: "minute", max: 600 },
  search: { bucket: "api.search", per: "minute", max: 120 },
  write: { bucket: "api.write", per: "minute", max: 240 },
  /** One fact per lesson: a learner who skims sends a few a minute. */
  progress: { bucket: "api.progress", per: "minute", max: 300 },
  /** Operations that render or copy a lot. */
  heavy: { bucket: "api.heavy", per: "minute", max: 60 },
  upload: { bucket: "api.upload", per: "hour", max: 120 },
  /** Operations that mail an address chosen by the caller. */
  mail: { bucket: "api.mail", per: "hour", max: 20, by: "address" },
  invite: { bucket: "api.invite", per: "hour", max: 300 },
  /** Operations that could guess passwords, tokens or numbers. */
  guess: { bucket: "api.guess", per: "minute", max: 20, by: "address" },
  signUp: { bucket: "api.sign_up", per: "hour", max: 60, by: "address" },
  openSchool: { bucket: "api.open_school", per: "hour", max: 10, by: "address" },
} as const satisfies Record<string, Limit>;

/** Limit of all callers of a school, so that one busy school leaves capacity for others. */
export const schoolLimit = { bucket: "api.school", perSeconds: 10, max: 5_000 } as const;
/** Concurrent requests of one school in this process. */
export const schoolConcurrency = 200;
/** Refused tokens per address: verifying a signature costs more than refusing early. */
export const badTokens = { bucket: "api.bad_token", perSeconds: 60, max: 60 } as const;
