import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { Identity } from "@lectern/core/people/identity";
import { Settings } from "@lectern/core/people/settings";
import { aSchool, asPublic, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { auditTable } from "../audit/audit.sql.ts";
import { StrangerMail } from "./stranger-mail.ts";
import { userTable } from "./user.sql.ts";

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code ?? error,
  );
const password = "four plain unrelated words";

/** A school as a visitor opens it, with an unproved owner's address. */
async function justOpened(): Promise<{ school: Route; userId: string }> {
  const school = await aSchool();
  const owner = { email: "owner@example.test", givenName: "Olga", password, emailVerified: false };
  const { userId } = await asSystem(school, () => Identity.createOwner(owner));
  return { school, userId };
}
const signUp = (school: Route, email: string) =>
  asPublic(school, () => Identity.signUp({ email, givenName: "Vera", password }));

test("before an owner has proved an address nothing makes the school write to strangers", async () => {
  const { school, userId } = await justOpened();
  await asSystem(school, () => Settings.update({ signUp: { mode: "open", domains: [] } }));
  const asOwner = <T>(work: () => Promise<T>) => asUser(school, { roles: ["owner"], userId }, work);
  const { id } = await asSystem(school, () => Identity.invite({ email: "early@example.test" }));
  const tries = () =>
    asOwner(async () => [
      await codeOf(Identity.invite({ email: "a@example.test" })),
      await codeOf(Identity.resendInvitation({ invitationId: id })),
      await codeOf(Identity.create({ email: "b@example.test", givenName: "B" })),
      await codeOf(Identity.create({ email: "c@example.test", givenName: "C", notify: false })),
      await codeOf(signUp(school, "d@example.test")),
    ]);
  expect(await tries()).toEqual(Array(5).fill("school.unverified"));
  // The owner themselves is written to, as often as anybody.
  expect(await asOwner(() => codeOf(Identity.resendMyVerification()))).toBe("done");
  await asSystem(school, () =>
    Db.use((tx) => tx.update(userTable).set({ emailVerifiedAt: new Date() }).where(eq(userTable.id, userId))),
  );
  expect(await tries()).toEqual(Array(5).fill("done"));
  expect(await asOwner(() => codeOf(Identity.resendMyVerification()))).toBe("user.verified");
});

test("an owner who is suspended proves nothing for the others", async () => {
  const { school, userId } = await justOpened();
  const asOwner = <T>(work: () => Promise<T>) => asUser(school, { roles: ["owner"], userId }, work);
  const { userId: second } = await aUser(school, { roles: ["owner"] });
  const invite = (email: string) => asOwner(() => codeOf(Identity.invite({ email })));
  expect(await invite("a@example.test")).toBe("done");
  await asSystem(school, () => Identity.suspend({ userId: second }));
  expect(await invite("b@example.test")).toBe("school.unverified");
});

test("a young school has a budget of mails a day, which grows with its age and never stops the platform", async () => {
  const { school, userId } = await justOpened();
  await asSystem(school, () => Db.use((tx) => tx.update(userTable).set({ emailVerifiedAt: new Date() })));
  const asOwner = <T>(work: () => Promise<T>) => asUser(school, { roles: ["owner"], userId }, work);
  await asOwner(async () => {
    for (let sent = 0; sent < 100; sent++) await StrangerMail.admit("invitation");
  });
  const invite = () => Identity.invite({ email: "late@example.test" });
  await expect(asOwner(invite)).rejects.toMatchObject({ code: "mail.budget_spent", retryAfter: expect.any(Number) });
  // People who sign up themselves have a budget of their own.
  await asSystem(school, () => Settings.update({ signUp: { mode: "open", domains: [] } }));
  expect(await codeOf(signUp(school, "visitor@example.test"))).toBe("done");
  expect(await codeOf(asSystem(school, invite))).toBe("done");
  const older = (days: number) =>
    asSystem(school, () =>
      Db.use((tx) =>
        tx.insert(auditTable).values({
          id: `aud_${days}`,
          at: new Date(Date.now() - days * 24 * 60 * 60 * 1000),
          ...{ actorType: "system", action: "school.opened", targetType: "school", targetId: "x", requestId: "x" },
        }),
      ),
    );
  await older(8);
  expect(await codeOf(asOwner(() => Identity.invite({ email: "eight@example.test" })))).toBe("done");
  await older(31);
  for (let sent = 0; sent < 3; sent++)
    expect(await codeOf(asOwner(() => Identity.invite({ email: `old${sent}@example.test` })))).toBe("done");
});
