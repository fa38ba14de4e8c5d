import type { Route } from "@lectern/core/kernel/actor";
import type { Role } from "@lectern/core/kernel/permission";
import { Course } from "@lectern/core/learn/course";
import { aCourse } from "@lectern/core/learn/course/testing";
import { Progress } from "@lectern/core/learn/progress";
import { Identity } from "@lectern/core/people/identity";
import { aSchool, asPublic, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import { Enrollment } from "../../learn/enrollment/index.ts";

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code ?? error,
  );

const password = "four plain unrelated words";

/** An invitation by a person of the school, with the token of its mail. */
async function anInvitation(school: Route, by: { userId: string; roles: readonly Role[] }, roles: Role[]) {
  const email = `${Math.random().toString(36).slice(2)}@example.test`;
  const { id } = await asUser(school, by, () => Identity.invite({ email, roles }));
  const token = (await asSystem(school, () => Identity.mintInvitation(id))) ?? "";
  return { id, email, accept: () => codeOf(accept(school, token)), open: () => codeOf(open(school, token)) };
}
const accept = (school: Route, token: string) =>
  asPublic(school, () => Enrollment.acceptInvitation({ token, givenName: "Bob", password }));
const open = (school: Route, token: string) => asPublic(school, () => Enrollment.invitationByToken({ token }));
const statusOf = (school: Route, id: string) =>
  asSystem(school, async () => (await Identity.invitations({})).items.find((each) => each.id === id)?.status);

test("an inviter's suspension takes back what they offered, and reinstating does not bring it back", async () => {
  const school = await aSchool();
  const by = { ...(await aUser(school, { roles: ["admin"] })), roles: ["admin"] as const };
  const invitation = await anInvitation(school, by, ["admin"]);
  await asSystem(school, () => Identity.suspend({ userId: by.userId }));
  expect(await statusOf(school, invitation.id)).toBe("revoked");
  expect(await invitation.accept()).toBe("token.over");
  await asSystem(school, () => Identity.reinstate({ userId: by.userId }));
  expect(await invitation.accept()).toBe("token.over");
});

test("a role taken takes back the invitations that it allowed, and no others", async () => {
  const school = await aSchool();
  const by = { ...(await aUser(school, { roles: ["owner", "admin"] })), roles: ["owner", "admin"] as const };
  await aUser(school, { roles: ["owner"] });
  const [owner, learner] = [await anInvitation(school, by, ["admin"]), await anInvitation(school, by, ["learner"])];
  await asSystem(school, () => Identity.revokeRole({ userId: by.userId, role: "owner" }));
  expect(await statusOf(school, owner.id)).toBe("open");
  await asSystem(school, () => Identity.revokeRole({ userId: by.userId, role: "admin" }));
  expect([await statusOf(school, owner.id), await statusOf(school, learner.id)]).toEqual(["revoked", "revoked"]);
  expect(await learner.open()).toBe("token.over");
});

test("the inviter is judged again at acceptance, whatever closed no invitation", async () => {
  const school = await aSchool();
  const { Db } = await import("@lectern/core/kernel/db");
  const { userTable, roleGrantTable } = await import("./user.sql.ts");
  const { eq } = await import("drizzle-orm");
  const behind = (work: (tx: Parameters<Parameters<typeof Db.use>[0]>[0]) => Promise<unknown>) =>
    asSystem(school, () => Db.use(work));

  const suspended = { ...(await aUser(school, { roles: ["admin"] })), roles: ["admin"] as const };
  const first = await anInvitation(school, suspended, ["learner"]);
  await behind((tx) => tx.update(userTable).set({ status: "suspended" }).where(eq(userTable.id, suspended.userId)));
  expect([await first.open(), await first.accept()]).toEqual(["token.over", "token.over"]);

  const demoted = { ...(await aUser(school, { roles: ["admin"] })), roles: ["admin"] as const };
  const second = await anInvitation(school, demoted, ["instructor"]);
  await behind((tx) =>
    tx.update(roleGrantTable).set({ role: "instructor" }).where(eq(roleGrantTable.userId, demoted.userId)),
  );
  expect(await second.accept()).toBe("token.over");

  const erased = { ...(await aUser(school, { roles: ["admin"] })), roles: ["admin"] as const };
  const third = await anInvitation(school, erased, ["learner"]);
  await behind((tx) => tx.delete(userTable).where(eq(userTable.id, erased.userId)));
  expect(await third.accept()).toBe("token.over");

  const fine = { ...(await aUser(school, { roles: ["admin"] })), roles: ["admin"] as const };
  expect(await (await anInvitation(school, fine, ["instructor"])).accept()).toBe("done");
});

