import { pathTo } from "@lectern/core/kernel/path";
import { has } from "@lectern/core/kernel/permission";
import { Course } from "@lectern/core/learn/course";
import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { Badge, ButtonLink, Chips, Duration, EmptyState, List, PageHeader } from "../components/ui/index.ts";
import { statusTone, statusWord, studio } from "../messages/en/studio.ts";
import { asActor } from "../server/actor.server.ts";

export const meta: MetaFunction = () => [{ title: studio("courses") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const { searchParams } = new URL(args.request.url);
    const seesAll = has("user.read");
    const mine = !seesAll || searchParams.get("show") === "mine";
    const courses = mine
      ? { items: await Course.mine({}), nextCursor: null }
      : await Course.all({ cursor: searchParams.get("cursor") ?? undefined, limit: 50 });
    return { courses, seesAll, mayCreate: has("course.create") };
  });

export default function StudioHome() {
  const { courses, seesAll, mayCreate } = useLoaderData<typeof loader>();
  const begin = mayCreate && (
    <>
      <ButtonLink to="/studio/import" variant="secondary">
        {studio("importCourse")}
      </ButtonLink>
      <ButtonLink to="/studio/new">{studio("newCourse")}</ButtonLink>
    </>
  );
  return (
    <>
      <PageHeader title={studio("courses")} action={courses.items.length > 0 && begin} />
      {seesAll && (
        <div className="mb-6">
          <Chips
            name="show"
            label={studio("courses")}
            all={studio("allCourses")}
            options={[{ value: "mine", label: studio("mine") }]}
          />
        </div>
      )}
      {courses.items.length === 0 ? (
        <EmptyState title={studio("noCoursesTitle")} action={<div className="flex flex-wrap gap-2">{begin}</div>}>
          {studio("noCoursesBody")}
        </EmptyState>
      ) : (
        <List label={studio("courses")}>
          {courses.items.map((course) => (
            <li key={course.id}>
              <Link
                to={pathTo.studioCourse(course.id)}
                prefetch="intent"
                className="flex flex-wrap items-center gap-x-4 gap-y-1 py-4 hover:bg-sunk"
              >
                <span className="min-w-0 grow basis-64">
                  <span className="block font-medium" dir="auto">
                    {course.title}
                  </span>
                  <span className="block text-sm text-muted">
                    {studio("lessons", { count: course.lessonCount })} · <Duration minutes={course.minutes} /> ·{" "}
                    {studio("learnersOf", { count: course.learners })}
                  </span>
                </span>
                <Badge tone={statusTone[course.status]}>{statusWord[course.status]}</Badge>
              </Link>
            </li>
          ))}
        </List>
      )}
    </>
  );
}
