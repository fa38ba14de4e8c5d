import { Course } from "@lectern/core/learn/course";
import { Progress } from "@lectern/core/learn/progress";
import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { ErrorPage } from "../components/frame/error-page.tsx";
import { ButtonLink } from "../components/ui/index.ts";
import { school } from "../messages/en/school.ts";
import { CoursePage } from "../school/course-page.tsx";
import { toSyllabus } from "../school/syllabus.tsx";
import { asActor } from "../server/actor.server.ts";
import { orWithout } from "../server/refusal.server.ts";
import { pageTitle } from "../util/title.ts";

export const meta: MetaFunction<typeof loader> = ({ data, matches }) =>
  data
    ? [
        pageTitle(data.course.title, matches),
        { name: "description", content: data.course.summary },
        { property: "og:title", content: data.course.title },
        { property: "og:description", content: data.course.summary },
      ]
    : [pageTitle(school("courseGoneTitle"), matches)];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (actor) => {
    const course = await Course.page({ courseIdOrSlug: args.params.courseSlug ?? "" });
    const isEnrolled = course.enrollment === "active" || course.enrollment === "completed";
    const progress = isEnrolled ? await orWithout(Progress.state({ courseId: course.id }), null) : null;
    const { slug, title, summary, descriptionHtml, status, level, language, category, coverUrl, outcomes } = course;
    return {
      course: {
        ...{
          id: course.id,
          slug,
          title,
          summary,
          descriptionHtml,
          status,
          level,
          language,
          category,
          coverUrl,
          outcomes,
        },
        lessonCount: course.lessonCount,
        minutes: course.minutes,
        instructors: course.instructors,
        canEdit: course.canEdit,
        modules: toSyllabus(course.modules, progress?.doneLessonIds ?? []),
      },
      isEnrolled,
      isPerson: actor.type === "user",
      progress: progress && {
        percent: progress.percent,
        completed: progress.completed,
        minutesLeft: progress.minutesLeft,
        resume: progress.resume,
        hasBegun: progress.hasBegun,
      },
    };
  });

export default function CourseRoute() {
  return <CoursePage {...useLoaderData<typeof loader>()} />;
}

export const ErrorBoundary = () => (
  <ErrorPage
    words={{
      404: {
        title: school("courseGoneTitle"),
        body: school("courseGoneBody"),
        action: (
          <ButtonLink to="/courses" variant="secondary">
            {school("browse")}
          </ButtonLink>
        ),
      },
    }}
  />
);
