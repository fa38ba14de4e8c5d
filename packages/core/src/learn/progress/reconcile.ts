import { and, asc, eq, gt, isNull, ne } from "drizzle-orm";
import * as z from "zod";
import { Db } from "../../kernel/db/index.ts";
import { mine } from "../../kernel/dynamo/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { certificateTable } from "../certificate/certificate.sql.ts";
import { enrollmentTable } from "../enrollment/enrollment.sql.ts";
import { readOutline } from "./outline.ts";
import { SummaryItem } from "./progress.entity.ts";
import { settle, toStored } from "./store.ts";

/**
 * Finds complete enrollments without a certificate: removed lessons completed them while the learner was absent, or an
 * event was lost. Records the former as completed (which publishes course.completed); returns the latter.
 */
export const reconcile = fn.system(
  "only the nightly reconciliation calls it, as the system",
  z.object({}).prefault({}),
  async (): Promise<{ enrollmentIds: string[] }> => {
    const enrollmentIds: string[] = [];
    for await (const open of withoutCertificate()) {
      for (const [courseId, members] of Map.groupBy(open, (each) => each.courseId)) {
        const [outline, summaries] = await Promise.all([readOutline(courseId), readCourse(courseId)]);
        if (!outline) continue;
        for (const member of members) {
          const stored = summaries.get(member.userId);
          if (!stored) continue;
          if (stored.mark?.percent === 100) enrollmentIds.push(member.enrollmentId);
          else await settle(member, stored, outline);
        }
      }
    }
    return { enrollmentIds };
  },
);

async function* withoutCertificate() {
  let after = "";
  for (;;) {
    const rows = await Db.use(
      (tx) =>
        tx
          .select({
            enrollmentId: enrollmentTable.id,
            courseId: enrollmentTable.courseId,
            userId: enrollmentTable.userId,
          })
          .from(enrollmentTable)
          .leftJoin(certificateTable, eq(certificateTable.enrollmentId, enrollmentTable.id))
          .where(
            and(isNull(certificateTable.id), ne(enrollmentTable.status, "withdrawn"), gt(enrollmentTable.id, after)),
          )
          .orderBy(asc(enrollmentTable.id))
          .limit(1000),
      { kind: "job" },
    );
    if (rows.length === 0) return;
    yield rows;
    after = rows.at(-1)?.enrollmentId ?? "";
  }
}

async function readCourse(courseId: string) {
  const { data } = await SummaryItem()
    .query.byCourse({ ...mine(), courseId })
    .go({ pages: "all" });
  return new Map(data.map((each) => [each.userId, toStored(each)]));
}
