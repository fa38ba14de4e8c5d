import { pathTo } from "@lectern/core/kernel/path";
import { Course } from "@lectern/core/learn/course";
import { Enrollment } from "@lectern/core/learn/enrollment";
import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { asActor, requireUser } from "../server/actor.server.ts";
import { openEnrolled } from "../server/arrival.server.ts";
import { redirectWith } from "../server/flash.server.ts";
import { redirect } from "../server/redirect.server.ts";
import { refusalOf, refusing } from "../server/refusal.server.ts";

/**
 * Enrolls the person and opens the first lesson, or the last opened one after re-enrollment. Enrolled people just
 * continue.
 */
export const action = (args: ActionFunctionArgs) =>
  asActor(args, async (actor) => {
    requireUser(actor);
    const slug = args.params.courseSlug ?? "";
    const course = await Course.page({ courseIdOrSlug: slug });
    const refusal = await refusalOf(Enrollment.create({ courseId: course.id }));
    if (refusal?.code === "enrollment.exists") return redirect(pathTo.progress(course.slug));
    if (refusal) return redirectWith(pathTo.course(course.slug), refusal.message, "warning");
    return openEnrolled(course);
  });

/** A GET must not enroll, so it redirects to the course's page. */
export const loader = (args: LoaderFunctionArgs) =>
  refusing(args, async () => redirect(pathTo.course(args.params.courseSlug ?? "")));

export { NoPage as default } from "../components/no-page.tsx";
