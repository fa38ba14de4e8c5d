import { aSchool, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { describe, expect, test } from "vitest";
import type { Route } from "../../kernel/actor/index.ts";
import { createId } from "../../kernel/id/index.ts";
import { Address } from "../../people/suppression/index.ts";
import { MailLedger, Notify } from "./index.ts";

const push = (school: Route, userId: string, eventId: string, title = "Hello") =>
  asSystem(school, () =>
    Notify.push({ eventId, userId, type: "test.happened", title, body: "", href: "/learn", at: Date.now() }),
  );

describe("the feed", () => {
  test("holds each event once, newest first, with the number of unread ones", async () => {
    const school = await aSchool();
    const { userId } = await aUser(school, { roles: ["learner"] });
    const events = Array.from({ length: 12 }, (_, i) => createId("event", Date.now() + i));
    // Each event three times, all at once.
    await Promise.all([...events, ...events, ...events].map((id) => push(school, userId, id, id)));
    await asUser(school, { roles: ["learner"], userId }, async () => {
      const first = await Notify.feed({ limit: 5 });
      expect(first.unread).toBe(12);
      expect(first.items.map(({ title }) => title)).toEqual([...events].reverse().slice(0, 5));
      const second = await Notify.feed({ limit: 100, cursor: first.nextCursor ?? "" });
      expect(second.items).toHaveLength(7);
      expect(second.nextCursor).toBeNull();
      const ids = first.items.slice(0, 2).map(({ id }) => id);
      // Two tabs mark the same ones.
      await Promise.all([Notify.markRead({ ids }), Notify.markRead({ ids })]);
      expect(await Notify.unread({})).toBe(10);
      await Promise.all([Notify.markRead({ all: true }), Notify.markRead({ all: true })]);
      expect(await Notify.unread({})).toBe(0);
      expect((await Notify.feed({})).items.every(({ readAt }) => readAt !== null)).toBe(true);
    });
  });

  test("is one's own, in one's own school", async () => {
    const school = await aSchool();
    const { userId } = await aUser(school, { roles: ["learner"] });
    await push(school, userId, createId("event"));
    await asUser(school, { roles: ["owner"] }, async () => expect((await Notify.feed({})).items).toEqual([]));
    await asUser(await aSchool(), { roles: ["learner"], userId }, async () => {
      expect(await Notify.feed({})).toMatchObject({ items: [], unread: 0 });
    });
    await asUser(school, { roles: ["owner"], userId }, () =>
      expect(
        Notify.push({ eventId: createId("event"), userId, type: "x", title: "x", href: "/", at: 1 }),
      ).rejects.toMatchObject({ kind: "forbidden" }),
    );
  });
});

describe("the ledger of mails", () => {
  let isHeard = true;
  const timing = { claimMs: 300, settleMs: 400, isHeard: async () => isHeard };
  const aMail = () => {
    const eventId = createId("event");
    return { mailId: MailLedger.mailIdOf("t", eventId, "ada@example.test"), template: "t", eventId };
  };
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  test("of many who would send the same mail one may", async () => {
    await asSystem(await aSchool(), async () => {
      const mail = aMail();
      const claims = await Promise.all(Array.from({ length: 20 }, () => MailLedger.claim(mail, timing)));
      expect(claims.filter(({ status }) => status === "yours")).toHaveLength(1);
      expect(claims.filter(({ status }) => status === "wait")).toHaveLength(19);
    });
  });

  test("who died while preparing is replaced, and finds out if it was not dead", async () => {
    await asSystem(await aSchool(), async () => {
      const mail = aMail();
      await MailLedger.claim(mail, timing);
      await pause(320);
      expect(await MailLedger.claim(mail, timing)).toEqual({ status: "yours", attempt: 2 });
      expect(await MailLedger.sending(mail.mailId, 1, timing)).toBe(false);
      expect(await MailLedger.sending(mail.mailId, 2, timing)).toBe(true);
    });
  });

  test("a doubtful mail waits for the provider's word, and its silence means no", async () => {
    await asSystem(await aSchool(), async () => {
      const [told, silent] = [aMail(), aMail()];
      for (const mail of [told, silent]) {
        await MailLedger.claim(mail, timing);
        await MailLedger.sending(mail.mailId, 1, timing); // and here the sender dies
        expect(await MailLedger.claim(mail, timing)).toMatchObject({ status: "wait" });
      }
      await MailLedger.confirm(told.mailId, "m-1");
      expect(await MailLedger.claim(told, timing)).toEqual({ status: "over" });
      await pause(420);
      // As long as words of the provider wait unread, silence proves nothing.
      isHeard = false;
      expect(await MailLedger.claim(silent, timing)).toMatchObject({ status: "wait" });
      isHeard = true;
      expect(await MailLedger.claim(silent, timing)).toEqual({ status: "yours", attempt: 2 });
      expect(await MailLedger.claim(told, timing)).toEqual({ status: "over" });
    });
  });

  test("a clear no of the provider may be tried again at once", async () => {
    await asSystem(await aSchool(), async () => {
      const mail = aMail();
      await MailLedger.claim(mail, timing);
      await MailLedger.sending(mail.mailId, 1, timing);
      await MailLedger.refused(mail.mailId, 1);
      expect(await MailLedger.claim(mail, timing)).toEqual({ status: "yours", attempt: 2 });
      await MailLedger.sending(mail.mailId, 2, timing);
      expect(await MailLedger.sent(mail.mailId, 2, "m-2")).toBe(true);
      expect(await MailLedger.claim(mail, timing)).toEqual({ status: "over" });
      expect(await MailLedger.confirm(mail.mailId, "m-2")).toBe(false);
    });
  });
});

test("who complains about news still gets the mails that keep an account theirs", async () => {
  const address = "ada@example.test";
  await asSystem(await aSchool(), async () => {
    await Address.mark({ address, reason: "complained", mailClass: "news", mailId: "mail" });
    expect(await Address.isWelcome(address, "news")).toBe(false);
    expect(await Address.isWelcome(address, "account")).toBe(true);
  });
});
