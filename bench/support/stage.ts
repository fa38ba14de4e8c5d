import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Actor, type Route, type UserActor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { permissionsOf, type Role } from "@lectern/core/kernel/permission";
import { Course } from "@lectern/core/learn/course";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { Identity, Session, Token } from "@lectern/core/people/identity";
import { type Measured, startCloud } from "@lectern/local/cloud";
import { cpuMsOf } from "./cpu.ts";

/** A school on a local cloud with the production build and no worker. */
export interface Stage {
  readonly port: number;
  readonly localKey: string;
  readonly route: Route;
  readonly course: {
    readonly id: string;
    readonly slug: string;
    readonly lessons: readonly { id: string; slug: string }[];
  };
  readonly learnerIds: readonly string[];
  readonly learner: Login;
  readonly instructor: Login;
  /** Processor milliseconds that each part has used so far. */
  readonly cpuMs: () => Record<Measured, number>;
  readonly stop: () => Promise<void>;
}

export interface Login {
  readonly userId: string;
  readonly cookie: string;
  readonly token: string;
}

/** Starts a local cloud with a course of 65 lessons in 5 modules and `learners` enrolled. */
export async function startStage({ learners = 1 }: { learners?: number } = {}): Promise<Stage> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "lectern-bench-"));
  const cloud = await startCloud({ dataDir, port: 0, site: true, worker: false });
  process.env.SST_RESOURCES_JSON = JSON.stringify(cloud.resources);
  process.env.LECTERN_LOG ??= "silent";
  const { School } = await import("@lectern/tenants/school");
  const opened = await School.open({
    slug: "bench",
    name: "Bench School",
    owner: {
      email: "owner@bench.example",
      givenName: "Olga",
      password: "a fine long bench password",
      emailVerified: true,
    },
  });
  const route = await Directory.readSchool(opened.schoolId);
  if (!route) throw new Error("the bench school is not in the directory");
  const system = <T>(work: () => Promise<T>) =>
    Actor.withActor({ type: "system", school: route, requestId: createId("request"), reason: "bench" }, work);
  const person = (name: string, role: Role) =>
    system(() => Identity.create({ email: `${name}@bench.example`, givenName: name, roles: [role], notify: false }));

  const instructor = await person("instructor", "instructor");
  const course = await Actor.withActor(userActor(route, instructor.id, ["instructor"]), () => makeCourse());
  const people = [];
  for (let at = 0; at < learners; at++) people.push(await person(`learner${at}`, "learner"));
  for (const { id } of people) {
    await Actor.withActor(userActor(route, id, ["learner"]), () => Enrollment.create({ courseId: course.id }));
  }
  const [first] = people;
  if (!first) throw new Error("a stage needs a learner");
  return {
    port: cloud.port,
    localKey: cloud.resources.LocalCloud.localKey,
    route,
    course,
    learnerIds: people.map(({ id }) => id),
    learner: await login(route, first.id),
    instructor: await login(route, instructor.id),
    cpuMs: () => ({
      site: cpuMsOf(cloud.pidOf("site")),
      postgres: cpuMsOf(cloud.pidOf("postgres")),
      dynamodb: cpuMsOf(cloud.pidOf("dynamodb")),
    }),
    stop: async () => {
      await cloud.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const userActor = (school: Route, userId: string, roles: readonly Role[]): UserActor => ({
  type: "user",
  school,
  requestId: createId("request"),
  userId,
  sessionId: "bench",
  roles,
  permissions: permissionsOf(roles),
  locale: school.locale,
  zone: school.zone,
});

async function login(school: Route, userId: string): Promise<Login> {
  return Actor.withActor({ type: "system", school, requestId: createId("request"), reason: "bench" }, async () => {
    const { cookie } = await Session.create({ userId });
    const { accessToken } = await Token.issue({ userId });
    return { userId, cookie: `__Host-session=${cookie}`, token: accessToken };
  });
}

const text = `Every lesson of the bench has the length of a short real one. `.repeat(60);

async function makeCourse() {
  const course = await Course.create({ title: "Sixty-five lessons", summary: "A course as long as the incumbent's." });
  const lessons: { id: string; slug: string }[] = [];
  for (let module = 0; module < 5; module++) {
    const { id: moduleId } = await Course.addModule({ courseId: course.id, title: `Module ${module + 1}` });
    for (let lesson = 0; lesson < 13; lesson++) {
      const title = `Lesson ${module * 13 + lesson + 1}: something worth knowing`;
      const { id, slug } = await Course.addLesson({
        moduleId,
        title,
        source: `## About it\n\n${text}`,
        status: "published",
      });
      lessons.push({ id, slug });
    }
  }
  const { slug } = await Course.publish({ courseId: course.id });
  return { id: course.id, slug, lessons };
}
