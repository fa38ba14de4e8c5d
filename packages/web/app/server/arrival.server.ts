import { pathTo } from "@lectern/core/kernel/path";
import { Course } from "@lectern/core/learn/course";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { Progress } from "@lectern/core/learn/progress";
import type { Wish } from "@lectern/core/people/identity";
import { school } from "../messages/en/school.ts";
import { redirectWith } from "./flash.server.ts";
import { redirect } from "./redirect.server.ts";
import { attempt, orWithout, refusalOf } from "./refusal.server.ts";

type Wanted = NonNullable<Wish["course"]>;

/**
 * Enrolls the signed-in person in the chosen course and opens it. If the course no longer accepts learners, redirects
 * to its page, which explains that.
 */
export async function enrollAndOpen(course: Wanted): Promise<Response> {
  const wanted = await attempt(Course.page({ courseIdOrSlug: course.id }));
  const gone = () => redirectWith(pathTo.course(course.id), school("enrollClosed", { title: course.title }), "warning");
  if (!wanted.ok) return gone();
  const { id, enrollment } = wanted.value;
  if (enrollment === "active" || enrollment === "completed") return redirect((await placeIn(wanted.value)).path);
  const refusal = await refusalOf(Enrollment.create({ courseId: id }));
  if (refusal && refusal.code !== "enrollment.exists") return gone();
  return openEnrolled(wanted.value);
}

type Entered = Pick<Course.Page, "id" | "slug" | "modules">;

/** Redirects to the first lesson, or after re-enrollment to the last opened one. */
export async function openEnrolled(course: Entered): Promise<Response> {
  const { path, isBack } = await placeIn(course);
  return redirectWith(path, school(isBack ? "enrolledAgain" : "enrolled"));
}

async function placeIn({ id, slug, modules }: Entered): Promise<{ path: string; isBack: boolean }> {
  const [first] = modules.flatMap((module) => module.lessons).filter((lesson) => lesson.status === "published");
  const progress = await orWithout(Progress.state({ courseId: id }), null);
  if (progress?.completed) return { path: pathTo.progress(slug), isBack: true };
  const next = progress?.resume ?? first;
  if (!next) return { path: pathTo.progress(slug), isBack: false };
  return { path: pathTo.lesson(slug, next.slug), isBack: next.slug !== first?.slug };
}
