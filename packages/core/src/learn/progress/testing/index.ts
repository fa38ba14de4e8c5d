import { aSchool, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import type { Route } from "../../../kernel/actor/index.ts";
import { aCourse, enrolled, type Made } from "../../course/testing/index.ts";

export interface Class {
  readonly school: Route;
  readonly courseId: string;
  readonly course: Made;
  readonly lessonIds: readonly string[];
  /** The id of the lesson at this place. */
  readonly lesson: (index: number) => string;
  readonly learner: { readonly userId: string; readonly email: string };
  readonly asLearner: <T>(work: () => Promise<T>) => Promise<T>;
  readonly asTeacher: <T>(work: () => Promise<T>) => Promise<T>;
  readonly asPlatform: <T>(work: () => Promise<T>) => Promise<T>;
}

/** A school of its own with a published course, someone who teaches it and someone who learns in it. For tests. */
export async function aClass(lessons: number, given?: Route): Promise<Class> {
  const school = given ?? (await aSchool());
  const course = await aCourse(school, { lessons, publish: true, title: "Algebra I" });
  const learner = await aUser(school, { roles: ["learner"], givenName: "Ada", familyName: "Lovelace" });
  await enrolled(school, course.id, learner.userId);
  return {
    school,
    course,
    courseId: course.id,
    lessonIds: course.lessonIds,
    lesson: (index) => course.lessonIds[index] ?? "",
    learner,
    asLearner: (work) => asUser(school, { roles: ["learner"], userId: learner.userId }, work),
    asTeacher: (work) => asUser(school, course.by, work),
    asPlatform: (work) => asSystem(school, work),
  };
}
