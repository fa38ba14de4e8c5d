import { GetObjectCommand } from "@aws-sdk/client-s3";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Route } from "@lectern/core/kernel/actor";
import { Aws } from "@lectern/core/kernel/aws";
import { Db } from "@lectern/core/kernel/db";
import { Directory } from "@lectern/core/kernel/directory";
import { itemsOf } from "@lectern/core/kernel/dynamo";
import { createId } from "@lectern/core/kernel/id";
import { Certificate } from "@lectern/core/learn/certificate";
import { certificateTable } from "@lectern/core/learn/certificate/certificate.sql";
import { enrollmentTable } from "@lectern/core/learn/enrollment/enrollment.sql";
import { Progress } from "@lectern/core/learn/progress";
import { aClass, type Class } from "@lectern/core/learn/progress/testing";
import { auditTable } from "@lectern/core/people/audit/audit.sql";
import { Identity } from "@lectern/core/people/identity";
import { invitationTable } from "@lectern/core/people/identity/identity.sql";
import { userTable } from "@lectern/core/people/identity/user.sql";
import { eq, sql } from "drizzle-orm";
import { Resource } from "sst";
import { afterAll, expect, test } from "vitest";
import { Backup } from "../backup/index.ts";
import { Catalog } from "../catalog/index.ts";
import { besideSteps, moveSteps, Restore, restoreSteps } from "../restore/index.ts";
import { School } from "../school/index.ts";
import { die } from "../testing/die.ts";
import { aSchool, asSystem, asUser, aUser } from "../testing/index.ts";
import { Erasure, eraseSteps } from "./index.ts";

afterAll(() => Promise.all([Db.close(), Catalog.close()]));

const fresh = async (schoolId: string): Promise<Route> => {
  Directory.forget(schoolId);
  const route = await Directory.readSchool(schoolId);
  if (!route) throw new Error("no school");
  return route;
};

/** Creates a learner with progress, a certificate, a session and an invitation, beside another who stays. */
async function aPerson(cell?: string) {
  const of: Class = await aClass(1, await aSchool({ ...(cell && { cell }) }));
  await of.asLearner(() => Progress.markDone({ courseId: of.courseId, lessonId: of.lesson(0) }));
  const { userId } = of.learner;
  await asSystem(of.school, async () => {
    const [enrollment] = await Db.use((tx) => tx.select().from(enrollmentTable));
    await Certificate.issue({ enrollmentId: enrollment?.id ?? "" });
    await Identity.indexForFinder(userId);
  });
  const { sessionId } = await asSystem(of.school, () => Identity.Session.begin({ userId }));
  const refresh = Identity.AuthStore.partitions.refresh(`${userId}/${sessionId}`);
  await Identity.AuthStore.put(refresh, "token", { userId }, new Date(Date.now() + 3_600_000));
  const email = await asSystem(of.school, () => Identity.get({ userId }).then((person) => person.email));
  await asSystem(of.school, () =>
    Db.use((tx) =>
      tx.insert(invitationTable).values({ id: createId("invitation"), email, roles: [], expiresAt: new Date() }),
    ),
  );
  const other = await aUser(of.school, { roles: ["learner"] });
  await asSystem(of.school, () => Identity.indexForFinder(other.userId));
  return { of, school: of.school, userId, email, other: other.userId, refresh };
}

/** Counts the school's people in "find my school" and the session's refresh tokens. */
async function known(school: Route, refresh: string): Promise<{ found: number; tokens: number }> {
  const { Items = [] } = await Aws.dynamodb().send(
    new ScanCommand({
      ...{ TableName: Resource.DirectoryTable.name, ConsistentRead: true },
      FilterExpression: "begins_with(pk, :finder) and schoolId = :school",
      ExpressionAttributeValues: { ":finder": "$finder", ":school": school.schoolId },
    }),
  );
  let tokens = 0;
  for await (const _ of Identity.AuthStore.scan(refresh)) tokens += 1;
  return { found: Items.length, tokens };
}

const services = ["bus", "identity", "learning", "limits", "notify"] as const;

