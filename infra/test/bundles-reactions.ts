import { randomUUID } from "node:crypto";
import { Certificate } from "@lectern/core/certificate";
import { CourseImport } from "@lectern/core/course-import";
import { Enrollment } from "@lectern/core/enrollment";
import { Identity } from "@lectern/core/identity";
import { Directory } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { MailLedger, Notify } from "@lectern/core/notify";
import { Progress } from "@lectern/core/progress";
import { aClass } from "@lectern/core/progress/testing";
import { Settings } from "@lectern/core/settings";
import { asPublic, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { expect } from "vitest";
import { zipBytes } from "../../packages/core/src/content/testing/zip-bytes.ts";
import { type Case, reaction } from "./bundles-case.ts";
import type { Town } from "./bundles-town.ts";
import { batchOf, recorded } from "./events/index.ts";

// Each reaction from its zip: what happened is made to happen, the event that tells of it comes over the queue, and the
// mail, the notification or the row is there, once.

/** One mail with that subject has come to that address, and no other with it. */
const mailed = async (town: Town, email: string, subject: RegExp): Promise<void> => {
  const mails = await town.mailsTo(email);
  expect(mails.map((mail) => mail.subject).filter((each) => subject.test(each))).toHaveLength(1);
};

const notified = (town: Town, userId: string, title: RegExp): Promise<void> =>
  asUser(town.school, { roles: ["learner"], userId }, async () => {
    const { items } = await Notify.feed({});
    expect(items.map((item) => item.title).filter((each) => title.test(each))).toHaveLength(1);
  });

const password = "seven quite unrelated words";
const someone = { email: "sam@riverside.example", givenName: "Sam" };
const invited = "ines@elsewhere.example";
/** Made as the cases go: who applied to teach, who enrolled, and what was imported. */
const made: Record<string, string> = {};

const signedUp = (town: Town, email: string) =>
  asPublic(town.school, () => Identity.signUp({ email, password, givenName: "Vera" }));

export const reactionCases: Readonly<Record<string, Case>> = {
  OnSchoolOpened: reaction(
    "school-opened",
    "school.created",
    async () => {},
    (town) => mailed(town, town.owner.email, /^Riverside School is open$/),
  ),
  OnSettingsFollowed: reaction(
    "settings-followed",
    "school.settings_changed",
    (town) => town.asOwner(() => Settings.update({ zone: "Europe/Madrid" })),
    async (town) => expect(await Directory.readSchool(town.school.schoolId)).toMatchObject({ zone: "Europe/Madrid" }),
  ),
  OnFinderEntry: reaction(
    "finder-entry",
    "user.registered",
    (town) => asSystem(town.school, () => Identity.create(someone)),
    async (town) => {
      await Identity.findSchools({ email: someone.email });
      expect(await town.told("finder.requested")).toMatchObject({ schoolId: town.school.schoolId });
    },
  ),
  OnFinderMail: reaction(
    "finder-mail",
    "finder.requested",
    async (town) => {
      await asSystem(town.school, () => Identity.indexForFinder(town.owner.userId));
      await Identity.findSchools({ email: town.owner.email });
    },
    (town) => mailed(town, town.owner.email, /^Your school on Lectern$/),
  ),
  OnWelcome: reaction(
    "welcome",
    "user.registered",
    async (town) => {
      const email = "wren@riverside.example";
      made.wren = (await asSystem(town.school, () => Identity.create({ email, givenName: "Wren" }))).id;
    },
    (town) => notified(town, made.wren ?? "", /^Welcome to Riverside School$/),
  ),
  OnVerificationMail: reaction(
    "verification-mail",
    "user.verification_requested",
    (town) => signedUp(town, "vera@riverside.example"),
    (town) => mailed(town, "vera@riverside.example", /^Confirm your e-mail address/),
  ),
  OnPasswordResetMail: reaction(
    "password-reset-mail",
    "user.password_reset_requested",
    (town) => asPublic(town.school, () => Identity.requestReset({ email: town.owner.email })),
    (town) => mailed(town, town.owner.email, /^Choose a new password/),
  ),
  OnSignUpRepeatedMail: reaction(
    "sign-up-repeated-mail",
    "user.sign_up_repeated",
    (town) => signedUp(town, town.owner.email),
    (town) => mailed(town, town.owner.email, /already$/),
  ),
  OnSessionEndedMail: reaction(
    "session-ended-mail",
    "user.token_reused",
    (town) => asSystem(town.school, () => Identity.Events.TokenReused.emit({ userId: town.owner.userId })),
    (town) => mailed(town, town.owner.email, /^We ended a session/),
  ),
  OnInvitationMail: reaction(
    "invitation-mail",
    "user.invited",
    (town) => town.asOwner(() => Identity.invite({ email: invited, roles: ["instructor"] })),
    (town) => mailed(town, invited, /invited to Riverside School|invites you to Riverside School/),
  ),
  OnRoleRequestReceived: reaction(
    "role-request-received",
    "role_request.created",
    (town) => apply(town, "nadia@riverside.example"),
    (town) => mailed(town, town.owner.email, /would like to teach at Riverside School$/),
  ),
  OnRoleRequestDecided: reaction(
    "role-request-decided",
    "role_request.decided",
    async (town) => {
      const roleRequestId = await apply(town, "tariq@riverside.example");
      await town.asOwner(() => Identity.decideRoleRequest({ roleRequestId, approve: true }));
    },
    (town) => mailed(town, "tariq@riverside.example", /^You can teach at Riverside School$/),
  ),
  OnEnrolled: reaction(
    "enrolled",
    "enrollment.created",
    async (town) => {
      const { userId } = await aUser(town.school, { roles: ["learner"], email: "erin@riverside.example" });
      await asUser(town.school, { roles: ["learner"], userId }, () =>
        Enrollment.create({ courseId: town.class.courseId }),
      );
    },
    (town) => mailed(town, "erin@riverside.example", /^You are enrolled: Algebra I$/),
  ),
  OnHalfway: reaction(
    "halfway",
    "lesson.completed",
    (town) =>
      town.class.asLearner(async () => {
        for (const lessonId of town.class.lessonIds.slice(0, 4))
          await Progress.markDone({ courseId: town.class.courseId, lessonId });
      }),
    (town) => notified(town, town.class.learner.userId, /^Half of Algebra I is done$/),
  ),
  OnCourseCompleted: reaction(
    "course-completed",
    "course.completed",
    (town) => finish(town),
    (town) =>
      asUser(town.school, { roles: ["learner"], userId: made.finisher ?? "" }, async () =>
        expect((await Certificate.mine({})).items).toHaveLength(1),
      ),
  ),
  OnCertificateIssued: reaction(
    "certificate-issued",
    "certificate.issued",
    async (town) => {
      await finish(town);
      const { enrollmentId } = (await town.told("course.completed")).data as { enrollmentId: string };
      await asSystem(town.school, () => Certificate.issue({ enrollmentId }));
    },
    (town) => mailed(town, made.finisherEmail ?? "", /^Your certificate: Algebra I$/),
  ),
  OnCourseImport: reaction(
    "course-import",
    "course_import.requested",
    async (town) => {
      made.import = await uploadPackage(town);
    },
    (town) =>
      asUser(town.school, { roles: ["instructor"], userId: made.teacher ?? "" }, async () =>
        expect(await CourseImport.get({ importId: made.import ?? "" })).toMatchObject({
          status: "done",
          title: "Knots",
        }),
      ),
  ),
  OnMailFeedback: { run: mailFeedback },
};

async function apply(town: Town, email: string): Promise<string> {
  const { userId } = await aUser(town.school, { roles: ["learner"], email });
  const { id } = await asUser(town.school, { roles: ["learner"], userId }, () =>
    Identity.applyAsInstructor({ message: "I have taught before." }),
  );
  return id;
}

/** A class of its own, whose learner does every lesson. */
async function finish(town: Town): Promise<void> {
  const each = await aClass(2, town.school);
  made.finisher = each.learner.userId;
  made.finisherEmail = each.learner.email;
  await each.asLearner(async () => {
    for (const lessonId of each.lessonIds) await Progress.markDone({ courseId: each.courseId, lessonId });
  });
}

/** Uploads a small package as a browser does, and asks for its import. */
export async function uploadPackage(town: Town): Promise<string> {
  const { userId } = await aUser(town.school, { roles: ["instructor"] });
  made.teacher = userId;
  return asUser(town.school, { roles: ["instructor"], userId }, async () => {
    const upload = await CourseImport.upload({});
    const form = new FormData();
    for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
    const files = [
      { name: "README.md", content: "# Knots\n\nHow to tie the ones that hold." },
      { name: "1-basics/reef.md", content: "# Reef knot\n\nLeft over right, right over left." },
    ];
    form.append("file", new Blob([new Uint8Array(zipBytes(files))]), "knots.zip");
    const answer = await fetch(upload.url, { method: "POST", body: form, redirect: "manual" });
    expect(answer.status).toBe(303);
    await CourseImport.start({ importId: upload.importId });
    return upload.importId;
  });
}

/** The provider's word ends the doubt about a mail whose sender died before it could write down that it had been sent. */
async function mailFeedback(town: Town, fn: { invoke(event: unknown): Promise<unknown> }): Promise<void> {
  const timing = { claimMs: 60_000, settleMs: 60_000, isHeard: async () => false };
  const eventId = createId("event");
  const mailId = MailLedger.mailIdOf("enrolled", eventId, "erin@riverside.example");
  const state = () => asSystem(town.school, async () => (await MailLedger.read(mailId))?.state);
  await asSystem(town.school, async () => {
    await MailLedger.claim({ mailId, template: "enrolled", eventId }, timing);
    await MailLedger.sending(mailId, 1, timing);
  });
  const sent = recorded("mail-sent");
  sent.detail.mail.tags.mail = [mailId];
  sent.detail.mail.tags.school = [town.school.schoolId];
  const poisoned = randomUUID();
  const batch = batchOf("mail-feedback", [
    { id: poisoned, body: JSON.stringify({ ...sent, detail: { mail: "lost" } }) },
    { id: randomUUID(), body: JSON.stringify(sent) },
  ]);
  expect(await state()).toBe("sending");
  expect(await fn.invoke(batch)).toEqual({ batchItemFailures: [{ itemIdentifier: poisoned }] });
  expect(await state()).toBe("sent");
}
