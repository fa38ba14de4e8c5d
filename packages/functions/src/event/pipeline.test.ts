import { Db } from "@lectern/core/kernel/db";
import { type Envelope, OutboxItem } from "@lectern/core/kernel/event";
import { createId } from "@lectern/core/kernel/id";
import { Certificate } from "@lectern/core/learn/certificate";
import { certificateTable } from "@lectern/core/learn/certificate/certificate.sql";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { enrollmentTable } from "@lectern/core/learn/enrollment/enrollment.sql";
import { Progress } from "@lectern/core/learn/progress";
import { aClass, type Class } from "@lectern/core/learn/progress/testing";
import { Identity } from "@lectern/core/people/identity";
import { Settings } from "@lectern/core/people/settings";
import { Notify } from "@lectern/core/talk/notify";
import { Catalog } from "@lectern/tenants/catalog";
import { Provision } from "@lectern/tenants/provision";
import { School } from "@lectern/tenants/school";
import { aSchool, asPublic, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { unpark } from "./parked.ts";
import { courseCompleted } from "./reactions/course-completed.ts";
import { drain } from "./relay.ts";
import { observeSteps } from "./steps.ts";
import { type InboxMail, ownCloud, settle } from "./testing/own-cloud.ts";

// From the transaction to the inbox, on real queues, with the test as relay and worker.

let cloud: Awaited<ReturnType<typeof ownCloud>>;
beforeAll(async () => {
  cloud = await ownCloud({ "mail/settle-seconds": "2" });
  await Provision.refill({ target: 4 });
}, 90_000);
afterAll(async () => {
  await Promise.all([Db.close(), Catalog.close()]);
  await cloud.stop();
});
afterEach(() => observeSteps(undefined));

const mailsTo = async (email: string): Promise<InboxMail[]> =>
  (await cloud.mails()).filter(({ to }) => to.some((each) => each.includes(email)));

const subjects = (mails: readonly InboxMail[]) => mails.map(({ subject }) => subject).sort();

const finish = (each: Class) =>
  each.asLearner(async () => {
    for (const lessonId of each.lessonIds) await Progress.markDone({ courseId: each.courseId, lessonId });
  });

describe("the path of an event", () => {
  test("enrolling and completing a course: mails, notifications, certificate, each once, also when all comes again", async () => {
    const each = await aClass(7);
    const { userId, email } = await aUser(each.school, {
      roles: ["learner"],
      givenName: "Grace",
      familyName: "Hopper",
    });
    const asGrace = <T>(work: () => Promise<T>) => asUser(each.school, { roles: ["learner"], userId }, work);
    await asSystem(each.school, () =>
      Settings.update({ contactEmail: "office@münchen.example", postalAddress: "12 Quay Street\nGalway" }),
    );
    await settle();
    await asGrace(async () => {
      await Enrollment.create({ courseId: each.courseId });
      for (const lessonId of each.lessonIds.slice(0, 4)) await Progress.markDone({ courseId: each.courseId, lessonId });
    });
    await settle();
    await asGrace(async () => {
      for (const lessonId of each.lessonIds) await Progress.markDone({ courseId: each.courseId, lessonId });
    });
    await settle();
    const expected = ["You are enrolled: Algebra I", "Your certificate: Algebra I"];
    expect(subjects(await mailsTo(email))).toEqual(expected);
    const first = (await mailsTo(email)).find(({ subject }) => subject.startsWith("You are enrolled"));
    expect(first?.replyTo).toEqual(["office@xn--mnchen-3ya.example"]);
    expect(first?.text).toContain("12 Quay Street\nGalway");
    const headers = Object.fromEntries(
      Object.entries(first?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    expect(headers["list-unsubscribe"]).toMatch(/^<https?:\/\/[!-~]+\/learn\/[!-~]+>$/);
    await asGrace(async () => {
      const { items } = await Certificate.mine({});
      expect(items).toMatchObject([{ learnerName: "Grace Hopper", lessons: 7 }]);
      const [mail] = (await mailsTo(email)).filter(({ subject }) => subject.includes("certificate"));
      expect(mail?.text).toContain(`/certificates/${items[0]?.number}`);
      expect(mail?.headers["X-Lectern-Mail"] ?? mail?.headers["x-lectern-mail"]).toBe(mail?.tags.mail);
      const feed = await Notify.feed({});
      expect(feed.items.map(({ title }) => title).sort()).toEqual([
        "Half of Algebra I is done",
        "You are enrolled in Algebra I",
        "You have completed Algebra I",
      ]);
      expect(feed.unread).toBe(3);
      const rows = await Db.use((tx) => tx.select().from(enrollmentTable));
      expect(rows.filter((row) => row.userId === userId)).toMatchObject([{ status: "completed" }]);
      expect((await Progress.dashboard({})).courses[0]?.certificateNumber).toBe(items[0]?.number);
    });
    // The same events once more: new ids would be new events, so the very envelopes go back into the outbox.
    const { enrollmentId } = await each.asPlatform(async () => {
      const [row] = await Db.use((tx) => tx.select().from(certificateTable));
      return { enrollmentId: row?.enrollmentId ?? "" };
    });
    const told: Envelope = {
      id: createId("event"),
      type: "course.completed",
      version: 1,
      schoolId: each.school.schoolId,
      actor: { type: "user", id: userId },
      occurredAt: new Date().toISOString(),
      correlationId: "test",
      causationId: null,
      data: { courseId: each.courseId, userId, enrollmentId },
    };
    const record = (messageId: string) => ({
      messageId,
      body: JSON.stringify({ id: messageId, source: "lectern.course", "detail-type": told.type, detail: told }),
    });
    const again = await courseCompleted.handler({ Records: ["a", "b", "c"].map(record) });
    expect(again.batchItemFailures).toEqual([]);
    await settle();
    expect(subjects(await mailsTo(email))).toEqual(expected);
  });

  test("signing up, being invited, asking to teach: the right mail to the right person with a link that works", async () => {
    const school = await aSchool({ name: "Harbour School" });
    const owner = await aUser(school, { roles: ["owner"], givenName: "Olga" });
    const email = `new-${createId("user").slice(-8)}@example.test`;
    await asPublic(school, () =>
      Identity.signUp({ email, password: "a long enough secret", givenName: "Nora", familyName: "New" }),
    );
    const invited = `inv-${createId("user").slice(-8)}@example.test`;
    await asUser(school, { roles: ["owner"], userId: owner.userId }, () =>
      Identity.invite({ email: invited, roles: ["instructor"], message: "Please teach tides." }),
    );
    await settle();
    const [verify, ...others] = await mailsTo(email);
    expect(others).toEqual([]);
    expect(verify?.subject).toBe("Confirm your e-mail address for Harbour School");
    const token = /[?&]token=([^\s&]+)/.exec(verify?.text ?? "")?.[1] ?? "";
    await asPublic(school, () =>
      Identity.verifyEmail({ token: decodeURIComponent(token), password: "a long enough secret" }),
    );
    const [invitation] = await mailsTo(invited);
    expect(invitation?.text).toContain("> Please teach tides.");
    const inviteToken = /[?&]token=([^\s&]+)/.exec(invitation?.text ?? "")?.[1] ?? "";
    const shown = await asPublic(school, () =>
      Enrollment.invitationByToken({ token: decodeURIComponent(inviteToken) }),
    );
    expect(shown).toMatchObject({ email: invited });
    const teacher = await aUser(school, { roles: ["learner"], givenName: "Tim", familyName: "Teach" });
    await asUser(school, { roles: ["learner"], userId: teacher.userId }, () =>
      Identity.applyAsInstructor({ message: "Nine years of statistics." }),
    );
    await settle();
    expect(subjects(await mailsTo(owner.email))).toEqual(["Tim Teach would like to teach at Harbour School"]);
    await asUser(school, { roles: ["owner"], userId: owner.userId }, async () => {
      const { items } = await Identity.roleRequests({ status: "pending" });
      expect(await Notify.unread({})).toBe(1);
      await Identity.decideRoleRequest({ roleRequestId: items[0]?.id ?? "", approve: true });
    });
    await settle();
    expect(subjects(await mailsTo(teacher.email))).toEqual(["You can teach at Harbour School"]);
  });

  test("a new school: its owner is told, and finds it by address afterwards", async () => {
    const email = `owner-${createId("user").slice(-8)}@example.test`;
    const opened = await School.open({
      slug: `o-${createId("school").slice(-10)}`,
      name: "Tide School",
      owner: { email, givenName: "Olga", familyName: "Owner", password: "a long enough secret" },
    });
    await settle();
    expect(subjects(await mailsTo(email))).toContain("Tide School is open");
    await Identity.findSchools({ email });
    await settle();
    const found = (await mailsTo(email)).find(({ subject }) => subject === "Your school on Lectern");
    expect(found?.text).toContain(opened.url.replace(/\/$/, ""));
  });
});

describe("the relay", () => {
  test("dying between publishing and forgetting repeats events and loses none", async () => {
    const each = await aClass(1);
    observeSteps((step) => {
      if (step === "relay: published") throw new Error("died");
    });
    await finish(each);
    await expect(drain()).rejects.toThrow();
    await expect(drain()).rejects.toThrow();
    observeSteps(undefined);
    await settle();
    expect(subjects(await mailsTo(each.learner.email))).toEqual(["Your certificate: Algebra I"]);
  });

  test("what the bus does not take stays, waits longer each time, and holds up nobody", async () => {
    const each = await aClass(1);
    const { school } = each;
    const poison = createId("event", 1); // the oldest of all
    const huge = { id: poison, type: "test.poisoned", schoolId: school.schoolId, filler: "x".repeat(300_000) };
    await asSystem(school, () =>
      Db.use((tx) => tx.execute(sql`select bus.emit(${poison}, 'test.poisoned', ${JSON.stringify(huge)}::jsonb)`)),
    );
    const item = { schoolId: school.schoolId, eventId: poison, type: "test.poisoned", shard: "0" };
    await OutboxItem.asPlatform(school.table)
      .put({ ...item, envelope: JSON.stringify(huge) })
      .go();
    await finish(each);
    await each.asTeacher(async () => {
      const person = await aUser(school, { roles: ["learner"], email: `p-${createId("user").slice(-8)}@example.test` });
      await Enrollment.add({ courseId: each.courseId, userId: person.userId });
    });
    await settle();
    expect(subjects(await mailsTo(each.learner.email))).toEqual(["Your certificate: Algebra I"]);
    const rows = await Catalog.use(school.cell, (tx) =>
      tx.execute<{ id: string; attempts: number; age: string }>(
        sql`select id, attempts, extract(epoch from now() - created_at) as age from bus.outbox where school_id = ${school.schoolId}`,
      ),
    );
    expect(rows).toMatchObject([{ id: poison }]);
    expect(rows[0]?.attempts).toBeGreaterThan(0);
    // Tried again after 2, 4, 8, ... seconds.
    expect(2 ** ((rows[0]?.attempts ?? 0) - 1)).toBeLessThan(Number(rows[0]?.age));
    expect(
      (await OutboxItem.asPlatform(school.table).get({ schoolId: school.schoolId, eventId: poison }).go()).data,
    ).toMatchObject({ type: "test.poisoned" });
    await OutboxItem.asPlatform(school.table).delete({ schoolId: school.schoolId, eventId: poison }).go();
    await Catalog.use(school.cell, (tx) => tx.execute(sql`delete from bus.outbox where id = ${poison}`));
  });
});

describe("the relay of events born in DynamoDB", () => {
  test("publishes more events than one call of EventBridge takes", async () => {
    const { school } = await aClass(1);
    await settle();
    const item = { schoolId: school.schoolId, type: "test.many", shard: "0", envelope: "{}" };
    const outbox = OutboxItem.asPlatform(school.table);
    await outbox.put(Array.from({ length: 23 }, () => ({ ...item, eventId: createId("event") }))).go();
    expect(await drain()).toBe(23);
    expect(await drain()).toBe(0);
  });

  test("keeps an event that the bus refuses, publishes its neighbors, and publishes it once the bus takes it", async () => {
    const each = await aClass(2);
    const { schoolId, table } = each.school;
    const outbox = OutboxItem.asPlatform(table);
    const items = async () => (await outbox.query.unpublished({ shard: "0" }).go({ pages: "all" })).data;
    const mine = async () => (await items()).filter((item) => item.schoolId === schoolId).map(({ eventId }) => eventId);
    const [refused, accepted] = [createId("event", 1), createId("event")];
    const item = { schoolId, type: "test.refused", shard: "0" };
    // A detail that is no JSON is refused by EventBridge entry by entry, as a throttled one is.
    await outbox.put({ ...item, eventId: refused, envelope: "{" }).go();
    await outbox.put({ ...item, eventId: accepted, envelope: "{}" }).go();
    await drain();
    expect(await mine()).toEqual([refused]);
    await drain();
    expect(await mine()).toEqual([refused]);
    await outbox.put({ ...item, eventId: refused, envelope: "{}" }).go();
    expect(await drain()).toBe(1);
    expect(await mine()).toEqual([]);
  });
});

test("a drain asked for while one is under way publishes what the first has passed already", async () => {
  const { school } = await aClass(1);
  await settle();
  const outbox = OutboxItem.asPlatform(school.table);
  const late = createId("event");
  let again: Promise<number> | undefined;
  observeSteps(async () => {
    if (again) return;
    again = Promise.resolve(0);
    await outbox.put({ schoolId: school.schoolId, eventId: late, type: "test.late", shard: "0", envelope: "{}" }).go();
    again = drain();
  });
  expect((await drain()) + ((await again) ?? 0)).toBe(1);
  expect((await outbox.get({ schoolId: school.schoolId, eventId: late }).go()).data).toBeNull();
});

describe("schools that are not open", () => {
  test("what happened before a suspension is done after it", async () => {
    const each = await aClass(1);
    await finish(each);
    await School.suspend({ slug: each.school.slug, reason: "unpaid" });
    await settle();
    expect(await mailsTo(each.learner.email)).toEqual([]);
    expect(await unpark()).toEqual({ sent: 0, dropped: 0 });
    await School.resume({ slug: each.school.slug });
    expect((await unpark()).sent).toBeGreaterThan(0);
    expect(await unpark()).toEqual({ sent: 0, dropped: 0 });
    await settle();
    expect(subjects(await mailsTo(each.learner.email))).toEqual(["Your certificate: Algebra I"]);
  });

  test("what waits for a school that is deleted is dropped", async () => {
    const each = await aClass(1);
    await finish(each);
    await School.suspend({ slug: each.school.slug, reason: "leaving" });
    await settle();
    await School.remove({ slug: each.school.slug });
    await unpark();
    await settle();
    expect(await mailsTo(each.learner.email)).toEqual([]);
  });
});
