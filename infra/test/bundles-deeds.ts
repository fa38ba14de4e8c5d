import { Certificate } from "@lectern/core/learn/certificate";
import { CourseImport } from "@lectern/core/learn/course-import";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { Progress } from "@lectern/core/learn/progress";
import { aClass, type Class } from "@lectern/core/learn/progress/testing";
import { Identity } from "@lectern/core/people/identity";
import { Settings } from "@lectern/core/people/settings";
import { Domain } from "@lectern/tenants/domain";
import { asPublic, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { zipBytes } from "../../packages/core/src/content/testing/zip-bytes.ts";
import { aHost, setRecord } from "../../packages/tenants/src/domain/testing/index.ts";
import type { Town } from "./bundles-town.ts";

export interface Deed {
  readonly queue: string;
  /** The event's type. */
  readonly type: string;
  readonly tell: (town: Town) => Promise<unknown>;
}

const deed = (queue: string, type: string, tell: Deed["tell"]): Deed => ({ queue, type, tell });

const notifiedOf = (type: string, tell: Deed["tell"]) => deed("notifications", type, tell);

/** Ids recorded for later assertions. */
export const made: Record<string, string> = {};

export const people = {
  sam: "sam@riverside.example",
  vera: "vera@riverside.example",
  erin: "erin@riverside.example",
  tariq: "tariq@riverside.example",
  ines: "ines@elsewhere.example",
  nell: "nell@elsewhere.example",
  former: "former@riverside.example",
  later: "later@riverside.example",
} as const;

/** What makes each reaction with work of its own begin. */
export const deeds = {
  OnSettingsFollowed: deed("settings-followed", "school.settings_changed", (town) =>
    town.asOwner(() => Settings.update({ zone: "Europe/Madrid" })),
  ),
  OnFinderEntry: deed("finder-entry", "user.registered", (town) =>
    asSystem(town.school, () => Identity.create({ email: people.sam, givenName: "Sam" })),
  ),
  OnCourseCompleted: deed("course-completed", "course.completed", (town) => finish(town)),
  OnDomainRequested: deed("domain-requested", "domain.requested", async (town) => {
    made.host = await aProvenDomain(town);
  }),
  OnDomainRemoved: deed("domain-removed", "domain.removed", async (town) => {
    made.removedHost = await aProvenDomain(town);
    await asSystem(town.school, () => Domain.follow(made.removedHost ?? "", 20_000));
    await town.asOwner(() => Domain.remove({ host: made.removedHost ?? "" }));
  }),
  OnEditionMoved: deed("edition-moved", "course.published", (town) => aClass(1, town.school)),
  OnCourseImport: deed("course-import", "course_import.requested", async (town) => {
    made.import = await uploadPackage(town);
  }),
} satisfies Record<string, Deed>;

/** What makes each notification be sent, by its name. One deed shows all notifications of its event. */
export const notified = {
  "school-opened": notifiedOf("school.created", async () => {}),
  "your-schools": notifiedOf("finder.requested", async (town) => {
    await asSystem(town.school, () => Identity.indexForFinder(town.owner.userId));
    await Identity.findSchools({ email: town.owner.email });
  }),
  welcome: notifiedOf("user.registered", async (town) => {
    const wren = { email: "wren@riverside.example", givenName: "Wren" };
    made.wren = (await asSystem(town.school, () => Identity.create(wren))).id;
  }),
  "verify-address": notifiedOf("user.verification_requested", (town) => signUp(town, people.vera)),
  "reset-password": notifiedOf("user.password_reset_requested", (town) =>
    asPublic(town.school, () => Identity.requestReset({ email: town.owner.email })),
  ),
  "sign-up-repeated": notifiedOf("user.sign_up_repeated", (town) => signUp(town, town.owner.email)),
  "session-ended": notifiedOf("user.token_reused", (town) =>
    asSystem(town.school, () => Identity.Events.TokenReused.emit({ userId: town.owner.userId })),
  ),
  "confirm-email": notifiedOf("user.email_change_requested", (town) =>
    town.asOwner(() => Identity.changeEmailOf({ userId: town.class.learner.userId, email: people.nell })),
  ),
  "email-changed": notifiedOf("user.email_changed", async (town) => {
    const { userId } = await aUser(town.school, { roles: ["learner"], email: people.former });
    await town.asOwner(() => Identity.changeEmailOf({ userId, email: people.later }));
    const { data } = await town.told("user.email_change_requested");
    const { tokenId } = data as { tokenId: string };
    const token = (await asSystem(town.school, () => Identity.mintToken(tokenId))) ?? "";
    await asPublic(town.school, () => Identity.confirmEmailChange({ token }));
  }),
  "password-changed": notifiedOf("user.password_changed", (town) =>
    asSystem(town.school, () =>
      Identity.Events.PasswordChanged.emit({ userId: town.owner.userId, device: "Firefox on Linux", network: null }),
    ),
  ),
  "sign-in-guessed": notifiedOf("user.sign_in_guessed", (town) =>
    asSystem(town.school, () =>
      Identity.Events.SignInGuessed.emit({ userId: town.owner.userId, device: null, network: "203.0.113.x" }),
    ),
  ),
  "owner-added": notifiedOf("user.owner_added", (town) =>
    asSystem(town.school, () => Identity.Events.OwnerAdded.emit({ userId: town.owner.userId })),
  ),
  invitation: notifiedOf("user.invited", (town) =>
    town.asOwner(() => Identity.invite({ email: people.ines, roles: ["instructor"] })),
  ),
  "role-requested": notifiedOf("role_request.created", (town) => apply(town, "nadia@riverside.example")),
  "role-decided": notifiedOf("role_request.decided", async (town) => {
    const roleRequestId = await apply(town, people.tariq);
    await town.asOwner(() => Identity.decideRoleRequest({ roleRequestId, approve: true }));
  }),
  enrolled: notifiedOf("enrollment.created", async (town) => {
    const { userId } = await aUser(town.school, { roles: ["learner"], email: people.erin });
    await asUser(town.school, { roles: ["learner"], userId }, () =>
      Enrollment.create({ courseId: town.class.courseId }),
    );
  }),
  halfway: notifiedOf("lesson.completed", (town) =>
    town.class.asLearner(async () => {
      for (const lessonId of town.class.lessonIds.slice(0, 4))
        await Progress.markDone({ courseId: town.class.courseId, lessonId });
    }),
  ),
  certificate: notifiedOf("certificate.issued", async (town) => {
    await finish(town);
    const { enrollmentId } = (await town.told("course.completed")).data as { enrollmentId: string };
    await asSystem(town.school, () => Certificate.issue({ enrollmentId }));
  }),
  "certificate-revoked": notifiedOf("certificate.revoked", async (town) => {
    const finisher = await finish(town);
    const { enrollmentId } = (await town.told("course.completed")).data as { enrollmentId: string };
    await asSystem(town.school, () => Certificate.issue({ enrollmentId }));
    const { items } = await finisher.asLearner(() => Certificate.mine({}));
    await town.asOwner(() => Certificate.revoke({ number: items[0]?.number ?? "", reason: "It was a trial." }));
  }),
  "domain-active": notifiedOf("domain.turned", async (town) => {
    made.turnedHost = await aProvenDomain(town);
    await asSystem(town.school, () => Domain.follow(made.turnedHost ?? "", 20_000));
  }),
} satisfies Record<string, Deed>;

const signUp = (town: Town, email: string) =>
  asPublic(town.school, () => Identity.signUp({ email, password: "seven quite unrelated words", givenName: "Vera" }));

async function apply(town: Town, email: string): Promise<string> {
  await town.asOwner(() => Settings.update({ instructorRequests: true }));
  const { userId } = await aUser(town.school, { roles: ["learner"], email });
  const message = "I have taught before.";
  const { id } = await asUser(town.school, { roles: ["learner"], userId }, () =>
    Identity.applyAsInstructor({ message }),
  );
  return id;
}

/** A domain that the school has added and whose DNS record is set. */
export async function aProvenDomain(town: Town): Promise<string> {
  const { host, records } = await town.asOwner(() => Domain.add({ host: aHost() }));
  for (const record of records) await setRecord(record);
  return host;
}

/** A class whose learner completes every lesson. */
async function finish(town: Town): Promise<Class> {
  const each = await aClass(2, town.school);
  made.finisher = each.learner.userId;
  made.finisherEmail = each.learner.email;
  await each.asLearner(async () => {
    for (const lessonId of each.lessonIds) await Progress.markDone({ courseId: each.courseId, lessonId });
  });
  return each;
}

/** Uploads a small package as a browser does and requests its import. */
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
    if (answer.status !== 303) throw new Error(`the upload was answered ${answer.status}: ${await answer.text()}`);
    await CourseImport.start({ importId: upload.importId });
    return upload.importId;
  });
}