test("who sends an invitation again becomes its inviter", async () => {
  const school = await aSchool();
  const first = { ...(await aUser(school, { roles: ["admin"] })), roles: ["admin"] as const };
  const second = { ...(await aUser(school, { roles: ["admin"] })), roles: ["admin"] as const };
  const { id } = await anInvitation(school, first, ["instructor"]);
  await asUser(school, second, () => Identity.resendInvitation({ invitationId: id }));
  await asSystem(school, () => Identity.suspend({ userId: first.userId }));
  expect(await statusOf(school, id)).toBe("open");
  await asSystem(school, () => Identity.suspend({ userId: second.userId }));
  expect(await statusOf(school, id)).toBe("revoked");
});

test("an invitation enrolls in its course as long as that takes people, and lets in all the same afterwards", async () => {
  const school = await aSchool();
  const by = { ...(await aUser(school, { roles: ["admin"] })), roles: ["admin"] as const };
  const { id: courseId } = await aCourse(school, { publish: true });
  const asAdmin = <T>(work: () => Promise<T>) => asUser(school, by, work);
  const invited = async (email: string) => {
    const { id } = await asAdmin(() => Identity.invite({ email, courseId }));
    return (await asSystem(school, () => Identity.mintInvitation(id))) ?? "";
  };
  const [early, late] = [await invited("early@example.test"), await invited("late@example.test")];
  expect(await accept(school, early)).toMatchObject({ course: { id: courseId } });
  await asAdmin(() => Course.archive({ courseId }));
  await accept(school, late);
  const { items } = await asAdmin(() => Progress.roster({ courseId, limit: 10 }));
  expect(items.map(({ user }) => user.email)).toEqual(["early@example.test"]);
});

test("nobody sends an invitation again whose roles they may not give: its link would open nothing", async () => {
  const school = await aSchool();
  const by = { ...(await aUser(school, { roles: ["owner"] })), roles: ["owner"] as const };
  const { id } = await asSystem(school, () => Identity.invite({ email: "o@example.test", roles: ["owner"] }));
  const resend = (roles: Role[]) =>
    codeOf(asUser(school, { roles }, () => Identity.resendInvitation({ invitationId: id })));
  expect(await resend(["admin"])).toBe("role.above_you");
  const token = (await asSystem(school, () => Identity.mintInvitation(id))) ?? "";
  expect(await codeOf(open(school, token))).toBe("done");
  expect(await codeOf(asUser(school, by, () => Identity.resendInvitation({ invitationId: id })))).toBe("done");
});

test("nobody who is suspended is made an instructor by an old request", async () => {
  const school = await aSchool();
  const { userId } = await aUser(school, { roles: ["learner"] });
  const { id } = await asUser(school, { roles: ["learner"], userId }, () => Identity.applyAsInstructor({}));
  await asSystem(school, () => Identity.suspend({ userId }));
  const decide = (approve: boolean) =>
    codeOf(asUser(school, { roles: ["admin"] }, () => Identity.decideRoleRequest({ roleRequestId: id, approve })));
  expect(await decide(true)).toBe("role_request.suspended");
  expect(await decide(false)).toBe("done");
});

test("one inbox gets ten invitations an hour, new or sent again, whatever follows a plus", async () => {
  const school = await aSchool();
  const by = { ...(await aUser(school, { roles: ["admin"] })), roles: ["admin"] as const };
  const as = <T>(work: () => Promise<T>) => asUser(school, by, work);
  const invite = (email: string) => codeOf(as(() => Identity.invite({ email, roles: ["learner"] })));
  for (let n = 0; n < 5; n++) expect(await invite(`bob+${n}@example.test`)).toBe("done");
  const { id } = await as(() => Identity.invite({ email: "bob@example.test", roles: ["learner"] }));
  const again = () => codeOf(as(() => Identity.resendInvitation({ invitationId: id })));
  for (let n = 0; n < 4; n++) expect(await again()).toBe("done");
  expect(await again()).toBe("auth.too_many_attempts");
  expect(await invite("bob+9@example.test")).toBe("auth.too_many_attempts");
  const { items } = await as(() => Enrollment.inviteMany({ addresses: ["bob+10@example.test", "cleo@example.test"] }));
  expect(items.map(({ result }) => result)).toEqual(["over_budget", "sent"]);
});

test("results and the list name an address as its owner writes it, in whichever form it was given", async () => {
  const school = await aSchool();
  const admin = { ...(await aUser(school, { roles: ["admin"] })), roles: ["admin"] as const };
  await asUser(school, admin, async () => {
    const addresses = ["neu@xn--mnchen-3ya.example", "neu@münchen.example", "not@an@address.xn--"];
    const { items } = await Enrollment.inviteMany({ addresses });
    expect(items.map(({ address, result }) => [address, result])).toEqual([
      ["neu@münchen.example", "sent"],
      ["neu@münchen.example", "open"],
      ["not@an@address.xn--", "invalid"],
    ]);
    expect((await Identity.invitations({})).items.map(({ email }) => email)).toEqual(["neu@münchen.example"]);
  });
});
