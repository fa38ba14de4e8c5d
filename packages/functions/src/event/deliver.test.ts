import { Db } from "@lectern/core/kernel/db";
import { defineEvent } from "@lectern/core/kernel/event";
import { createId } from "@lectern/core/kernel/id";
import type { Letter } from "@lectern/core/talk/letter";
import { defineNotification, Notify } from "@lectern/core/talk/notify";
import { Catalog } from "@lectern/tenants/catalog";
import { aSchool, asUser, aUser } from "@lectern/tenants/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { delivery } from "./deliver.ts";
import { ParkedItem } from "./parked.entity.ts";
import { ownCloud } from "./testing/own-cloud.ts";

let cloud: Awaited<ReturnType<typeof ownCloud>>;
beforeAll(async () => {
  cloud = await ownCloud({ "mail/settle-seconds": "2" });
}, 90_000);
afterAll(async () => {
  await Promise.all([Db.close(), Catalog.close()]);
  await cloud.stop();
});

const Happened = defineEvent("test.happened", z.object({ email: z.string(), userId: z.string() }));

const letter = (subject: string): Letter => ({
  subject,
  preheader: "",
  title: subject,
  paragraphs: [],
  why: "A test.",
});

const subjectsTo = async (email: string) =>
  (await cloud.mails()).filter(({ to }) => to.some((each) => each.includes(email))).map(({ subject }) => subject);

const declare = (name: string, more: Partial<Parameters<typeof defineNotification<typeof Happened.schema, Told>>[0]>) =>
  defineNotification<typeof Happened.schema, Told>({
    ...{ name, on: Happened, category: "news", to: async ({ data }) => [data] },
    ...more,
  });
interface Told {
  readonly email: string;
  readonly userId: string;
}

function recordOf(schoolId: string, data: Told) {
  const detail = {
    ...{ id: createId("event"), type: Happened.type, version: 1, schoolId, data },
    ...{ actor: { type: "system", id: null }, occurredAt: new Date().toISOString() },
    ...{ correlationId: "req_1", causationId: null },
  };
  const body = JSON.stringify({ id: "1", source: "lectern.test", "detail-type": Happened.type, detail });
  return { messageId: detail.id, body };
}

const toldIn = async () => {
  const school = await aSchool();
  const { userId, email } = await aUser(school, { roles: ["learner"] });
  return { school, told: { userId, email }, record: recordOf(school.schoolId, { userId, email }) };
};

test("a notification that fails keeps back no other of its event, and what arrived does not arrive again", async () => {
  const { school, told, record } = await toldIn();
  let isBroken = true;
  const { handler } = delivery("test", [
    declare("test-broken", {
      mail: () => {
        if (isBroken) throw new Error("trouble");
        return letter("Second");
      },
    }),
    declare("test-sound", { mail: () => letter("First"), feed: () => ({ title: "First", href: "/learn" }) }),
    declare("test-unreadable", {
      to: () => (isBroken ? Promise.reject(new Error("trouble")) : Promise.resolve([told])),
      mail: () => letter("Third"),
    }),
  ]);
  const failed = { batchItemFailures: [{ itemIdentifier: record.messageId }] };
  expect(await handler({ Records: [record] })).toEqual(failed);
  expect(await subjectsTo(told.email)).toEqual(["First"]);
  isBroken = false;
  // The claim of the mail that failed has to lapse.
  await expect
    .poll(() => handler({ Records: [record] }), { timeout: 30_000, interval: 500 })
    .toEqual({ batchItemFailures: [] });
  expect((await subjectsTo(told.email)).sort()).toEqual(["First", "Second", "Third"]);
  await asUser(school, { roles: ["learner"], userId: told.userId }, async () =>
    expect(await Notify.feed({})).toMatchObject({ unread: 1, items: [{ title: "First" }] }),
  );
});

test("a recipient that fails keeps back no other recipient", async () => {
  const { told, record } = await toldIn();
  const { handler } = delivery("test", [
    declare("test-many", {
      to: async () => [{ ...told, email: "broken@example.test" }, told],
      mail: ({ email }) => {
        if (email.startsWith("broken")) throw new Error("trouble");
        return letter("Hello");
      },
    }),
  ]);
  expect((await handler({ Records: [record] })).batchItemFailures).toHaveLength(1);
  expect(await subjectsTo(told.email)).toEqual(["Hello"]);
});

test("an event that hangs delays no other event of its batch", async () => {
  const hanging = await toldIn();
  const sound = await toldIn();
  const wrong = recordOf(sound.school.schoolId, { email: "x" } as Told);
  const { handler } = delivery(
    "test",
    [
      declare("test-hanging", {
        to: ({ data }) => (data.email === hanging.told.email ? new Promise(() => {}) : Promise.resolve([data])),
        mail: () => letter("Hello"),
      }),
    ],
    8_000,
  );
  const { batchItemFailures } = await handler({ Records: [hanging.record, wrong, sound.record] });
  expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual([
    hanging.record.messageId,
    wrong.messageId,
  ]);
  expect(await subjectsTo(sound.told.email)).toEqual(["Hello"]);
});

test("what happens in a school that is suspended meanwhile is parked, not failed", async () => {
  const { school, record } = await toldIn();
  const { DomainError } = await import("@lectern/core/kernel/error");
  const { handler } = delivery("test", [
    declare("test-suspended", {
      to: () => Promise.reject(new DomainError("forbidden", "school.suspended", "This school is suspended.")),
    }),
  ]);
  expect(await handler({ Records: [record] })).toEqual({ batchItemFailures: [] });
  const { schoolId } = school;
  const item = ParkedItem.asPlatform(school.table).get({ schoolId, consumer: "test", eventId: record.messageId });
  expect((await item.go()).data).not.toBeNull();
});

test("two notifications of one name, or with a feed entry on one event, are refused", () => {
  const feed = () => ({ title: "x", href: "/" });
  expect(() => delivery("test", [declare("a", {}), declare("a", {})])).toThrow("named a");
  expect(() => delivery("test", [declare("a", { feed }), declare("b", { feed })])).toThrow("test.happened");
});
