import { CopyObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import type { Route } from "@lectern/core/kernel/actor";
import { Aws } from "@lectern/core/kernel/aws";
import { Db } from "@lectern/core/kernel/db";
import { Directory } from "@lectern/core/kernel/directory";
import { Metric } from "@lectern/core/kernel/metric";
import { Certificate } from "@lectern/core/learn/certificate";
import { courseTable, lessonTable } from "@lectern/core/learn/course/course.sql";
import { enrollmentTable } from "@lectern/core/learn/enrollment/enrollment.sql";
import { Progress } from "@lectern/core/learn/progress";
import { aClass, type Class } from "@lectern/core/learn/progress/testing";
import { userTable } from "@lectern/core/people/identity/user.sql";
import { Settings } from "@lectern/core/people/settings";
import { eq, sql } from "drizzle-orm";
import { Resource } from "sst";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Backup } from "../backup/index.ts";
import { next } from "../backup/turn.ts";
import { Catalog } from "../catalog/index.ts";
import { Migration } from "../migration/index.ts";
import { Provision } from "../provision/index.ts";
import { School } from "../school/index.ts";
import { die } from "../testing/die.ts";
import { aSchool, asSystem, aUser } from "../testing/index.ts";
import { login } from "../testing/login.ts";
import { pictureOf } from "../testing/tables.ts";
import { tracesOf } from "../testing/traces.ts";
import { Restore, restoreSteps } from "./index.ts";

// Dumps a course with progress, damages it and restores it, on real Postgres, DynamoDB and S3.
let taught: Class;
let other: Class;

async function learned(): Promise<Class> {
  const made = await aClass(3);
  for (const index of [0, 1, 2])
    await made.asLearner(() => Progress.markDone({ courseId: made.courseId, lessonId: made.lesson(index) }));
  const [enrollment] = await made.asPlatform(() => Db.use((tx) => tx.select().from(enrollmentTable)));
  await made.asPlatform(() => Certificate.issue({ enrollmentId: enrollment?.id ?? "" }));
  return made;
}

beforeAll(async () => {
  [taught, other] = [await learned(), await learned()];
});
afterAll(() => Promise.all([Db.close(), Catalog.close()]));

const dumpOf = (school: Route) => asSystem(school, () => Backup.dump());
const fresh = async ({ schoolId }: Route): Promise<Route> => {
  Directory.forget(schoolId);
  const route = await Directory.readSchool(schoolId);
  if (!route) throw new Error("the school is gone");
  return route;
};
/** Leaves out the restore's own audit entry. */
const withoutTrace = async (school: Route): Promise<Record<string, string>> => {
  const route = await fresh(school);
  const sqlOwner = await login("lectern_migrator", route.cell);
  await sqlOwner.unsafe(
    `begin; set local role lectern_owner; delete from "${route.schema}".audit_entry where action = 'school.restored'; commit`,
  );
  await sqlOwner.end();
  return pictureOf(route);
};
async function standing(of: Class) {
  const at = { ...of, school: await fresh(of.school) };
  const { asUser } = await import("../testing/index.ts");
  return asUser(at.school, { roles: ["learner"], userId: of.learner.userId }, async () => ({
    progress: await Progress.glance({ courseId: of.courseId }),
    certificates: await Certificate.mine({}),
  }));
}

/** Damages a school: deletes a lesson, the learner and a person, resets progress, adds others. */
async function damage(of: Class): Promise<void> {
  await of.asTeacher(() => Progress.reset({ courseId: of.courseId, userId: of.learner.userId, reason: "by mistake" }));
  await of.asPlatform(() =>
    Db.use(async (tx) => {
      await tx.delete(lessonTable).where(eq(lessonTable.id, of.lesson(1)));
      await tx.update(courseTable).set({ title: "Broken" });
      await tx.delete(userTable).where(eq(userTable.id, of.learner.userId));
    }),
  );
  await aUser(of.school, { roles: ["learner"], email: "late@example.test" });
}

