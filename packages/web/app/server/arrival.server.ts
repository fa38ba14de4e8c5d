import { Course } from "@lectern/core/course";
import { Enrollment } from "@lectern/core/enrollment";
import type { Wish } from "@lectern/core/identity";
import { pathTo } from "@lectern/core/kernel/path";
import { Progress } from "@lectern/core/progress";
import { school } from "../messages/en/school.ts";
import { redirectWith } from "./flash.server.ts";
import { redirect } from "./redirect.server.ts";
import { attempt, orWithout, refusalOf } from "./refusal.server.ts";

type Wanted = NonNullable<Wish["course"]>;

/**
 * Enrolls the signed-in person in the course they chose and goes to its first lesson, or to where they stopped. A course
 * that takes nobody any more leads to its page, which says so.
 */
export async function enrollAndOpen(course: Wanted): Promise<Response> {
  const wanted = await attempt(Course.page({ courseIdOrSlug: course.id }));
  const gone = () => redirectWith(pathTo.course(course.id), school("enrollClosed", { title: course.title }), "warning");
  if (!wanted.ok) return gone();
  const { id, slug, enrollment, modules } = wanted.value;
  const lessons = modules.flatMap((module) => module.lessons).filter((lesson) => lesson.status === "published");
  const lessonPath = (lesson: { slug: string } | null | undefined) =>
    lesson ? pathTo.lesson(slug, lesson.slug) : pathTo.progress(slug);
  if (enrollment === "active" || enrollment === "completed") {
    const progress = await orWithout(Progress.of({ courseId: id }), null);
    return redirect(lessonPath(progress?.completed ? null : (progress?.resume ?? lessons[0])));
  }
  const refusal = await refusalOf(Enrollment.create({ courseId: id }));
  if (refusal && refusal.code !== "enrollment.exists") return gone();
  return redirectWith(lessonPath(lessons[0]), school("enrolled"));
}
