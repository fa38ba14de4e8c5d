import path from "node:path";
import { Actor, type Route, type UserActor } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { Directory } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { permissionsOf, type Role } from "@lectern/core/kernel/permission";
import { Category } from "@lectern/core/learn/category";
import { Course } from "@lectern/core/learn/course";
import { CourseImport } from "@lectern/core/learn/course-import";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { enrollmentTable } from "@lectern/core/learn/enrollment/enrollment.sql";
import { Progress } from "@lectern/core/learn/progress";
import { demoPassword, Identity } from "@lectern/core/people/identity";
import { userTable } from "@lectern/core/people/identity/user.sql";
import { School } from "@lectern/tenants/school";
import { and, eq } from "drizzle-orm";
import { Resource } from "sst";
import { learnerAt, randomFrom } from "./people.ts";
import type { DemoCourse, DemoSchool, DemoStaff } from "./schools.ts";

export interface SeededSchool {
  readonly slug: string;
  readonly url: string;
  readonly logins: readonly { readonly email: string; readonly password: string; readonly role: string }[];
}

export interface Amount {
  readonly courses: number;
  readonly learners: number;
}

type Log = (line: string) => void;
const day = 24 * 60 * 60_000;

export async function seedSchool(demo: DemoSchool, amount: Amount, log: Log): Promise<SeededSchool> {
  if (Resource.App.stage !== "local") throw new Error("The demo is for local stages: its passwords are public.");
  const [owner, ...staff] = demo.staff;
  if (!owner) throw new Error("a demo school needs an owner");
  const emailOf = (name: string) => `${name}@${demo.domain}`;
  const { schoolId, slug, url } = await School.open({
    slug: demo.slug,
    name: demo.name,
    zone: demo.zone,
    owner: {
      email: emailOf(owner.name),
      givenName: owner.givenName,
      familyName: owner.familyName,
      password: demoPassword,
      emailVerified: true,
    },
  });
  const route = await routeOf(schoolId);
  const made = {
    slug,
    url,
    logins: demo.staff.map(({ name, role }) => ({ email: emailOf(name), password: demoPassword, role })),
  };
  const asPlatform = <T>(work: () => Promise<T>) =>
    Actor.withActor({ type: "system", school: route, requestId: createId("request"), reason: "demo" }, work);
  if (await asPlatform(async () => (await Category.list({})).length > 0)) return made;

  const people = await asPlatform(() => makeStaff(demo, staff));
  const ownerId = await asPlatform(() => userIdOf(emailOf(owner.name)));
  await Actor.withActor(userActor(route, ownerId, ["owner"]), () => School.setBrand(demo.brand));
  const branded = await routeOf(schoolId);
  const categories = await asPlatform(() => makeCategories(demo.categories));
  const courses: { id: string; demo: DemoCourse; lessonIds: string[] }[] = [];
  for (const course of demo.courses.slice(0, amount.courses)) {
    const teacher = people.get(course.teacher);
    if (!teacher) throw new Error(`nobody is called ${course.teacher}`);
    courses.push(
      await Actor.withActor(userActor(branded, teacher.userId, [teacher.role]), () => makeCourse(course, categories)),
    );
    log(`${demo.name}: ${course.file}`);
  }
  const assistant = people.get("assistant");
  const [first] = courses;
  if (assistant && first) {
    await asPlatform(() => Course.addStaff({ courseId: first.id, userId: assistant.userId, role: "assistant" }));
  }
  const learner = people.get("learner");
  if (learner) await learn(branded, { userId: learner.userId, roles: ["learner"] }, courses, 0.4, randomFrom(7));
  await makeLearners(branded, demo, courses, amount.learners, log);
  return made;
}

async function routeOf(schoolId: string): Promise<Route> {
  Directory.forget(schoolId);
  const route = await Directory.readSchool(schoolId);
  if (!route) throw new Error(`the school ${schoolId} is not in the directory`);
  return route;
}

const userActor = (school: Route, userId: string, roles: readonly Role[]): UserActor => ({
  type: "user",
  school,
  requestId: createId("request"),
  userId,
  sessionId: "demo",
  roles,
  permissions: permissionsOf(roles),
  locale: school.locale,
  zone: school.zone,
});

async function userIdOf(email: string): Promise<string> {
  const [row] = await Db.use((tx) => tx.select({ id: userTable.id }).from(userTable).where(eq(userTable.email, email)));
  if (!row) throw new Error(`there is no ${email}`);
  return row.id;
}

