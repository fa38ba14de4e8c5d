import { Actor, type Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { courseModuleTable, courseTable, lessonTable } from "@lectern/core/learn/course/course.sql";
import { userTable } from "@lectern/core/people/identity/user.sql";
import { Provision } from "@lectern/tenants/provision";
import { aSchool, asSystem } from "@lectern/tenants/testing";
import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/postgres-js";
import type { Line } from "../run.ts";
import { makePlainSchema, median, plainClient, round, theCell } from "./parts.ts";

const schoolCount = 200;
const people = 5;
const connections = 16;
const rounds = 11;
const roundMs = 1_000;

/**
 * Measures a request's transaction (three reads, one write, pipelined) through `Db.use` over 200 schools, with and
 * without named statements, compared with the same transaction on one plain schema. Median of the rounds' medians.
 */
export async function read(emit: (line: Line) => void): Promise<void> {
  const cell = await theCell();
  await Provision.refill({ target: schoolCount });
  const schools: Route[] = [];
  for (let i = 0; i < schoolCount; i++) {
    const school = await aSchool();
    await asSystem(school, () => Db.use((tx) => fill(tx, people)));
    schools.push(school);
  }
  await Db.close();
  Db.configure({ max: connections });

  await makePlainSchema(cell, "plain");
  const client = plainClient(cell, "lectern_migrator", { max: connections, searchPath: "plain" });
  const plain = drizzle(client);
  await plain.transaction((tx) => fill(tx, schoolCount * people));

  let at = 0;
  const requests = {
    baseline: () => plain.transaction((tx) => unnamed(tx, person(schoolCount * people))),
    ours: () => request(unnamed),
    hot: () => request(named),
  };
  // Rotate through the schools, so that every connection soon serves every school.
  const request = (body: typeof unnamed) => {
    const school = schools[at++ % schools.length];
    if (!school) throw new Error("no school");
    const actor = { type: "system", reason: "bench", school, requestId: "bench" } as const;
    return Actor.withActor(actor, () => Db.use((tx) => body(tx, person(people))));
  };

  for (const work of Object.values(requests)) await load(work, 4_000);
  const figures = { baseline: [] as number[], ours: [] as number[], hot: [] as number[] };
  for (let i = 0; i < rounds; i++)
    for (const key of ["baseline", "ours", "hot"] as const)
      figures[key].push(median(await load(requests[key], roundMs)));
  const [baseline, ours, hot] = [figures.baseline, figures.ours, figures.hot].map(median);
  await client.end();
  await Db.close();

  const line = (metric: string, value = Number.NaN, aim = ""): Line => ({
    metric,
    value: round(value),
    unit: "ms",
    baseline: "the same unnamed transaction on one plain schema",
    baselineValue: round(baseline ?? Number.NaN),
    ratio: round(value / (baseline ?? Number.NaN)),
    aim,
    schools: schoolCount,
    connections,
    // Ratios per round show how much the machine's noise affects both sides.
    ratios: figures[metric.endsWith("hot") ? "hot" : "ours"].map((own, i) => round(own / (figures.baseline[i] ?? 1))),
  });
  emit(line("tenancy.read", ours, "ratio <= 1.4"));
  emit(line("tenancy.read_hot", hot, "ratio <= 1.05"));
}

type Tx = Pick<Db.Tx, "select" | "insert" | "update">;

async function fill(tx: Tx, users: number): Promise<void> {
  await tx
    .insert(userTable)
    .values(Array.from({ length: users }, (_, i) => ({ id: `usr_${i}`, email: `u${i}@bench.test`, givenName: "Ann" })));
  await tx.insert(courseTable).values({ id: "crs_1", slug: "algebra", title: "Algebra", status: "published" });
  await tx.insert(courseModuleTable).values({ id: "mod_1", courseId: "crs_1", title: "One", position: 1 });
  await tx.insert(lessonTable).values(
    Array.from({ length: 10 }, (_, i) => ({
      ...{ id: `les_${i}`, courseId: "crs_1", moduleId: "mod_1", slug: `lesson-${i}`, title: `Lesson ${i}` },
      format: "markdown" as const,
      position: i,
    })),
  );
}

const person = (of: number): string => `usr_${Math.floor(Math.random() * of)}`;

const user = { id: userTable.id, givenName: userTable.givenName, status: userTable.status };
const course = { id: courseTable.id, title: courseTable.title, status: courseTable.status };
const lesson = { id: lessonTable.id, title: lessonTable.title, position: lessonTable.position };

async function unnamed(tx: Tx, userId: string): Promise<void> {
  const [found, courses, lessons] = await Promise.all([
    tx.select(user).from(userTable).where(eq(userTable.id, userId)),
    tx.select(course).from(courseTable).where(eq(courseTable.slug, "algebra")),
    tx.select(lesson).from(lessonTable).where(eq(lessonTable.courseId, "crs_1")).orderBy(lessonTable.position),
    tx.update(userTable).set({ lastSeenAt: new Date() }).where(eq(userTable.id, userId)),
  ]);
  check(found.length, courses.length, lessons.length);
}

async function named(tx: Tx, userId: string): Promise<void> {
  const id = sql.placeholder("id");
  const [found, courses, lessons] = await Promise.all([
    tx.select(user).from(userTable).where(eq(userTable.id, id)).prepare("user").execute({ id: userId }),
    tx
      .select(course)
      .from(courseTable)
      .where(eq(courseTable.slug, sql.placeholder("slug")))
      .prepare("course")
      .execute({ slug: "algebra" }),
    tx
      .select(lesson)
      .from(lessonTable)
      .where(eq(lessonTable.courseId, id))
      .orderBy(lessonTable.position)
      .prepare("lessons")
      .execute({ id: "crs_1" }),
    tx
      .update(userTable)
      .set({ lastSeenAt: sql`now()`, updatedAt: sql`now()` })
      .where(eq(userTable.id, id))
      .prepare("seen")
      .execute({ id: userId }),
  ]);
  check(found.length, courses.length, lessons.length);
}

function check(users: number, courses: number, lessons: number): void {
  if (users !== 1 || courses !== 1 || lessons !== 10) throw new Error("a wrong answer");
}

/** Runs 16 at a time for `ms` and returns each one's duration. */
async function load(work: () => Promise<unknown>, ms: number): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + ms;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end) {
        const begin = performance.now();
        await work();
        times.push(performance.now() - begin);
      }
    }),
  );
  return times;
}
