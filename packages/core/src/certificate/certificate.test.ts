import { aSchool, asPublic, asUser } from "@lectern/tenants/testing";
import { eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { certificateTable, enrollmentTable } from "../course/course.sql.ts";
import { Db } from "../kernel/db/index.ts";
import { Progress } from "../progress/index.ts";
import { aClass, type Class } from "../progress/testing/index.ts";
import { Certificate } from "./index.ts";

const enrollmentOf = async ({ courseId, asPlatform }: Class): Promise<string> => {
  const [row] = await asPlatform(() =>
    Db.use((tx) => tx.select().from(enrollmentTable).where(eq(enrollmentTable.courseId, courseId))),
  );
  return row?.id ?? "";
};

const finish = (each: Class) =>
  each.asLearner(async () => {
    for (const lessonId of each.lessonIds) await Progress.markDone({ courseId: each.courseId, lessonId });
  });

test("is issued once, however often it is asked for and by how many at once", async () => {
  const each = await aClass(2);
  const enrollmentId = await enrollmentOf(each);
  await each.asPlatform(async () => expect(await Certificate.issue({ enrollmentId })).toBeNull());
  await finish(each);
  await each.asPlatform(async () => {
    const asked = await Promise.all(Array.from({ length: 8 }, () => Certificate.issue({ enrollmentId })));
    expect(new Set(asked.map((answer) => answer?.certificateId)).size).toBe(1);
    expect(asked.filter((answer) => answer?.isNew)).toHaveLength(1);
    const [count] = await Db.use((tx) => tx.select({ n: sql<number>`count(*)::int` }).from(certificateTable));
    expect(count?.n).toBe(1);
  });
});

test("anyone with the number may check it, in the school that issued it, and learns no more than it says", async () => {
  const each = await aClass(1);
  const enrollmentId = await enrollmentOf(each);
  await finish(each);
  await each.asPlatform(() => Certificate.issue({ enrollmentId }));
  const { items } = await each.asLearner(() => Certificate.mine({}));
  const number = items[0]?.number ?? "";
  expect(items).toMatchObject([{ learnerName: "Ada Lovelace", courseTitle: "Algebra I", lessons: 1, status: "valid" }]);
  await asPublic(each.school, async () => {
    const seen = await Certificate.byNumber({ number: number.toLowerCase().replaceAll("-", " ") });
    expect(seen).toMatchObject({ number, learnerName: "Ada Lovelace", schoolName: each.school.name });
    expect(Object.keys(seen).sort()).toEqual(
      ["courseTitle", "issuedAt", "learnerName", "lessons", "minutes", "number", "schoolName", "status"].sort(),
    );
    await expect(Certificate.byNumber({ number: "LRN-7K2M" })).rejects.toMatchObject({ code: "certificate.mistyped" });
    await expect(Certificate.mine({})).rejects.toMatchObject({ kind: "unauthenticated" });
  });
  await asPublic(await aSchool(), () =>
    expect(Certificate.byNumber({ number })).rejects.toMatchObject({
      kind: "not_found",
      code: "certificate.not_found",
    }),
  );
  await asUser(each.school, { roles: ["owner"] }, () =>
    expect(Certificate.issue({ enrollmentId })).rejects.toMatchObject({ kind: "forbidden" }),
  );
});
