// Fixtures for tests of courses: a course with lessons, a learner in it, a picture of it.
import { asSystem, asUser, aUser } from "@lectern/tenants/testing";
import type { Route } from "../../../kernel/actor/index.ts";
import { Db } from "../../../kernel/db/index.ts";
import { createId } from "../../../kernel/id/index.ts";
import type { Role } from "../../../kernel/permission/index.ts";
import { Storage } from "../../../kernel/storage/index.ts";
import { type enrollmentStatuses, enrollmentTable } from "../../enrollment/enrollment.sql.ts";
import { assetTable } from "../course.sql.ts";
import { Course } from "../index.ts";

export interface Made {
  readonly id: string;
  readonly slug: string;
  readonly moduleId: string;
  readonly lessonIds: readonly string[];
  /** Its instructor, for `asUser`. */
  readonly by: { readonly roles: readonly Role[]; readonly userId: string };
}

/** Creates a course with one module of published lessons (one by default), taught by a new instructor. */
export async function aCourse(
  school: Route,
  options: { title?: string; lessons?: number; publish?: boolean; by?: Made["by"]; lessonTitle?: string } = {},
): Promise<Made> {
  const by = options.by ?? { roles: ["instructor"], userId: (await aUser(school, { roles: ["instructor"] })).userId };
  return asUser(school, by, async () => {
    const course = await Course.create({ title: options.title ?? "A course" });
    const { id: moduleId } = await Course.addModule({ courseId: course.id, title: "Module" });
    const lessonIds: string[] = [];
    for (let i = 0; i < (options.lessons ?? 1); i++) {
      const title = `${options.lessonTitle ?? "Lesson"} ${i + 1}`;
      lessonIds.push((await Course.addLesson({ moduleId, title, source: `Text ${i + 1}.`, status: "published" })).id);
    }
    if (options.publish) await Course.publish({ courseId: course.id });
    return { id: course.id, slug: course.slug, moduleId, lessonIds, by };
  });
}

/** Enrolls someone, as a row. */
export const enrolled = (
  school: Route,
  courseId: string,
  userId: string,
  status: (typeof enrollmentStatuses)[number] = "active",
): Promise<void> =>
  asSystem(school, () =>
    Db.use(async (tx) => {
      await tx.insert(enrollmentTable).values({ id: createId("enrollment"), courseId, userId, status });
    }),
  );

/** The smallest PNG there is. */
export const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** A picture of a course, stored and with its row. Needs an actor. */
export async function aPicture(courseId: string): Promise<{ id: string; key: string; fileName: string }> {
  const id = createId("asset");
  const fileName = "a picture.png";
  const key = Storage.key("course", courseId, id, fileName);
  await Storage.put({ key, body: pixel, contentType: "image/png" });
  await Db.use((tx) =>
    tx.insert(assetTable).values({
      ...{ id, courseId, fileName, key, path: fileName },
      contentType: "image/png",
      bytes: pixel.length,
      sha256: "0".repeat(64),
    }),
  );
  return { id, key, fileName };
}
