/** Log lines as the site's processes write them, for tests of what operators and schools see. */
const now = () => new Date().toISOString();

export const failed = (schoolId?: string, type = "PlantedError", level = "error"): string =>
  JSON.stringify({
    level,
    time: now(),
    release: "2025.03.1",
    endpoint: "GET /courses/:courseSlug",
    requestId: "req_01jd3w6q5re9wsjg0pv3r6y2mq",
    ...(schoolId === undefined ? {} : { schoolId }),
    err: { type, message: "the row 17 is odd", stack: `${type}: x\n    at odd (/srv/packages/core/src/odd.ts:1:1)` },
    msg: "page failed",
  });

export const slow = (schoolId: string): string =>
  JSON.stringify({
    level: "warn",
    time: now(),
    endpoint: "GET /learn/:courseSlug",
    schoolId,
    ms: 2_000,
    msg: "slow request",
  });
