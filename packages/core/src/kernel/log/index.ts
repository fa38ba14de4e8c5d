import pino from "pino";
import { maybeActor, stamp } from "../actor/index.ts";

/**
 * Structured JSON logs. Every line carries the request, school and actor ids of the work it was written in; never a
 * secret, a token, an e-mail address or a learner's work.
 */
export const log = pino({
  level: process.env.LECTERN_LOG ?? "info",
  base: { release: process.env.LECTERN_RELEASE ?? "dev" },
  timestamp: pino.stdTimeFunctions.isoTime,
  redact: {
    paths: ["password", "token", "secret", "authorization", "cookie", "email", "*.password", "*.token", "*.email"],
    censor: "[redacted]",
  },
  formatters: { level: (label) => ({ level: label }) },
  mixin: () => {
    const actor = maybeActor();
    if (!actor) return {};
    return { requestId: actor.requestId, schoolId: actor.school.schoolId, actor: stamp(actor) };
  },
});
