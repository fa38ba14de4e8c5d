import { pathTo } from "@lectern/core/kernel/path";
import { Certificate } from "@lectern/core/learn/certificate";
import { Course } from "@lectern/core/learn/course";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { Progress } from "@lectern/core/learn/progress";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { Finished } from "../components/finished.tsx";
import { ErrorPage } from "../components/frame/error-page.tsx";
import { ButtonLink, ConfirmForm, PageHeader, Progress as ProgressLine } from "../components/ui/index.ts";
import { learn } from "../messages/en/learn.ts";
import { school } from "../messages/en/school.ts";
import { Syllabus, toSyllabus } from "../school/syllabus.tsx";
import { asActor, requireUser } from "../server/actor.server.ts";
import { redirectWith } from "../server/flash.server.ts";
import { redirect } from "../server/redirect.server.ts";
import { minutesInWords } from "../util/time.ts";
import { pageTitle } from "../util/title.ts";

export const meta: MetaFunction<typeof loader> = ({ data, matches }) => [
  pageTitle(data?.course.title ?? learn("progressTitle"), matches),
];

/** Shows a learner's progress in one course and what is left. */
export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (actor) => {
    requireUser(actor);
    const course = await Course.page({ courseIdOrSlug: args.params.courseSlug ?? "" });
    const isEnrolled = course.enrollment === "active" || course.enrollment === "completed";
    if (!isEnrolled) throw redirect(pathTo.course(course.slug));
    const progress = await Progress.state({ courseId: course.id });
    const certificate = progress.completed ? await Certificate.mineOf({ courseId: course.id }) : null;
    const { id, slug, title, language, modules } = course;
    return {
      course: { id, slug, title, language, modules: toSyllabus(modules, progress.doneLessonIds) },
      percent: progress.percent,
      completed: progress.completed,
      explanation: progress.explanation,
      minutesLeft: progress.minutesLeft,
      resume: progress.resume,
      completedAt: progress.completedAt,
      left: progress.left,
      hasBegun: progress.hasBegun,
      certificate: certificate && { number: certificate.number, status: certificate.status },
    };
  });

/** Withdraws the learner. */
export const action = (args: ActionFunctionArgs) =>
  asActor(args, async (actor) => {
    requireUser(actor);
    const course = await Course.page({ courseIdOrSlug: args.params.courseSlug ?? "" });
    await Enrollment.withdraw({ courseId: course.id });
    return redirectWith("/learn", learn("left_"), "info");
  });

export default function CourseProgress() {
  const data = useLoaderData<typeof loader>();
  const { course, percent, completed, explanation, resume } = data;
  return (
    <div className="grid gap-14">
      {completed ? (
        <Finished course={course} certificate={data.certificate} completedAt={data.completedAt} left={data.left} />
      ) : (
        <div>
          <PageHeader
            title={<span className="font-read text-3xl font-medium md:text-4xl">{course.title}</span>}
            crumbs={[{ to: "/learn", label: learn("title") }]}
            action={
              resume && (
                <ButtonLink to={pathTo.lesson(course.slug, resume.slug)} prefetch="none">
                  {data.hasBegun ? learn("continue") : learn("begin")}
                </ButtonLink>
              )
            }
          />
          <section aria-labelledby="progress" className="grid gap-3 border-y border-line py-8">
            <h2 id="progress" className="sr-only">
              {learn("progressTitle")}
            </h2>
            <p className="font-read text-4xl font-medium tabular-nums">{percent} %</p>
            <ProgressLine percent={percent} />
            <p className="text-md text-soft">{explanation}</p>
          </section>
        </div>
      )}
      <section aria-labelledby="outline">
        <h2 id="outline" className="mb-4 flex flex-wrap items-baseline justify-between gap-x-6 text-lg font-semibold">
          {learn("outlineTitle")}
          {data.minutesLeft > 0 && (
            <span className="text-sm font-normal text-muted">
              {learn("left", { time: minutesInWords(data.minutesLeft) })}
            </span>
          )}
        </h2>
        <Syllabus courseSlug={course.slug} language={course.language} modules={course.modules} canOpen hasProgress />
      </section>
      {!completed && (
        <div id="leave">
          <ConfirmForm
            trigger={learn("leave")}
            confirm={learn("leaveConfirm", { title: course.title })}
            variant="quiet"
            size="small"
          >
            {learn("leaveBody")}
          </ConfirmForm>
        </div>
      )}
    </div>
  );
}

export const ErrorBoundary = () => (
  <ErrorPage
    words={{
      404: {
        title: school("courseGoneTitle"),
        body: school("courseGoneBody"),
        action: (
          <ButtonLink to="/learn" variant="secondary">
            {learn("title")}
          </ButtonLink>
        ),
      },
    }}
  />
);
