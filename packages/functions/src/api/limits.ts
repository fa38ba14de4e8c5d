/** How often one caller may use a route. Routes that name the same bucket share it. */
export interface Limit {
  readonly bucket: string;
  /** The window the count is taken over. */
  readonly per: "minute" | "hour";
  readonly max: number;
  /**
   * Who is counted: the signed-in person (a visitor by address), or always the address, where the caller could make
   * up people at will.
   */
  readonly by?: "actor" | "address";
}

export const seconds: Record<Limit["per"], number> = { minute: 60, hour: 3600 };

export const limits = {
  read: { bucket: "api.read", per: "minute", max: 600 },
  search: { bucket: "api.search", per: "minute", max: 120 },
  write: { bucket: "api.write", per: "minute", max: 240 },
  /** One fact a lesson: a learner who skims sends a few a minute. */
  progress: { bucket: "api.progress", per: "minute", max: 300 },
  /** What renders or copies much. */
  heavy: { bucket: "api.heavy", per: "minute", max: 60 },
  upload: { bucket: "api.upload", per: "hour", max: 120 },
  /** What makes Lectern send a mail to an address that the caller names. */
  mail: { bucket: "api.mail", per: "hour", max: 20, by: "address" },
  invite: { bucket: "api.invite", per: "hour", max: 300 },
  /** What could be used to guess passwords, tokens or numbers. */
  guess: { bucket: "api.guess", per: "minute", max: 20, by: "address" },
  signUp: { bucket: "api.sign_up", per: "hour", max: 60, by: "address" },
  openSchool: { bucket: "api.open_school", per: "hour", max: 10, by: "address" },
} as const satisfies Record<string, Limit>;

/** All of a school's callers together, so that one busy school leaves room for its neighbours. */
export const schoolLimit = { bucket: "api.school", perSeconds: 10, max: 5_000 } as const;
/** Requests of one school at work at one time in this process. */
export const schoolConcurrency = 200;
/** Refused tokens of one address: checking a signature costs more than refusing to. */
export const badTokens = { bucket: "api.bad_token", perSeconds: 60, max: 60 } as const;