/** Returns where traces of a person exist: tables by name, services of items. */
async function tracesOf(school: Route, needles: readonly string[], userId: string): Promise<string[]> {
  return asSystem(school, async () => {
    const found: string[] = [];
    await Db.use(async (tx) => {
      const tables = await tx.execute<{ name: string }>(sql`
        select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'`);
      for (const { name } of tables)
        for (const needle of needles) {
          const [row] = await tx.execute<{ rows: number }>(
            sql`select count(*)::int as rows from ${sql.identifier(name)} t where strpos(t::text, ${needle}) > 0`,
          );
          if (row?.rows) found.push(`${name} ${needle === userId ? "id" : "words"}`);
        }
    });
    for (const service of services) if ((await itemsOf(service, userId)).length > 0) found.push(service);
    return found.sort();
  });
}

const isThere = (school: Route, userId: string): Promise<boolean> =>
  asSystem(school, () => Db.use((tx) => tx.select().from(userTable).where(eq(userTable.id, userId)))).then(
    (rows) => rows.length > 0,
  );

test("an erased person leaves only ids in the audit trail, and the list holds only an id", {
  timeout: 60_000,
}, async () => {
  const { school, userId, email, other, refresh } = await aPerson();
  const traces = ["certificate id", "enrollment id", "invitation words", "identity", "learning", "user words"];
  expect(await tracesOf(school, [userId, email], userId)).toEqual(expect.arrayContaining(traces));
  expect(await known(school, refresh)).toEqual({ found: 2, tokens: 1 });
  await asSystem(school, () => Erasure.erase({ userId }));
  expect(await known(school, refresh)).toEqual({ found: 1, tokens: 0 });
  expect(await tracesOf(school, [userId, email], userId)).toEqual(["audit_entry id"]);
  expect(await isThere(school, other)).toBe(true);
  const [entry] = await asSystem(school, () =>
    Db.use((tx) => tx.select().from(auditTable).where(eq(auditTable.action, "user.erased"))),
  );
  expect(entry).toMatchObject({ targetId: userId, data: {} });
  const { Body } = await Aws.s3().send(
    new GetObjectCommand({ Bucket: Resource.BackupsBucket.name, Key: `${school.schoolId}/erased/${userId}` }),
  );
  expect(await Body?.transformToString()).toBe("{}");
  // A second call changes nothing and writes no second audit entry.
  await asSystem(school, () => Erasure.erase({ userId }));
  const entries = await asSystem(school, () =>
    Db.use((tx) => tx.select().from(auditTable).where(eq(auditTable.action, "user.erased"))),
  );
  expect(entries).toHaveLength(1);
});

test("erasing deletes the person's rows from every table with a `user_id`", async () => {
  const school = await aSchool();
  const tables = await asSystem(school, () =>
    Db.use((tx) =>
      tx.execute<{ name: string; cascades: boolean }>(sql`
        select c.relname as name, exists (
          select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and k.confdeltype = 'c'
            and k.confrelid = '"user"'::regclass and a.attnum = any(k.conkey)) as cascades
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id'
        where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'`),
    ),
  );
  expect(tables.length).toBeGreaterThan(5);
  const named = new Set<string>(Identity.ownRows.map(({ table }) => table));
  expect(tables.filter(({ name, cascades }) => !cascades && !named.has(name))).toEqual([]);
});

test("unknown people, the only owner and callers other than operators are refused, and the list stays empty", async () => {
  const school = await aSchool();
  const owner = await aUser(school, { roles: ["owner"] });
  const { userId } = await aUser(school, { roles: ["learner"] });
  await asSystem(school, async () => {
    await expect(Erasure.erase({ userId: "usr_00000000000000000000000000" })).rejects.toMatchObject({
      code: "user.not_found",
    });
    await expect(Erasure.erase({ userId: owner.userId })).rejects.toMatchObject({ code: "user.last_owner" });
  });
  await asUser(school, { roles: ["owner"], userId: owner.userId }, () =>
    expect(Erasure.erase({ userId })).rejects.toMatchObject({ code: "permission.denied" }),
  );
  // A person of another school is not found.
  const stranger = await aUser(await aSchool(), { roles: ["learner"] });
  await asSystem(school, () =>
    expect(Erasure.erase({ userId: stranger.userId })).rejects.toMatchObject({ code: "user.not_found" }),
  );
  expect(await Erasure.listed(school.schoolId)).toEqual([]);
  expect(await isThere(school, userId)).toBe(true);
});

