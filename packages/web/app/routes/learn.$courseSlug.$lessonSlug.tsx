import { pathTo } from "@lectern/core/kernel/path";
import { Course } from "@lectern/core/learn/course";
import { Progress } from "@lectern/core/learn/progress";
import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { useLoaderData, useParams } from "@remix-run/react";
import { ErrorPage } from "../components/frame/error-page.tsx";
import { SchoolFrame } from "../components/frame/school-frame.tsx";
import { ButtonLink } from "../components/ui/index.ts";
import { textOf } from "../manage/acts.server.ts";
import { learn } from "../messages/en/learn.ts";
import { Player } from "../school/player.tsx";
import { toSyllabus } from "../school/syllabus.tsx";
import { asActor, orSignIn, requireUser } from "../server/actor.server.ts";
import { redirect } from "../server/redirect.server.ts";
import { orWithout } from "../server/refusal.server.ts";
import { pageTitle } from "../util/title.ts";

export const handle = { frame: "bare" };

export const meta: MetaFunction<typeof loader> = ({ data, matches }) =>
  data
    ? [pageTitle(`${data.lesson.title} · ${data.course.title}`, matches)]
    : [pageTitle(learn("lessonGoneTitle"), matches)];

/** Serves a lesson and records the visit, so that "Continue" returns here. Prefetches do not count. */
export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (actor) => {
    const { courseSlug = "", lessonSlug = "" } = args.params;
    const lessonView = Course.lesson({ courseIdOrSlug: courseSlug, lessonIdOrSlug: lessonSlug });
    const view = await orSignIn(actor, lessonView);
    const where = { courseId: view.course.id, lessonId: view.lesson.id };
    const isMember = actor.type === "user" && view.enrollment !== null;
    const isLookingAhead = /prefetch/.test(
      args.request.headers.get("sec-purpose") ?? args.request.headers.get("purpose") ?? "",
    );
    const isOpened = isMember && !isLookingAhead && view.lesson.status === "published" && !view.lesson.isEmpty;
    // The lesson must open even while progress is unavailable.
    const [progress] = await Promise.all([
      isMember ? orWithout(Progress.glance({ courseId: view.course.id }), null) : null,
      isOpened ? orWithout(Progress.opened(where), undefined) : undefined,
    ]);
    const { course } = view;
    const { id, slug, title, html, minutes, status, isEmpty } = view.lesson;
    return {
      course: { id: course.id, slug: course.slug, title: course.title, language: course.language },
      module: { title: view.module.title },
      lesson: { id, slug, title, html, minutes, status, isEmpty },
      previous: linkOf(view.previous),
      next: linkOf(view.next),
      index: view.index,
      count: view.count,
      outline: toSyllabus(view.outline, progress?.doneLessonIds ?? []),
      canEdit: view.canEdit,
      isProgressAway: isMember && progress === null,
      progress: progress && {
        percent: progress.percent,
        isDone: progress.doneLessonIds.includes(id),
      },
    };
  });

const linkOf = (lesson: { readonly slug: string; readonly title: string } | null) =>
  lesson && { slug: lesson.slug, title: lesson.title };

/**
 * Completes the lesson, with or without going to the next one, or reopens it. The lesson that completes the course
 * leads to the completion page; the last lesson of an incomplete course leads to what is left.
 */
export const action = (args: ActionFunctionArgs) =>
  asActor(args, async (actor) => {
    requireUser(actor);
    const { courseSlug = "", lessonSlug = "" } = args.params;
    // The form names the lesson by its ids, so nothing needs to be read to find them.
    const form = await args.request.formData();
    const where = { courseId: textOf(form, "courseId"), lessonId: textOf(form, "lessonId") };
    const next = textOf(form, "next");
    const intent = form.get("intent");
    if (intent === "reopen") await Progress.reopen(where);
    else {
      const before = await Progress.glance({ courseId: where.courseId });
      const { completed } = await Progress.markDone(where);
      if (completed && !before.completed) return redirect(pathTo.progress(courseSlug));
      if (intent === "continue") return redirect(next ? pathTo.lesson(courseSlug, next) : pathTo.progress(courseSlug));
    }
    // With scripts the page stays and shows the tick; a plain form returns to the end of the lesson.
    if (args.request.headers.get("sec-fetch-dest") === "empty") return data(null);
    return redirect(pathTo.lesson(courseSlug, lessonSlug, "end"));
  });

export default function Lesson() {
  const lesson = useLoaderData<typeof loader>();
  return <Player key={lesson.lesson.id} {...lesson} />;
}

export function ErrorBoundary() {
  const { courseSlug = "" } = useParams();
  const toCourse = <ButtonLink to={pathTo.course(courseSlug)}>{learn("toCourse")}</ButtonLink>;
  return (
    <SchoolFrame>
      <ErrorPage
        words={{
          403: { title: learn("lockedTitle"), body: learn("lockedBody"), action: toCourse },
          404: { title: learn("lessonGoneTitle"), body: learn("lessonGoneBody"), action: toCourse },
        }}
      />
    </SchoolFrame>
  );
}
