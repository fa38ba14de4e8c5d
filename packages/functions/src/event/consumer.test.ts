import { Inbox } from "@lectern/core/house/inbox";
import { Actor } from "@lectern/core/kernel/actor";
import { Directory, SchoolItem } from "@lectern/core/kernel/directory";
import { defineEvent, was } from "@lectern/core/kernel/event";
import { createId } from "@lectern/core/kernel/id";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { aSchool, asSystem, asUser } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import * as z from "zod";
import { consumer } from "./consumer.ts";
import { ParkedItem } from "./parked.entity.ts";

const recordOf = (messageId: string, envelope: unknown) => ({
  messageId,
  body: JSON.stringify({
    id: "1",
    source: "lectern.enrollment",
    "detail-type": "enrollment.created",
    detail: envelope,
  }),
});

const envelopeOf = (schoolId: string, change: object = {}) => ({
  id: createId("event"),
  type: "enrollment.created",
  version: 1,
  schoolId,
  actor: { type: "user", id: "usr_1" },
  occurredAt: new Date().toISOString(),
  correlationId: "req_1",
  causationId: null,
  data: { enrollmentId: "enr_1", courseId: "crs_1", userId: "usr_1" },
  ...change,
});

test("runs as the system in the event's school, for who caused it; one bad message fails alone", async () => {
  const school = await aSchool();
  const seen: unknown[] = [];
  const reaction = consumer("test", Enrollment.Events.Created, async (event) => {
    if (event.data.enrollmentId === "enr_bad") throw new Error("trouble");
    const actor = Actor.useActor();
    seen.push({ ...actor, school: actor.school.schoolId });
  });
  const good = envelopeOf(school.schoolId);
  const { batchItemFailures } = await reaction.handler({
    Records: [
      recordOf("good", good),
      recordOf(
        "trouble",
        envelopeOf(school.schoolId, { data: { enrollmentId: "enr_bad", courseId: "c", userId: "u" } }),
      ),
      recordOf("no-envelope", { hello: "world" }),
      recordOf("wrong-data", envelopeOf(school.schoolId, { data: { enrollmentId: 7 } })),
      recordOf("wrong-type", envelopeOf(school.schoolId, { type: "course.completed" })),
      recordOf("no-school", envelopeOf("' or 1=1")),
      { messageId: "no-json", body: "{" },
    ],
  });
  expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual([
    "trouble",
    "no-envelope",
    "wrong-data",
    "wrong-type",
    "no-school",
    "no-json",
  ]);
  expect(seen).toMatchObject([
    { type: "system", school: school.schoolId, onBehalfOf: "usr_1", causationId: good.id, correlationId: "req_1" },
  ]);
});

test("an event of a school that is gone is dropped; of one nobody knows yet it comes again", async () => {
  let calls = 0;
  const reaction = consumer("test", Enrollment.Events.Created, async () => {
    calls += 1;
  });
  const schoolId = createId("school");
  const old = new Date(Date.now() - 3_600_000).toISOString();
  const answer = await reaction.handler({
    Records: [recordOf("old", envelopeOf(schoolId, { occurredAt: old })), recordOf("new", envelopeOf(schoolId))],
  });
  expect(answer.batchItemFailures).toEqual([{ itemIdentifier: "new" }]);
  expect(calls).toBe(0);
});

test("an event of a suspended school is parked and one of a school that is being deleted is dropped", async () => {
  for (const state of ["suspended", "deleting"] as const) {
    const { schoolId, table } = await aSchool();
    await SchoolItem().patch({ schoolId }).set({ state }).go();
    let calls = 0;
    const reaction = consumer("test", Enrollment.Events.Created, async () => {
      calls += 1;
    });
    const envelope = envelopeOf(schoolId);
    Directory.forget(schoolId);
    expect(await reaction.handler({ Records: [recordOf("one", envelope)] })).toEqual({ batchItemFailures: [] });
    expect(calls).toBe(0);
    const parked = ParkedItem.asPlatform(table).get({ schoolId, consumer: "test", eventId: envelope.id });
    expect((await parked.go()).data !== null).toBe(state === "suspended");
  }
});

test("only the platform purges the inbox", async () => {
  await asUser(await aSchool(), { roles: ["owner"] }, () =>
    expect(Inbox.purge({})).rejects.toMatchObject({ kind: "forbidden" }),
  );
});

test("the inbox lets an effect happen once, and not at all when it fails", async () => {
  await asSystem(await aSchool(), async () => {
    const event = { id: createId("event") };
    let effects = 0;
    const effect = async () => {
      effects += 1;
      return "done";
    };
    await expect(Inbox.once("a", event, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    const answers = await Promise.all(Array.from({ length: 6 }, () => Inbox.once("a", event, effect)));
    expect(answers.filter((answer) => answer === "done")).toHaveLength(1);
    expect(await Inbox.once("b", event, effect)).toBe("done");
    expect(effects).toBe(2);
    await Inbox.purge({});
    expect(await Inbox.once("a", event, effect)).toBeUndefined();
  });
});

test("events of every version that were replayed arrive in today's form; one of a later release waits", async () => {
  const school = await aSchool();
  const Moved = defineEvent(
    "enrollment.created",
    z.object({ enrollmentId: z.string(), section: z.string().nullable() }),
    {
      formerly: [
        was(z.object({ id: z.string() }), ({ id }) => ({ enrollment: id })),
        was(z.object({ enrollment: z.string() }), ({ enrollment }) => ({ enrollmentId: enrollment, section: null })),
      ],
    },
  );
  expect(Moved.version).toBe(3);
  const seen: unknown[] = [];
  const reaction = consumer("test-versions", Moved, async ({ data }) => void seen.push(data));
  const versions = [
    { version: 1, data: { id: "enr_1" } },
    { version: 2, data: { enrollment: "enr_2" } },
    { version: 3, data: { enrollmentId: "enr_3", section: "a" } },
    { version: 4, data: { enrollmentId: "enr_4", place: "b" } },
    { version: 1, data: { enrollmentId: "enr_5", section: "a" } },
  ];
  const { batchItemFailures } = await reaction.handler({
    Records: versions.map((change, at) => recordOf(String(at), envelopeOf(school.schoolId, change))),
  });
  expect(seen).toEqual([
    { enrollmentId: "enr_1", section: null },
    { enrollmentId: "enr_2", section: null },
    { enrollmentId: "enr_3", section: "a" },
  ]);
  expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(["3", "4"]);
});
