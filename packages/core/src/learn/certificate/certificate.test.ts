import { aSchool, asPublic, asSystem, asUser } from "@lectern/tenants/testing";
import { eq, sql } from "drizzle-orm";
import { expect, test, vi } from "vitest";
import { Db } from "../../kernel/db/index.ts";
import { Audit } from "../../people/audit/index.ts";
import { Identity } from "../../people/identity/index.ts";
import { enrollmentTable } from "../enrollment/enrollment.sql.ts";
import { Progress } from "../progress/index.ts";
import { aClass, type Class } from "../progress/testing/index.ts";
import { certificateTable } from "./certificate.sql.ts";
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

test("is issued by the platform only, and listed by its own learner only", async () => {
  const each = await aClass(1);
  const enrollmentId = await enrollmentOf(each);
  await finish(each);
  for (const roles of [["learner"], ["owner"]] as const)
    await asUser(each.school, { roles }, () =>
      expect(Certificate.issue({ enrollmentId })).rejects.toMatchObject({ kind: "forbidden" }),
    );
  await each.asPlatform(() => Certificate.issue({ enrollmentId }));
  await each.asLearner(async () => expect((await Certificate.mine({})).items).toHaveLength(1));
  await asUser(each.school, { roles: ["learner"] }, async () => {
    expect((await Certificate.mine({})).items).toEqual([]);
    expect(await Certificate.mineOf({ courseId: each.courseId })).toBeNull();
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
      [
        "courseTitle",
        "issuedAt",
        "issuedOn",
        "learnerName",
        "lessons",
        "minutes",
        "number",
        "schoolName",
        "status",
      ].sort(),
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

/** A class whose learner has a certificate, and its number. */
async function aCertificate(): Promise<{ each: Class; number: string }> {
  const each = await aClass(1);
  const enrollmentId = await enrollmentOf(each);
  await finish(each);
  await each.asPlatform(() => Certificate.issue({ enrollmentId }));
  const { items } = await each.asLearner(() => Certificate.mine({}));
  return { each, number: items[0]?.number ?? "" };
}

test("carries the date of the school's zone at issue, whatever zone a reader or the school has later", async () => {
  const school = { ...(await aSchool()), zone: "Pacific/Kiritimati" };
  const each = await aClass(1, school);
  const enrollmentId = await enrollmentOf(each);
  await finish(each);
  vi.useFakeTimers({ now: new Date("2026-11-30T11:30:00Z"), toFake: ["Date"] });
  try {
    await asSystem(school, () => Certificate.issue({ enrollmentId }));
  } finally {
    vi.useRealTimers();
  }
  const { items } = await each.asLearner(() => Certificate.mine({}));
  expect(items).toMatchObject([{ issuedOn: "2026-12-01" }]);
  await asPublic({ ...school, zone: "Pacific/Honolulu" }, async () =>
    expect((await Certificate.byNumber({ number: items[0]?.number ?? "" })).issuedOn).toBe("2026-12-01"),
  );
});

test("an admin revokes it with a reason: the check says so, the trail keeps it, and twice is refused", async () => {
  const { each, number } = await aCertificate();
  const revoke = (reason: string) => Certificate.revoke({ number, reason });
  for (const work of [each.asTeacher, each.asLearner])
    await work(() => expect(revoke("not mine to revoke")).rejects.toMatchObject({ kind: "forbidden" }));
  await asUser(each.school, { roles: ["admin"] }, async () => {
    await expect(revoke(" ")).rejects.toMatchObject({ kind: "invalid" });
    await revoke("Handed in by somebody else.");
    await expect(revoke("Once more.")).rejects.toMatchObject({ kind: "conflict", code: "certificate.revoked" });
    const { items } = await Audit.list({ targetId: each.learner.userId });
    expect(items[0]).toMatchObject({
      action: "certificate.revoked",
      data: { number, reason: "Handed in by somebody else." },
    });
  });
  await asPublic(each.school, async () => {
    const seen = await Certificate.byNumber({ number });
    expect(seen.status).toBe("revoked");
    expect(JSON.stringify(seen)).not.toContain("somebody else");
  });
  await each.asLearner(async () => {
    expect((await Certificate.mine({})).items).toEqual([]);
    // The course's page does not promise one that is not coming.
    expect(await Certificate.mineOf({ courseId: each.courseId })).toMatchObject({ number, status: "revoked" });
    expect((await Progress.dashboard({})).courses[0]?.certificateNumber).toBeNull();
  });
  // Completing the course again brings nothing back.
  const enrollmentId = await enrollmentOf(each);
  await each.asPlatform(async () => expect(await Certificate.issue({ enrollmentId })).toMatchObject({ isNew: false }));
  // Guards isolation: another school's admin.
  await asUser(await aSchool(), { roles: ["owner"] }, () =>
    expect(revoke("of another school")).rejects.toMatchObject({ kind: "not_found" }),
  );
});

test("is reissued in the present name under a new number; the old one no longer counts and names nobody", async () => {
  const { each, number } = await aCertificate();
  const renamed = await asUser(each.school, { roles: ["admin"] }, async () => {
    await Identity.update({ userId: each.learner.userId, givenName: "Augusta" });
    return Certificate.reissue({ number });
  });
  expect(renamed).toMatchObject({ learnerName: "Augusta Lovelace", courseTitle: "Algebra I", status: "valid" });
  expect(renamed.number).not.toBe(number);
  await asPublic(each.school, async () => {
    expect(await Certificate.byNumber({ number: renamed.number })).toMatchObject({ learnerName: "Augusta Lovelace" });
    const refusal = await Certificate.byNumber({ number }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ kind: "not_found", code: "certificate.replaced" });
    expect(String(refusal)).not.toMatch(/Lovelace|LRN-/);
  });
  // The link in the first mail still leads its holder on, and no one else.
  expect(await each.asLearner(() => Certificate.newNumberOf({ number }))).toBe(renamed.number);
  expect(await each.asLearner(() => Certificate.newNumberOf({ number: renamed.number }))).toBeNull();
  await asUser(each.school, { roles: ["learner"] }, async () =>
    expect(await Certificate.newNumberOf({ number })).toBeNull(),
  );
  await asUser(each.school, { roles: ["admin"] }, async () => {
    await Certificate.revoke({ number: renamed.number, reason: "By mistake." });
    const again = await Certificate.reissue({ number: renamed.number });
    expect(again.status).toBe("valid");
    await expect(Certificate.reissue({ number: renamed.number })).rejects.toMatchObject({ kind: "not_found" });
  });
  await asPublic(each.school, () =>
    expect(Certificate.byNumber({ number: renamed.number })).rejects.toMatchObject({ code: "certificate.revoked" }),
  );
});
