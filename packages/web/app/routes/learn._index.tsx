import { pathTo } from "@lectern/core/kernel/path";
import { Course } from "@lectern/core/learn/course";
import { Progress } from "@lectern/core/learn/progress";
import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { Continue } from "../components/continue.tsx";
import { CourseGrid, toCard } from "../components/course-card.tsx";
import { Cover } from "../components/cover.tsx";
import { ButtonLink, Icon, List, Progress as ProgressLine } from "../components/ui/index.ts";
import { learn } from "../messages/en/learn.ts";
import { school } from "../messages/en/school.ts";
import { asActor, requireUser } from "../server/actor.server.ts";
import { minutesInWords } from "../util/time.ts";
import { pageTitle } from "../util/title.ts";

export const meta: MetaFunction = ({ matches }) => [pageTitle(learn("title"), matches)];

/** Shows the learner's next lesson and courses; without courses, three suggestions. */
export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (actor) => {
    requireUser(actor);
    const dashboard = await Progress.dashboard();
    const isEmpty = dashboard.courses.length === 0;
    return {
      continue: dashboard.continue,
      courses: dashboard.courses.map(toRow),
      newest: isEmpty ? (await Course.catalog({ limit: 3 })).items.map(toCard) : [],
    };
  });

const toRow = ({ course, ...each }: Progress.DashboardCourse) => ({
  course: { id: course.id, slug: course.slug, title: course.title, coverUrl: course.coverUrl },
  percent: each.percent,
  completed: each.completed,
  remainingCount: each.remainingCount,
  minutesLeft: each.minutesLeft,
  resume: each.resume && { slug: each.resume.slug },
  certificateNumber: each.certificateNumber,
});

export default function Dashboard() {
  const { continue: goOn, courses, newest } = useLoaderData<typeof loader>();
  if (courses.length === 0)
    return (
      <div className="grid gap-10">
        <header className="grid gap-3">
          <h1 className="font-read text-3xl font-medium md:text-4xl">
            {learn(newest.length > 0 ? "emptyTitle" : "emptySchoolTitle")}
          </h1>
          <p className="max-w-prose text-md text-soft">{learn(newest.length > 0 ? "emptyBody" : "emptySchoolBody")}</p>
        </header>
        <CourseGrid courses={newest} />
        {newest.length > 0 && (
          <div>
            <ButtonLink to="/courses" variant="secondary">
              {school("browse")}
            </ButtonLink>
          </div>
        )}
      </div>
    );
  const open = courses.filter((each) => !each.completed);
  const finished = courses.filter((each) => each.completed);
  return (
    <div className="grid gap-14">
      <div className="grid gap-6">
        <h1 className="text-lg font-semibold">{learn("title")}</h1>
        {goOn && <Continue data={goOn} />}
      </div>
      {open.length > 0 && (
        <section aria-labelledby="mine">
          <h2 id="mine" className="mb-4 text-lg font-semibold">
            {learn("myCourses")}
          </h2>
          <List>
            {open.map((each) => (
              <li key={each.course.id} className="flex items-center gap-5 py-5">
                <div className="w-28 shrink-0 max-sm:hidden">
                  <Cover title={each.course.title} url={each.course.coverUrl} />
                </div>
                <div className="grid min-w-0 flex-1 gap-2">
                  <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
                    <h3 className="min-w-0 font-read text-xl font-medium" dir="auto">
                      <Link
                        to={
                          each.resume
                            ? pathTo.lesson(each.course.slug, each.resume.slug)
                            : pathTo.progress(each.course.slug)
                        }
                        className="underline-offset-4 hover:underline"
                      >
                        {each.course.title}
                      </Link>
                    </h3>
                    <Link to={pathTo.progress(each.course.slug)} className="link text-sm">
                      {learn("whyPercent", { percent: each.percent })}
                      <span className="sr-only"> {each.course.title}</span>
                    </Link>
                  </div>
                  <ProgressLine percent={each.percent} />
                  <p className="flex flex-wrap justify-between gap-x-6 text-sm text-muted tabular-nums">
                    <span>{learn("lessonsLeft", { count: each.remainingCount })}</span>
                    <span>{learn("left", { time: minutesInWords(each.minutesLeft) })}</span>
                  </p>
                </div>
              </li>
            ))}
          </List>
        </section>
      )}
      {finished.length > 0 && (
        <section aria-labelledby="finished">
          <h2 id="finished" className="mb-4 text-lg font-semibold">
            {learn("finished")}
          </h2>
          <List>
            {finished.map((each) => (
              <li key={each.course.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-3.5">
                <Icon name="check" className="text-accent-ink" />
                <Link
                  to={pathTo.progress(each.course.slug)}
                  className="min-w-0 flex-1 font-read text-lg font-medium underline-offset-4 hover:underline"
                  dir="auto"
                >
                  {each.course.title}
                </Link>
                {each.certificateNumber && (
                  <Link to={pathTo.certificate(each.certificateNumber)} className="link text-sm">
                    {learn("certificate")}
                    <span className="sr-only"> {each.course.title}</span>
                  </Link>
                )}
              </li>
            ))}
          </List>
        </section>
      )}
    </div>
  );
}