test("a restore brings back every table, progress and certificate, and changes no other school", {
  timeout: 120_000,
}, async () => {
  const before = { rows: await pictureOf(taught.school), learner: await standing(taught) };
  const others = { rows: await pictureOf(other.school), learner: await standing(other) };
  expect(before.learner.certificates.items).toHaveLength(1);
  const { manifest } = await dumpOf(taught.school);
  expect(manifest.items.items).toBeGreaterThan(3);
  await damage(taught);
  expect(await pictureOf(taught.school)).not.toEqual(before.rows);

  const restored = await Restore.restore({ slug: taught.school.slug });
  expect(restored).toMatchObject({
    schoolId: taught.school.schoolId,
    rows: expect.any(Number),
    before: expect.any(String),
  });
  expect(await withoutTrace(taught.school)).toEqual(before.rows);
  expect(await standing(taught)).toEqual(before.learner);
  expect({ rows: await pictureOf(other.school), learner: await standing(other) }).toEqual(others);

  // Its schema matches the migrations, and the old one is kept out of its role's reach.
  expect((await Migration.drift()).filter(({ schoolId }) => schoolId === taught.school.schoolId)).toEqual([]);
  const app = await login("lectern_app", taught.school.cell);
  await expect(
    app.unsafe(`begin; set local role ${taught.school.schema}; select count(*) from "${restored.kept}"."user"`),
  ).rejects.toThrow(/permission denied/);
  await app.end();
});

test("the same dump can be restored twice, and the dump made before a restore is never the latest", {
  timeout: 120_000,
}, async () => {
  const school = await aSchool();
  await aUser(school, { roles: ["learner"], email: "first@example.test" });
  await asSystem(school, () => Settings.update({ contactEmail: "help@school.test" }));
  const { folder } = await dumpOf(school);
  const rows = await pictureOf(school);
  for (const email of ["second@example.test", "third@example.test"]) {
    await aUser(await fresh(school), { roles: ["learner"], email });
    const changed = await pictureOf(await fresh(school));
    const restored = await Restore.restore({ slug: school.slug });
    expect(restored.folder).toBe(folder);
    expect(await withoutTrace(school)).toEqual(rows);
    expect((await fresh(school)).contactEmail).toBe("help@school.test");
    // Undoes the restore, by the folder it returned.
    await Restore.restore({ slug: school.slug, from: restored.before ?? "" });
    expect(await withoutTrace(school)).toEqual(changed);
  }
});

test("the dump made before a restore on a new day is found only by name", async () => {
  const school = await aSchool();
  const { folder } = await dumpOf(school);
  const { folder: before } = await asSystem(school, () => Backup.dump({ isBefore: true }));
  // Restored tomorrow before the nightly dump: that dump is in the newest folder.
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const moved = before.replace(/\d{4}-\d{2}-\d{2}/, tomorrow);
  const Bucket = Resource.BackupsBucket.name;
  const copy = { Bucket, CopySource: `${Bucket}/${before}manifest.json`, Key: `${moved}manifest.json` };
  await Aws.s3().send(new CopyObjectCommand(copy));
  expect((await Backup.find(school.schoolId, "latest")).folder).toBe(folder);
  await expect(Backup.find(school.schoolId, tomorrow)).rejects.toMatchObject({ code: "dump.not_found" });
  expect((await Backup.find(school.schoolId, moved)).folder).toBe(moved);
});

test("a school that was suspended for another reason stays suspended", { timeout: 120_000 }, async () => {
  const school = await aSchool();
  await asSystem(school, () => Settings.update({ contactEmail: "help@school.test" }));
  await dumpOf(school);
  await School.suspend({ slug: school.slug, reason: "invoice 2041" });
  expect((await fresh(school)).contactEmail).toBeNull();
  await Restore.restore({ slug: school.slug });
  expect(await School.show({ slug: school.slug })).toMatchObject({ state: "suspended", reason: "invoice 2041" });
  // Its closed page says who can help: what the restored settings say.
  expect((await fresh(school)).contactEmail).toBe("help@school.test");
  // The nightly dump still lets itself in.
  await dumpOf(await fresh(school));
});

