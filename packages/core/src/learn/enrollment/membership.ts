import { and, eq, ne } from "drizzle-orm";
import { Actor } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { cache } from "../../kernel/directory/cache.ts";
import { enrollmentTable } from "./enrollment.sql.ts";

/** That someone is in a course now. Withdrawn people have none. */
export interface Membership {
  readonly enrollmentId: string;
  readonly courseId: string;
  readonly userId: string;
}

// Read for every fact. Only a yes is cached, for half a minute: a new learner can start at once, a removed one can
// record facts for at most that long.
const known = cache<Membership>(30_000, async (name) => {
  const [, courseId = "", userId = ""] = name.split("|");
  const [row] = await Db.use((tx) =>
    tx
      .select({ enrollmentId: enrollmentTable.id })
      .from(enrollmentTable)
      .where(
        and(
          eq(enrollmentTable.courseId, courseId),
          eq(enrollmentTable.userId, userId),
          ne(enrollmentTable.status, "withdrawn"),
        ),
      ),
  );
  return row && { ...row, courseId, userId };
});

const nameOf = (courseId: string, userId: string): string => `${Actor.useSchool().schoolId}|${courseId}|${userId}`;

/** The person's place in the course, or undefined. Remembered for up to 30 seconds. */
export const membership = (courseId: string, userId: string): Promise<Membership | undefined> =>
  known.get(nameOf(courseId, userId));

/** Drops what this process remembers of it. */
export function forget(courseId: string, userId: string): void {
  const name = nameOf(courseId, userId);
  known.forget((each) => each === name);
}
