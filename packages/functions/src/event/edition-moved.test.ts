import { DeleteCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { Aws } from "@lectern/core/kernel/aws";
import { Db } from "@lectern/core/kernel/db";
import { HostItem } from "@lectern/core/kernel/directory";
import { Edition } from "@lectern/core/kernel/edition";
import { createId } from "@lectern/core/kernel/id";
import { Category } from "@lectern/core/learn/category";
import { Course } from "@lectern/core/learn/course";
import { aClass } from "@lectern/core/learn/progress/testing";
import { Identity } from "@lectern/core/people/identity";
import { Settings } from "@lectern/core/people/settings";
import { Catalog } from "@lectern/tenants/catalog";
import { Domain } from "@lectern/tenants/domain";
import { Provision } from "@lectern/tenants/provision";
import { School } from "@lectern/tenants/school";
import { aSchool, asUser, aUser } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { editionMoved } from "./reactions/edition-moved.ts";
import { observeSteps } from "./steps.ts";
import { ownCloud, settle } from "./testing/own-cloud.ts";

// From what somebody does to the store that the edge reads, on real queues.

let cloud: Awaited<ReturnType<typeof ownCloud>>;
beforeAll(async () => {
  cloud = await ownCloud();
  await Provision.refill({ target: 4 });
}, 90_000);
afterAll(async () => {
  await Promise.all([Db.close(), Catalog.close()]);
  await cloud.stop();
});

afterEach(() => observeSteps(undefined));

/** Of each host what the edge would read; undefined where there is none. */
const editionsOf = (...hosts: string[]) =>
  Promise.all(
    hosts.map(async (host) => {
      const query = new URLSearchParams({ arn: cloud.resources.EdgeStore.arn, key: Edition.keyOf(host) });
      const answer = await fetch(`${cloud.resources.LocalCloud.endpoints.cloudfrontKvs}/value?${query}`);
      return answer.ok ? answer.text() : undefined;
    }),
  );

/** As if more than a quarter of a minute had gone by since the last move of every school. */
async function forgetAll(): Promise<void> {
  let from: Record<string, unknown> | undefined;
  do {
    const page = await Aws.dynamodb().send(
      new ScanCommand({ TableName: Resource.DirectoryTable.name, ExclusiveStartKey: from }),
    );
    for (const { pk, sk } of page.Items ?? [])
      if (String(pk).startsWith("$edge"))
        await Aws.dynamodb().send(new DeleteCommand({ TableName: Resource.DirectoryTable.name, Key: { pk, sk } }));
    from = page.LastEvaluatedKey;
  } while (from);
}

describe("the pages kept of a school", () => {
  const host = (school: { slug: string }) => `${school.slug}.localhost`;

  test("are let go of on all its hosts when a course is published, and those of no other school", async () => {
    const [each, other] = [await aClass(1), await aClass(1)];
    const own = `${createId("school").slice(-10)}.example`;
    await HostItem().put({ host: own, schoolId: each.school.schoolId }).go();
    await settle();
    await forgetAll();
    const before = await editionsOf(host(each.school), own, host(other.school));
    await each.asTeacher(() => Course.unpublish({ courseId: each.courseId }));
    await settle();
    const after = await editionsOf(host(each.school), own, host(other.school));
    expect(after.slice(0, 2)).not.toContain(before[0]);
    expect(after[0]).toBeTruthy();
    expect(after[1]).toBe(after[0]);
    expect(after[2]).toBe(before[2]);
  });
});

describe("what visitors see changes, and the editions with it", () => {
  type Each = Awaited<ReturnType<typeof aClass>>;
  const asOwner = (each: Each, work: () => Promise<unknown>) => asUser(each.school, { roles: ["owner"] }, work);
  const lessonOf = async (each: Each) => {
    const { modules } = await Course.editor({ courseId: each.courseId });
    const [module] = modules;
    return { moduleId: module?.id ?? "", lessonId: each.lesson(0) };
  };
  const versionOf = async (each: Each) => (await Course.editor({ courseId: each.courseId })).version;
  const draft = async (each: Each) => each.asTeacher(() => Course.unpublish({ courseId: each.courseId }));

  const changes: Record<string, (each: Each) => Promise<unknown>> = {
    "a course is taken back": (each) => draft(each),
    "a course is archived": (each) => each.asTeacher(() => Course.archive({ courseId: each.courseId })),
    "a course gets a new title": (each) =>
      each.asTeacher(async () => {
        await Course.update({ courseId: each.courseId, version: await versionOf(each), title: "Algebra II" });
      }),
    "a module is added": (each) => each.asTeacher(() => Course.addModule({ courseId: each.courseId, title: "More" })),
    "a lesson is added": (each) =>
      each.asTeacher(async () => {
        const { moduleId } = await lessonOf(each);
        await Course.addLesson({ moduleId, title: "Lines", source: "Words", format: "markdown", status: "published" });
      }),
    "somebody else teaches it": (each) =>
      asOwner(each, async () => {
        const { userId } = await aUser(each.school, { roles: ["instructor"] });
        await Course.addStaff({ courseId: each.courseId, userId });
      }),
    "whoever teaches has a new name": (each) =>
      each.asTeacher(() => Identity.updateMe({ familyName: `Name ${createId("user").slice(-6)}` })),
    "a category is made": (each) => asOwner(each, () => Category.create({ name: "Mathematics" })),
    "the school has a new name": (each) => asOwner(each, () => School.setBrand({ name: "New School" })),
    "the school speaks another language": (each) => asOwner(each, () => Settings.update({ locale: "de" })),
    "the school is paused": (each) => School.suspend({ slug: each.school.slug, reason: "unpaid" }),
    "the school is removed": (each) => School.remove({ slug: each.school.slug }),
  };

  test.each(Object.keys(changes))("when %s", { timeout: 60_000 }, async (name) => {
    const each = await aClass(1);
    const at = `${each.school.slug}.localhost`;
    // Publishing it has been told; the second move of that comes later than this test ends.
    await settle();
    await forgetAll();
    const [before] = await editionsOf(at);
    await changes[name]?.(each);
    await settle();
    const [after] = await editionsOf(at);
    expect(after).toBeTruthy();
    expect(after).not.toBe(before);
  });

  test("when it is opened again after a pause, although its events were parked meanwhile", {
    timeout: 60_000,
  }, async () => {
    const each = await aClass(1);
    await School.suspend({ slug: each.school.slug, reason: "unpaid" });
    await settle();
    await forgetAll();
    const at = `${each.school.slug}.localhost`;
    const [before] = await editionsOf(at);
    await School.resume({ slug: each.school.slug });
    await settle();
    expect((await editionsOf(at))[0]).not.toBe(before);
  });

  test("and not when nobody but its makers can see the change", async () => {
    const each = await aClass(1);
    await draft(each);
    await settle();
    await forgetAll();
    const at = `${each.school.slug}.localhost`;
    const [before] = await editionsOf(at);
    await each.asTeacher(async () => {
      await Course.update({ courseId: each.courseId, version: await versionOf(each), title: "A draft" });
      await Course.addModule({ courseId: each.courseId, title: "More" });
    });
    await settle();
    expect((await editionsOf(at))[0]).toBe(before);
  });
});

test("it hears of events that somebody tells", () => {
  const all = [Course, Category, Identity, School, Domain].flatMap(({ Events }) =>
    Object.values(Events).map(({ type }) => type),
  );
  expect(editionMoved.on.filter((type) => !all.includes(type as (typeof all)[number]))).toEqual([]);
});

describe("the message", () => {
  const record = (schoolId: string, told = Date.now()) => ({
    messageId: createId("event"),
    attributes: { SentTimestamp: String(told), ApproximateReceiveCount: "1" },
    body: JSON.stringify({
      id: "1",
      source: "lectern.school",
      "detail-type": "school.brand_changed",
      detail: {
        id: createId("event"),
        type: "school.brand_changed",
        version: 1,
        schoolId,
        actor: { type: "system", id: null },
        occurredAt: new Date(told).toISOString(),
        correlationId: "test",
        causationId: null,
        data: {},
      },
    }),
  });

  test("is done after one move when what changed stands in the database", async () => {
    const school = await aSchool();
    const told = record(school.schoolId);
    const body = told.body.replaceAll("school.brand_changed", "course.changed");
    expect((await editionMoved.handler({ Records: [{ ...told, body }] })).batchItemFailures).toEqual([]);
    expect((await editionsOf(`${school.slug}.localhost`))[0]).toBeTruthy();
  });

  test("of a change of its look stays in the queue after the first move, and is done after the second", async () => {
    const school = await aSchool();
    const at = `${school.slug}.localhost`;
    const first = record(school.schoolId);
    expect((await editionMoved.handler({ Records: [first] })).batchItemFailures).toHaveLength(1);
    const [once] = await editionsOf(at);
    expect(once).toBeTruthy();
    // The same message as it would come three quarters of a minute later.
    await forgetAll();
    const later = record(school.schoolId, Date.now() - 60_000);
    expect((await editionMoved.handler({ Records: [later] })).batchItemFailures).toEqual([]);
    expect((await editionsOf(at))[0]).not.toBe(once);
  });

  test("that a domain is no longer the school's lets go of what is kept under it", async () => {
    const school = await aSchool();
    const host = `${createId("school").slice(-10)}.example`;
    const told = record(school.schoolId, Date.now() - 60_000);
    const body = JSON.parse(told.body);
    Object.assign(body.detail, { type: "domain.removed", data: { host } });
    await editionMoved.handler({ Records: [{ ...told, body: JSON.stringify(body) }] });
    expect((await editionsOf(host))[0]).toBeTruthy();
  });

  test.each(["edition-moved: begin", "edition-moved: end"])("comes again when its worker dies at “%s”", async (at) => {
    const school = await aSchool();
    const host = `${school.slug}.localhost`;
    const told = record(school.schoolId, Date.now() - 60_000);
    observeSteps((step) => {
      if (step === at) throw new Error("died");
    });
    expect((await editionMoved.handler({ Records: [told] })).batchItemFailures).toHaveLength(1);
    observeSteps(undefined);
    expect((await editionMoved.handler({ Records: [told] })).batchItemFailures).toEqual([]);
    expect((await editionsOf(host))[0]).toBeTruthy();
  });

  test("stays when the store does not answer", async () => {
    const school = await aSchool();
    const { arn } = Resource.EdgeStore;
    Resource.EdgeStore.arn = arn.replace(/0{12}$/, "999999999999");
    try {
      const old = record(school.schoolId, Date.now() - 60_000);
      expect((await editionMoved.handler({ Records: [old] })).batchItemFailures).toHaveLength(1);
      expect(await editionsOf(`${school.slug}.localhost`).catch(() => [])).not.toContain(expect.anything());
      Resource.EdgeStore.arn = arn;
      expect((await editionMoved.handler({ Records: [old] })).batchItemFailures).toEqual([]);
    } finally {
      Resource.EdgeStore.arn = arn;
    }
    expect((await editionsOf(`${school.slug}.localhost`))[0]).toBeTruthy();
  });
});
