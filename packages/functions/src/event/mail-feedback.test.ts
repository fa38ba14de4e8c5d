import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { createId } from "@lectern/core/kernel/id";
import { auditTable } from "@lectern/core/people/audit/audit.sql";
import { Identity } from "@lectern/core/people/identity";
import * as Letters from "@lectern/core/people/identity/account.letters";
import { Address } from "@lectern/core/people/suppression";
import { MailLedger } from "@lectern/core/talk/notify";
import { Catalog } from "@lectern/tenants/catalog";
import { aSchool, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { sendOnce } from "../mail/send.ts";
import { registry } from "./notifications.ts";
import { mailFeedback } from "./reactions/mail-feedback.ts";
import { ownCloud, settle } from "./testing/own-cloud.ts";

// A mail that comes back, from the mail part through bus and queue to the address that is suppressed.

let cloud: Awaited<ReturnType<typeof ownCloud>>;
let school: Route;
let label = "";
beforeAll(async () => {
  cloud = await ownCloud({ "mail/settle-seconds": "2" });
}, 90_000);
beforeEach(async () => {
  school = await aSchool();
  label = createId("run").slice(-10);
});
afterAll(async () => {
  await Promise.all([Db.close(), Catalog.close()]);
  await cloud.stop();
});

const simulator = (kind: string) => `${kind}+${label}@simulator.amazonses.com`;

/** One mail of this notification; the ledger's account of it when its feedback has come. */
async function send(to: string, template: string, of = school) {
  const category = registry.find(({ name }) => name === template)?.category ?? "news";
  const event = { id: createId("event") };
  const letter = Letters.resetPassword({
    to: { email: to, givenName: "Ada", locale: "en", zone: "UTC" },
    school: of.name,
    href: "https://x.example/",
    validUntil: new Date(Date.now() + 3_600_000),
  });
  const outcome = await asSystem(of, () => sendOnce({ template, category, event, to, write: async () => letter }));
  await settle();
  const mail = await asSystem(of, () => MailLedger.read(MailLedger.mailIdOf(template, event.id, to)));
  return { outcome, state: mail?.state, returned: mail?.returned };
}

test("a mailbox that was not there is tried again after half a year; who complained is not", async () => {
  const [gone, angry] = [simulator("bounce"), simulator("complaint")];
  const about = { mailClass: "news", mailId: "mail" } as const;
  const welcome = () =>
    asSystem(school, () => Promise.all([gone, angry].map((address) => Address.isWelcome(address, "news"))));
  await asSystem(school, async () => {
    await Address.mark({ address: gone, reason: "bounced", ...about });
    await Address.mark({ address: angry, reason: "complained", ...about });
  });
  expect(await welcome()).toEqual([false, false]);
  // The table may keep the item for two days longer.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 181 * 86_400_000 });
  try {
    expect(await welcome()).toEqual([true, false]);
  } finally {
    vi.useRealTimers();
  }
});

test("a mailbox that is not there gets no further mail of any class; the mail and the person's page say so", async () => {
  const to = simulator("bounce");
  const { userId } = await aUser(school, { roles: ["learner"], email: to });
  expect(await send(to, "enrolled")).toEqual({ outcome: "sent", state: "sent", returned: "bounced" });
  for (const template of ["enrolled", "certificate", "reset-password"] as const)
    expect(await send(to, template)).toEqual({ outcome: "skipped", state: "skipped", returned: undefined });
  expect((await cloud.mails()).filter((mail) => mail.to.includes(to))).toHaveLength(1);
  await asUser(school, { roles: ["admin"] }, async () => {
    expect(await Address.returnedOf({ userId })).toEqual([
      { reason: "bounced", kept: "every", at: expect.stringMatching(/^\d{4}-/) },
    ]);
    // Tried again: it leaves, and comes back.
    await Address.writeAgain({ userId });
    await Address.writeAgain({ userId });
    expect(await Address.returnedOf({ userId })).toEqual([]);
  });
  const traces = await asSystem(school, () =>
    Db.use((tx) => tx.select().from(auditTable).where(eq(auditTable.action, "user.mail_resumed"))),
  );
  expect(traces).toHaveLength(1);
  expect(await send(to, "enrolled")).toMatchObject({ outcome: "sent", returned: "bounced" });
  expect(await send(to, "enrolled")).toMatchObject({ outcome: "skipped" });
});

test("who complains about news gets no more of it, but may still get back into the account", async () => {
  const to = simulator("complaint");
  expect(await send(to, "certificate")).toEqual({ outcome: "sent", state: "sent", returned: "complained" });
  expect(await send(to, "enrolled")).toMatchObject({ outcome: "skipped" });
  expect(await send(to, "reset-password")).toMatchObject({ outcome: "sent" });
  // That was complained about, too.
  expect(await send(to, "reset-password")).toMatchObject({ outcome: "skipped" });
});

test("a full mailbox and a complaint that is none keep nothing back", async () => {
  expect(await send(simulator("softbounce"), "enrolled")).toMatchObject({ outcome: "sent", returned: "delayed" });
  expect(await send(simulator("softbounce"), "enrolled")).toMatchObject({ outcome: "sent" });
  await send(simulator("notspam"), "enrolled");
  expect(await send(simulator("notspam"), "enrolled")).toMatchObject({ outcome: "sent", returned: undefined });
});

test("another school still writes to the address, and its people do not see what came back here", async () => {
  const other = await aSchool();
  const to = simulator("bounce");
  const { userId } = await aUser(school, { roles: ["learner"], email: to });
  await send(to, "enrolled");
  expect(await asSystem(other, () => Address.isWelcome(to, "news"))).toBe(true);
  await asUser(other, { roles: ["owner"] }, async () => {
    await expect(Address.returnedOf({ userId })).rejects.toMatchObject({ kind: "not_found" });
    await expect(Address.writeAgain({ userId })).rejects.toMatchObject({ kind: "not_found" });
  });
  await asUser(school, { roles: ["learner"] }, () =>
    expect(Address.writeAgain({ userId })).rejects.toMatchObject({
      kind: expect.stringMatching(/forbidden|not_found/),
    }),
  );
});

test("a school lists the people whose mail comes back, and no other school's", async () => {
  const to = simulator("bounce");
  const { userId } = await aUser(school, { roles: ["learner"], email: to });
  const other = await aSchool();
  await aUser(other, { roles: ["learner"], email: to });
  const returned = (of: Route) => asUser(of, { roles: ["admin"] }, () => Identity.list({ mail: "returned" }));
  expect(await returned(school)).toMatchObject({ items: [], total: 0 });
  await send(to, "enrolled");
  expect(await returned(school)).toMatchObject({ items: [{ id: userId }], total: 1 });
  expect(await returned(other)).toMatchObject({ items: [], total: 0 });
  await asUser(school, { roles: ["admin"] }, async () => {
    expect((await Address.allReturned()).get(Address.idOf(to.toUpperCase()))).toMatchObject({ reason: "bounced" });
    await Address.writeAgain({ userId });
    expect((await Address.allReturned()).size).toBe(0);
  });
});

test("an invitation asked for again leaves again, unless the last was reported as unwanted", async () => {
  const [gone, cross] = [simulator("bounce"), simulator("complaint")];
  const invite = (email: string) => asUser(school, { roles: ["admin"] }, () => Identity.invite({ email }));
  const isWelcome = (email: string) => asSystem(school, () => Address.isWelcome(email, "account"));
  const { id: invitationId } = await invite(gone);
  expect(await send(gone, "invitation")).toMatchObject({ outcome: "sent", returned: "bounced" });
  expect(await isWelcome(gone)).toBe(false);
  await asUser(school, { roles: ["admin"] }, () => Identity.resendInvitation({ invitationId }));
  expect(await isWelcome(gone)).toBe(true);
  await send(gone, "invitation");
  await invite(gone);
  expect(await isWelcome(gone)).toBe(true);
  expect(await send(cross, "invitation")).toMatchObject({ outcome: "sent", returned: "complained" });
  await expect(invite(cross)).rejects.toMatchObject({ code: "invitation.unwanted" });
  expect(await isWelcome(cross)).toBe(false);
});

test("the same word twice, or about a mail nobody knows, changes nothing more", async () => {
  const to = simulator("bounce");
  const { userId } = await aUser(school, { roles: ["learner"], email: to });
  const detail = (mail: string) => ({
    eventType: "Bounce",
    bounce: { bounceType: "Permanent" },
    mail: {
      messageId: "m",
      destination: [to],
      tags: { mail: [mail], school: [school.schoolId], template: ["enrolled"], category: ["news"] },
    },
  });
  const record = (messageId: string, mail: string) => ({
    messageId,
    body: JSON.stringify({ id: messageId, source: "aws.ses", "detail-type": "Email Bounced", detail: detail(mail) }),
  });
  const { batchItemFailures } = await mailFeedback.handler({ Records: [record("a", "mal_x"), record("b", "mal_x")] });
  expect(batchItemFailures).toEqual([]);
  await asUser(school, { roles: ["admin"] }, async () => expect(await Address.returnedOf({ userId })).toHaveLength(1));
});