describe("a damaged dump", () => {
  const flip = async (key: string): Promise<void> => {
    const { Body } = await Aws.s3().send(new GetObjectCommand({ Bucket: Resource.BackupsBucket.name, Key: key }));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    const at = Math.floor(bytes.length / 2);
    bytes.writeUInt8((bytes.readUInt8(at) + 1) % 256, at);
    await Aws.s3().send(new PutObjectCommand({ Bucket: Resource.BackupsBucket.name, Key: key, Body: bytes }));
  };

  test.each(["tables/user.copy.gz", "tables/inbox.copy.gz", "items.ndjson.gz", "manifest.json"])(
    "with one byte of %s changed is refused, and the school does not change",
    { timeout: 60_000 },
    async (file) => {
      const school = (await learned()).school;
      const { folder } = await dumpOf(school);
      const rows = await pictureOf(school);
      await flip(`${folder}${file}`);
      await expect(Restore.restore({ slug: school.slug })).rejects.toMatchObject({ code: "dump.damaged" });
      expect(await School.show({ slug: school.slug })).toMatchObject({ state: "active" });
      expect(await pictureOf(await fresh(school))).toEqual(rows);
    },
  );

  test("of another school is refused, and a missing one is not found", async () => {
    const [school, stranger] = [await aSchool(), await aSchool()];
    await expect(Restore.restore({ slug: school.slug })).rejects.toMatchObject({ code: "dump.not_found" });
    const { folder } = await dumpOf(stranger);
    const { Body } = await Aws.s3().send(
      new GetObjectCommand({ Bucket: Resource.BackupsBucket.name, Key: `${folder}manifest.json` }),
    );
    await Aws.s3().send(
      new PutObjectCommand({
        Bucket: Resource.BackupsBucket.name,
        Key: `${folder.replace(stranger.schoolId, school.schoolId)}manifest.json`,
        Body: await Body?.transformToByteArray(),
      }),
    );
    await expect(Restore.restore({ slug: school.slug })).rejects.toMatchObject({ code: "dump.damaged" });
    await expect(Restore.restore({ slug: school.slug, from: "yesterday" })).rejects.toMatchObject({
      code: "dump.which",
    });
  });
});

describe("killed", () => {
  test("midway, a dump does not count, and the previous one stays intact", { timeout: 120_000 }, async () => {
    const school = (await learned()).school;
    const { folder } = await dumpOf(school);
    for (const files of [1, 9, 18]) expect(await die("dump", school.schoolId, String(files))).toBe(true);
    const found = await Backup.find(school.schoolId, "latest");
    expect(found.folder).toBe(folder);
    await Backup.verify(found);
  });

  test.each(restoreSteps.slice(0, -1))(
    "after the step %s of a restore, the same call completes it",
    { timeout: 120_000 },
    async (step) => {
      const of = await learned();
      const before = { rows: await pictureOf(of.school), learner: await standing(of) };
      await dumpOf(of.school);
      await damage(of);
      expect(await die("restore", step, of.school.slug)).toBe(true);
      // A partly restored school is never open.
      if (step !== "verified")
        expect(await School.show({ slug: of.school.slug })).toMatchObject({ state: "suspended" });
      await Restore.restore({ slug: of.school.slug });
      expect(await School.show({ slug: of.school.slug })).toMatchObject({ state: "active", reason: null });
      expect(await withoutTrace(of.school)).toEqual(before.rows);
      expect(await standing(of)).toEqual(before.learner);
    },
  );
});

