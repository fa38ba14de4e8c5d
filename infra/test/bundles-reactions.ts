import { randomUUID } from "node:crypto";
import { Directory } from "@lectern/core/kernel/directory";
import { Certificate } from "@lectern/core/learn/certificate";
import { CourseImport } from "@lectern/core/learn/course-import";
import { Identity } from "@lectern/core/people/identity";
import { MailLedger, Notify } from "@lectern/core/talk/notify";
import { Domain } from "@lectern/tenants/domain";
import { asSystem, asUser } from "@lectern/tenants/testing";
import { expect } from "vitest";
import { reactionList } from "../../packages/functions/src/event/reactions.list.ts";
import { aSentMail } from "./bundles-calls.ts";
import { type Case, reaction } from "./bundles-case.ts";
import { deeds, made, notified, people } from "./bundles-deeds.ts";
import type { Town } from "./bundles-town.ts";
import { batchOf } from "./events/index.ts";

// Runs each reaction from its zip: its event arrives through the queue, and the mail, notification or row must exist
// exactly once.

/** Exactly one mail with that subject has reached that address. */
const mailed = async (town: Town, email: string, subject: RegExp): Promise<void> => {
  const mails = await town.mailsTo(email);
  expect(mails.map((mail) => mail.subject).filter((each) => subject.test(each))).toHaveLength(1);
};

const inFeed = (town: Town, userId: string, title: RegExp): Promise<void> =>
  asUser(town.school, { roles: ["learner"], userId }, async () => {
    const { items } = await Notify.feed({});
    expect(items.map((item) => item.title).filter((each) => title.test(each))).toHaveLength(1);
  });

/** What must exist after one or two deliveries. */
const shows: Record<keyof typeof deeds, (town: Town) => Promise<void>> = {
  OnSettingsFollowed: async (town) =>
    expect(await Directory.readSchool(town.school.schoolId)).toMatchObject({ zone: "Europe/Madrid" }),
  OnFinderEntry: async (town) => {
    await Identity.findSchools({ email: people.sam });
    expect(await town.told("finder.requested")).toMatchObject({ schoolId: town.school.schoolId });
  },
  OnCourseCompleted: (town) =>
    asUser(town.school, { roles: ["learner"], userId: made.finisher ?? "" }, async () =>
      expect((await Certificate.mine({})).items).toHaveLength(1),
    ),
  OnDomainRequested: async (town) =>
    expect(await asSystem(town.school, () => Domain.read(made.host ?? ""))).toMatchObject({ state: "active" }),
  OnDomainRemoved: async (town) => {
    expect(await asSystem(town.school, () => Domain.read(made.removedHost ?? ""))).toBeUndefined();
    expect(await Directory.byHost(made.removedHost ?? "")).toBeUndefined();
  },
  OnEditionMoved: async (town) => {
    // Reads the store as the edge does; the store checks the writer's signature.
    const { EdgeStore, LocalCloud } = town.cloud.resources;
    const query = new URLSearchParams({ arn: EdgeStore.arn, key: `edition:${town.school.slug}.localhost` });
    const answer = await fetch(`${LocalCloud.endpoints.cloudfrontKvs}/value?${query}`);
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringMatching(/^[0-9a-z]+-[0-9a-z]+$/)]);
  },
  OnCourseImport: (town) =>
    asUser(town.school, { roles: ["instructor"], userId: made.teacher ?? "" }, async () => {
      const imported = await CourseImport.get({ importId: made.import ?? "" });
      expect(imported).toMatchObject({ status: "done", title: "Knots" });
    }),
};

const reached: Record<keyof typeof notified, (town: Town) => Promise<void>> = {
  "school-opened": (town) => mailed(town, town.owner.email, /^Riverside School is open$/),
  "your-schools": (town) => mailed(town, town.owner.email, /^Your school on Lectern$/),
  welcome: (town) => inFeed(town, made.wren ?? "", /^Welcome to Riverside School$/),
  "verify-address": (town) => mailed(town, people.vera, /^Confirm your e-mail address/),
  "reset-password": (town) => mailed(town, town.owner.email, /^Choose a new password/),
  "sign-up-repeated": (town) => mailed(town, town.owner.email, /already$/),
  "session-ended": (town) => mailed(town, town.owner.email, /^We ended a session/),
  "confirm-email": (town) => mailed(town, people.nell, /^Confirm your new e-mail address/),
  "email-changed": (town) => mailed(town, people.former, /^Your address at Riverside School was changed$/),
  "password-changed": (town) => mailed(town, town.owner.email, /^Your password at Riverside School was changed$/),
  "sign-in-guessed": (town) => mailed(town, town.owner.email, /^Somebody tried wrong passwords/),
  "owner-added": (town) => mailed(town, town.owner.email, /^You are an owner of Riverside School now$/),
  invitation: (town) => mailed(town, people.ines, /invite(d|s you) to Riverside School/),
  "role-requested": (town) => mailed(town, town.owner.email, /would like to teach at Riverside School$/),
  "role-decided": (town) => mailed(town, people.tariq, /^You can teach at Riverside School$/),
  enrolled: (town) => mailed(town, people.erin, /^You are enrolled: Algebra I$/),
  halfway: (town) => inFeed(town, town.class.learner.userId, /^Half of Algebra I is done$/),
  certificate: (town) => mailed(town, made.finisherEmail ?? "", /^Your certificate: Algebra I$/),
  "certificate-revoked": (town) => mailed(town, made.finisherEmail ?? "", /^Your certificate was revoked: Algebra I$/),
  "domain-active": (town) =>
    mailed(town, town.owner.email, new RegExp(`^${made.turnedHost} leads to Riverside School$`)),
};

/** Every notification's event, one after the other, in the one function that delivers them all. */
const notifications: Case = {
  async run(town, fn) {
    const [types] = reactionList.filter(({ name }) => name === "notifications").map(({ on }) => on);
    expect(Object.values(notified).map(({ type }) => type)).toEqual(expect.arrayContaining([...(types ?? [])]));
    for (const [name, deed] of Object.entries(notified))
      await reaction(deed, reached[name as keyof typeof notified]).run(town, fn);
  },
};
export const reactionCases: Readonly<Record<string, Case>> = {
  ...Object.fromEntries(
    Object.entries(deeds).map(([name, deed]) => [name, reaction(deed, shows[name as keyof typeof deeds])]),
  ),
  OnNotifications: notifications,
  OnMailFeedback: { run: mailFeedback },
};

/** SES's event resolves a mail whose sender died before it recorded the sending. */
async function mailFeedback(town: Town, fn: { invoke(event: unknown): Promise<unknown> }): Promise<void> {
  const { mailId, sent } = await aSentMail(town, people.erin);
  const state = () => asSystem(town.school, async () => (await MailLedger.read(mailId))?.state);
  const poisoned = randomUUID();
  const batch = batchOf("mail-feedback", [
    { id: poisoned, body: JSON.stringify({ ...sent, detail: { mail: "lost" } }) },
    { id: randomUUID(), body: JSON.stringify(sent) },
  ]);
  expect(await state()).toBe("sending");
  expect(await fn.invoke(batch)).toEqual({ batchItemFailures: [{ itemIdentifier: poisoned }] });
  expect(await state()).toBe("sent");
}