async function makeStaff(demo: DemoSchool, staff: readonly DemoStaff[]) {
  const made = await Promise.all(
    staff.map(async ({ name, givenName, familyName, role }) => {
      const email = `${name}@${demo.domain}`;
      const { id } = await Identity.create({ email, givenName, familyName, roles: [role], password: demoPassword });
      return [name, { userId: id, role }] as const;
    }),
  );
  return new Map(made);
}

async function makeCategories(names: readonly string[]): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  for (const name of names) made.set(name, (await Category.create({ name })).id);
  return made;
}

async function makeCourse(demo: DemoCourse, categories: ReadonlyMap<string, string>) {
  const file = path.join(import.meta.dirname, "courses", demo.file);
  const { courseId } = await CourseImport.fromPath({ path: file });
  const draft = await Course.editor({ courseId });
  await Course.update({
    courseId,
    version: draft.version,
    summary: demo.summary,
    outcomes: [...demo.outcomes],
    level: demo.level,
    categoryId: categories.get(demo.category) ?? null,
  });
  const course = await Course.publish({ courseId });
  const { modules } = await Course.editor({ courseId: course.id });
  return {
    id: courseId,
    demo,
    lessonIds: modules.flatMap(({ lessons }) => lessons.filter((l) => l.status === "published").map(({ id }) => id)),
  };
}

/**
 * Creates learners who joined over the last three months; some finish, many stop halfway. Past timestamps spread the
 * dates on pages.
 */
async function makeLearners(
  route: Route,
  demo: DemoSchool,
  courses: readonly { id: string; demo: DemoCourse; lessonIds: readonly string[] }[],
  count: number,
  log: Log,
): Promise<void> {
  const random = randomFrom(demo.slug.length * 1009);
  for (let index = 0; index < count; index++) {
    const person = learnerAt(index, demo.domain);
    const joined = Date.now() - Math.floor((2 + random() * 88) * day);
    const { id } = await Actor.withActor(
      { type: "system", school: route, requestId: createId("request"), reason: "demo" },
      () => Identity.create({ ...person, roles: ["learner"], notify: false }),
    );
    const chosen = courses.filter(({ demo: course }) => random() < course.share);
    const reach = random() < 0.12 ? 1 : random() ** 1.6;
    await learn(route, { userId: id, roles: ["learner"], joined }, chosen, reach, random);
    if ((index + 1) % 25 === 0) log(`${demo.name}: ${index + 1} of ${count} learners`);
  }
}

interface Learner {
  readonly userId: string;
  readonly roles: readonly Role[];
  readonly joined?: number;
}

async function learn(
  route: Route,
  learner: Learner,
  courses: readonly { id: string; lessonIds: readonly string[] }[],
  reach: number,
  random: () => number,
): Promise<void> {
  const joined = learner.joined ?? Date.now() - 9 * day;
  let seen = joined;
  await Actor.withActor(userActor(route, learner.userId, learner.roles), async () => {
    for (const { id: courseId, lessonIds } of courses) {
      const { id: enrollmentId } = await Enrollment.create({ courseId });
      const done = lessonIds.slice(0, Math.min(Math.floor(lessonIds.length * reach), 30));
      const span = Date.now() - joined - day;
      let at = joined + random() * 0.2 * span;
      for (const [index, lessonId] of done.entries()) {
        at = Math.min(
          at + random() * ((0.8 * span) / Math.max(done.length, 1)) * 1.6,
          Date.now() - 60_000 * (31 - index),
        );
        await onClock(at, () => Progress.markDone({ courseId, lessonId }));
      }
      const next = lessonIds[done.length];
      if (next) await onClock(at + 600_000, () => Progress.opened({ courseId, lessonId: next }));
      seen = Math.max(seen, at);
      await Db.use((tx) =>
        tx
          .update(enrollmentTable)
          .set({ createdAt: new Date(joined) })
          .where(eq(enrollmentTable.id, enrollmentId)),
      );
    }
    const signedIn = reach > 0.02 ? new Date(seen) : null;
    await Db.use((tx) =>
      tx
        .update(userTable)
        .set({ createdAt: new Date(joined), lastSignInAt: signedIn, lastSeenAt: signedIn })
        .where(and(eq(userTable.id, learner.userId))),
    );
  });
}

/** Progress reads the system clock, so set the clock for each call into the demo's past. */
async function onClock<T>(at: number, work: () => Promise<T>): Promise<T> {
  const real = Date.now;
  Date.now = () => Math.floor(at);
  try {
    return await work();
  } finally {
    Date.now = real;
  }
}