test("a restore omits people erased since the dump: in place, as a new school, and after the school's removal", {
  timeout: 120_000,
}, async () => {
  const { school, userId, email, other } = await aPerson();
  await asSystem(school, () => Backup.dump());
  await asSystem(school, () => Erasure.erase({ userId }));
  await asSystem(school, () => Db.use((tx) => tx.delete(userTable).where(eq(userTable.id, other))));
  const { slug } = school;
  const { before } = await Restore.restore({ slug });
  const back = await fresh(school.schoolId);
  expect(await isThere(back, other)).toBe(true);
  expect(await tracesOf(back, [userId, email], userId)).toEqual([]);
  expect(await asSystem(back, () => Db.use((tx) => tx.select().from(certificateTable)))).toEqual([]);

  const beside = await Restore.restoreBeside({ of: slug, slug: `${slug}-b` });
  expect(await tracesOf(await fresh(beside.schoolId), [userId, email], userId)).toEqual([]);
  // Undoes the restore; its dump holds the person, whom the audit trail names by id only.
  await Restore.restore({ slug, from: before ?? "" });
  expect(await isThere(await fresh(school.schoolId), userId)).toBe(false);

  await School.remove({ slug });
  const again = await Restore.restoreBeside({ of: school.schoolId, slug });
  const anew = await fresh(again.schoolId);
  expect(await isThere(anew, other)).toBe(true);
  expect(await tracesOf(anew, [userId, email], userId)).toEqual([]);
});

test("a person whom a restored database brought back is erased again", { timeout: 60_000 }, async () => {
  const { school, userId, email, other } = await aPerson();
  const row = await asSystem(school, () => Db.use((tx) => tx.select().from(userTable).where(eq(userTable.id, userId))));
  await asSystem(school, () => Erasure.erase({ userId }));
  expect(await asSystem(school, () => Erasure.again())).toEqual({ erased: [] });
  await asSystem(school, () => Db.use((tx) => tx.insert(userTable).values(row)));
  expect(await asSystem(school, () => Erasure.again())).toEqual({ erased: [userId] });
  expect(await tracesOf(school, [userId, email], userId)).toEqual(["audit_entry id"]);
  expect(await isThere(school, other)).toBe(true);
});

test.each(eraseSteps)(
  "the next restore or the same call completes an erasure killed after the step %s",
  { timeout: 90_000 },
  async (step) => {
    const { school, userId, email, other } = await aPerson("local-1");
    await asSystem(school, () => Backup.dump());
    expect(await die("erase", step, school.schoolId, userId)).toBe(true);
    // A move takes the school's rows half erased.
    if (step === "unlisted") await Restore.move({ slug: school.slug, cell: "local-2" });
    else if (step !== "rows") await Restore.restore({ slug: school.slug });
    else await asSystem(school, () => Erasure.erase({ userId }));
    const left = await tracesOf(await fresh(school.schoolId), [userId, email], userId);
    expect(left.filter((trace) => trace !== "audit_entry id")).toEqual([]);
    expect(await isThere(await fresh(school.schoolId), other)).toBe(true);
  },
);

/** Before `rows`, no person has returned; tests of restores and moves cover earlier crashes. */
const fromRows = (steps: readonly string[]) => steps.slice(steps.indexOf("rows"));

test.each([
  ...fromRows(restoreSteps.slice(0, -1)).map((step) => ["restore", step] as const),
  ...fromRows(besideSteps).map((step) => ["beside", step] as const),
  ...fromRows(moveSteps.slice(0, -1)).map((step) => ["move", step] as const),
])("a %s killed after the step %s opens without the erased person", { timeout: 90_000 }, async (what, step) => {
  const { school, userId, email, other } = await aPerson("local-1");
  await asSystem(school, () => Backup.dump());
  if (what === "move") expect(await die("erase", "listed", school.schoolId, userId)).toBe(true);
  else await asSystem(school, () => Erasure.erase({ userId }));
  const { slug } = school;
  const args = { restore: [slug], beside: [slug, `${slug}-b`], move: [slug, "local-2"] }[what];
  expect(await die(what, step, ...args)).toBe(true);
  const { schoolId } =
    what === "restore"
      ? await Restore.restore({ slug })
      : what === "beside"
        ? await Restore.restoreBeside({ of: slug, slug: `${slug}-b` })
        : await Restore.move({ slug, cell: "local-2" });
  const opened = await fresh(schoolId);
  expect((await tracesOf(opened, [userId, email], userId)).filter((trace) => trace !== "audit_entry id")).toEqual([]);
  expect(await isThere(opened, other)).toBe(true);
});
