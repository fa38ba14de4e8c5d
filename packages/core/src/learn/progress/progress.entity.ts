import { dataEntity, key } from "../../kernel/dynamo/index.ts";

// Called for an absent value as well.
const isPercent = (n: number | undefined) => n === undefined || (Number.isInteger(n) && n >= 0 && n <= 100);

export const factKinds = ["opened", "done", "watched", "passed", "attended", "reopened", "raised", "reset"] as const;

// Reads served: a learner's facts in a course (byLearner, begins with the course). Append-only: within a round of an
// era the key allows each kind of fact on a lesson once.
export const FactItem = dataEntity({
  model: { service: "learning", entity: "fact", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    userId: { type: "string", required: true, readOnly: true },
    courseId: { type: "string", required: true, readOnly: true },
    /** Number of resets before it, as four digits so that it sorts. */
    era: { type: "string", required: true, readOnly: true },
    kind: { type: factKinds, required: true, readOnly: true },
    /** The lesson; of a raised mark its percentage; of a reset "-". Behind a dot the round, unless it is the first. */
    subject: { type: "string", required: true, readOnly: true },
    at: { type: "number", required: true, readOnly: true },
    /** Number of lessons reopened before it in its era; absent for 0. */
    round: { type: "number", readOnly: true },
    /** What the facts came to, and of how many lessons; of done, reopened and raised. */
    percent: { type: "number", readOnly: true, validate: isPercent },
    total: { type: "number", readOnly: true },
    /** Of a reset: who and why. */
    by: { type: "string", readOnly: true },
    reason: { type: "string", readOnly: true },
  },
  indexes: {
    byLearner: {
      pk: key("pk", ["schoolId", "userId"]),
      sk: key("sk", ["courseId", "era", "kind", "subject"]),
    },
  },
} as const);

// Reads served: a learner's courses (byLearner); every learner of a course, for the roster (byCourse). A cache of the
// facts' result, written in the same transaction as each fact. `version` counts those transactions; the reading
// position is written without one.
export const SummaryItem = dataEntity({
  model: { service: "learning", entity: "summary", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    userId: { type: "string", required: true, readOnly: true },
    courseId: { type: "string", required: true, readOnly: true },
    /** Absent until the first fact that counts. */
    version: { type: "number" },
    era: { type: "number" },
    /** Lessons reopened in this era. */
    round: { type: "number" },
    /** Ids of the lessons done in this era, separated by spaces: one value is faster to read than a list of sixty. */
    done: { type: "string" },
    /** Facts other than ticks that complete lessons, as `watched:<lesson id>`, separated by spaces. */
    earned: { type: "string" },
    /** The mark: highest percentage of this round, the course's lessons then, and when. */
    percent: { type: "number", validate: isPercent },
    total: { type: "number" },
    markedAt: { type: "number" },
    /** The lesson last opened or done (empty after a reset), and when the learner was last here. */
    lastLessonId: { type: "string" },
    lastActivityAt: { type: "number" },
  },
  indexes: {
    byLearner: { pk: key("pk", ["schoolId", "userId"]), sk: key("sk", ["courseId"]) },
    byCourse: {
      index: "gsi1",
      pk: key("gsi1pk", ["schoolId", "courseId"]),
      sk: key("gsi1sk", ["userId"]),
    },
  },
} as const);