describe("every night", () => {
  const cell = "local-2";
  const ofToday = (schoolId: string) =>
    Catalog.use(cell, async (tx) => {
      const [row] = await tx.execute<{ day: string | null; last_error: string | null }>(
        sql`select day::text as day, last_error from catalog.dump where school_id = ${schoolId}`,
      );
      return row;
    });

  test("each school is dumped once; the next run completes a killed one; a failure stops no other school", {
    timeout: 120_000,
  }, async () => {
    const turn = () => Backup.nightly({ cell, until: Date.now() + 60_000, holdSeconds: 1 });
    await turn();
    const schools = [
      await aSchool({ cell }),
      await aSchool({ cell }),
      await aSchool({ cell }),
      await aSchool({ cell }),
    ];
    const [bad] = schools;
    if (!bad) throw new Error("no school");
    const owner = await login("lectern_migrator", cell);
    await owner.unsafe(
      `begin; set local role lectern_owner; revoke select on "${bad.schema}".lesson from "${bad.schema}"; commit`,
    );

    expect(await die("nightly", "1", cell)).toBe(true);
    const today = new Date().toISOString().slice(0, 10);
    // A killed run's school stays leased until the lease expires.
    await vi.waitUntil(
      async () => {
        expect((await turn()).left).toBeGreaterThan(0);
        const [ofBad, ...rest] = await Promise.all(schools.map(({ schoolId }) => ofToday(schoolId)));
        return ofBad?.last_error && rest.every((each) => each?.day === today);
      },
      { timeout: 60_000, interval: 100 },
    );
    for (const school of schools.slice(1)) {
      expect(await ofToday(school.schoolId)).toMatchObject({ day: today });
      expect((await Backup.find(school.schoolId, today)).manifest.school.slug).toBe(school.slug);
    }
    expect(await ofToday(bad.schoolId)).toMatchObject({
      day: null,
      last_error: expect.stringContaining("permission denied"),
    });
    const ages = [...Metric.all()].find(({ family, values }) => family === "dump" && values[0] === cell);
    expect(ages?.totals.get("DumpAge")).toBeDefined();

    // Repaired, it is dumped; afterwards no school is due.
    await owner.unsafe(
      `begin; set local role lectern_owner; grant select on "${bad.schema}".lesson to "${bad.schema}"; commit`,
    );
    await owner.end();
    await vi.waitUntil(
      () =>
        turn()
          .then(() => ofToday(bad.schoolId))
          .then((of) => of?.day),
      {
        ...{ timeout: 30_000, interval: 100 },
      },
    );
    const again: string[] = [];
    await Backup.nightly({ cell, until: Date.now() + 60_000, onDumped: (schoolId) => void again.push(schoolId) });
    expect(again.filter((id) => schools.some(({ schoolId }) => schoolId === id))).toEqual([]);
  });

  test("two concurrent runs lease different schools", async () => {
    for (let i = 0; i < 3; i++) await aSchool({ cell });
    const day = new Date().toISOString().slice(0, 10);
    const taken = await Promise.all(Array.from({ length: 6 }, () => next(cell, day, 1)));
    const given = taken.filter((each) => each !== undefined);
    expect(new Set(given).size).toBe(given.length);
    // An opening gets a school that is not locked.
    for (let i = 0; i < 3; i++) await aSchool({ cell });
    const after = [await next(cell, day, 60), await next(cell, day, 60), await next(cell, day, 60)];
    expect(new Set(after.filter((each) => each !== undefined)).size).toBe(3);
  });
});

test("a dump's transaction is read-only, and other requests stay out of a suspended school", async () => {
  const school = await aSchool();
  await expect(
    asSystem(school, () =>
      Db.snapshot(({ tx }) => tx.insert(userTable).values({ id: "usr_x", email: "x@x.x", givenName: "x" })),
    ),
  ).rejects.toThrow();
  await School.suspend({ slug: school.slug, reason: "test" });
  const route = await fresh(school);
  await expect(asSystem(route, () => Db.use((tx) => tx.select().from(userTable)))).rejects.toMatchObject({
    code: "school.suspended",
  });
  expect((await dumpOf(route)).manifest.school.id).toBe(school.schoolId);
});

test("a replaced schema is dropped after a week, or with the school", { timeout: 60_000 }, async () => {
  const school = await aSchool();
  await dumpOf(school);
  const { kept } = await Restore.restore({ slug: school.slug });
  expect(await tracesOf({ ...school, slug: "none" })).toContain(`schema ${kept}`);
  expect(await Provision.dropReplaced(new Date(Date.now() + 6 * 86_400_000))).not.toContain(kept);
  // Another test file may drop it first.
  await Provision.dropReplaced(new Date(Date.now() + 8 * 86_400_000));
  expect(await tracesOf({ ...school, slug: "none" })).not.toContain(`schema ${kept}`);
  await Restore.restore({ slug: school.slug });
  const { schoolId, cell, table } = school;
  await School.remove({ slug: school.slug });
  expect(await tracesOf({ schoolId, cell, table, slug: school.slug })).toEqual([]);
});
