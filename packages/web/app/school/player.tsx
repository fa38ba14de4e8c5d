import { pathTo } from "@lectern/core/kernel/path";
import { Form, Link, useFetcher, useLocation, useNavigate, useSubmit } from "@remix-run/react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { FlashLine } from "../components/frame/flash.tsx";
import { buttonClass, Facts, Hidden, Icon, Notice, Progress } from "../components/ui/index.ts";
import { learn } from "../messages/en/learn.ts";
import { school } from "../messages/en/school.ts";
import { cx } from "../util/class.ts";
import { useHotkey } from "../util/hotkey.ts";
import { minutesInWords } from "../util/time.ts";
import type { SyllabusModule } from "./syllabus.tsx";

const OutlineDrawer = lazy(() => import("./outline-drawer.tsx"));

interface LessonLink {
  readonly slug: string;
  readonly title: string;
}

export interface PlayerData {
  readonly course: { readonly id: string; readonly slug: string; readonly title: string; readonly language: string };
  readonly module: { readonly title: string };
  readonly lesson: {
    readonly id: string;
    readonly slug: string;
    readonly title: string;
    readonly html: string;
    readonly minutes: number;
    readonly status: "draft" | "published";
    readonly isEmpty: boolean;
  };
  readonly previous: LessonLink | null;
  readonly next: LessonLink | null;
  readonly index: number;
  readonly count: number;
  readonly outline: readonly SyllabusModule[];
  readonly canEdit: boolean;
  /** A learner whose progress is unavailable at the moment. */
  readonly isProgressAway: boolean;
  readonly progress: {
    readonly percent: number;
    /** This lesson is done. */
    readonly isDone: boolean;
  } | null;
}

export function Player(props: PlayerData) {
  const { course, module, lesson, previous, next, progress } = props;
  const navigate = useNavigate();
  const submit = useSubmit();
  const fetcher = useFetcher();
  const heading = useFocusOnArrival();
  const intent = fetcher.formData?.get("intent");
  const isDone = intent === "done" || (intent !== "reopen" && (progress?.isDone ?? false));
  const percent = progress?.percent ?? 0;
  const canComplete = progress !== null && !lesson.isEmpty && lesson.status === "published";
  const to = (link: LessonLink) => pathTo.lesson(course.slug, link.slug);
  useHotkey("j", () => next && navigate(to(next)));
  useHotkey("k", () => previous && navigate(to(previous)));
  // Completing during a pending reopen would overtake it.
  const isSettled = fetcher.state === "idle";
  const place = { courseId: course.id, lessonId: lesson.id, next: next?.slug ?? "" };
  useHotkey(
    "c",
    () => canComplete && !isDone && isSettled && submit({ ...place, intent: "continue" }, { method: "post" }),
  );
  return (
    <div className="min-h-dvh">
      <PlayerBar {...props} percent={percent} />
      <FlashLine />
      <main id="main" tabIndex={-1} className="mx-auto w-full max-w-2xl px-4 pt-10 pb-24 outline-none md:px-6 md:pt-16">
        <article>
          <header className="mb-10">
            <Facts className="text-sm text-muted" items={[module.title, minutesInWords(lesson.minutes)]} />
            <h1
              ref={heading}
              tabIndex={-1}
              className="own-side outline-none mt-2 font-read text-3xl font-medium tracking-tight md:text-4xl"
              lang={course.language}
              dir="auto"
            >
              {lesson.title}
            </h1>
          </header>
          {lesson.status === "draft" && (
            <div className="mb-8">
              <Notice tone="warning">{learn("draftNote")}</Notice>
            </div>
          )}
          {lesson.html ? (
            <div
              className="reading"
              lang={course.language}
              dir="auto"
              // biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised by core/content when it was saved.
              dangerouslySetInnerHTML={{ __html: lesson.html }}
            />
          ) : (
            <p className="reading text-muted">{learn("emptyLesson")}</p>
          )}
        </article>
        <footer id="end" className="no-print mt-16 border-t border-line pt-8">
          {progress ? (
            <div className="flex flex-wrap items-center gap-x-5 gap-y-3">
              {canComplete && (
                <>
                  {isDone ? (
                    <Link
                      to={next ? to(next) : pathTo.progress(course.slug)}
                      className={buttonClass("primary", "normal")}
                      aria-keyshortcuts={next ? "j" : undefined}
                    >
                      {learn(next ? "nextLesson" : "toProgress")}
                      <Icon name="next" />
                    </Link>
                  ) : (
                    <Form method="post">
                      <Hidden fields={{ ...place, intent: "continue" }} />
                      <button type="submit" className={buttonClass("primary", "normal")} aria-keyshortcuts="c">
                        <Icon name="check" />
                        {learn(next ? "completeAndContinue" : "completeAndFinish")}
                      </button>
                    </Form>
                  )}
                  <fetcher.Form method="post" className="flex flex-wrap items-center gap-x-3">
                    {isDone && (
                      <p role="status" className="flex items-center gap-2 font-medium text-accent-ink">
                        <Tick isFresh={intent === "done"} />
                        {learn("isDone")}
                      </p>
                    )}
                    <Hidden fields={{ ...place, intent: isDone ? "reopen" : "done" }} />
                    {/* One button with two labels, so that it keeps focus. */}
                    <button type="submit" className={buttonClass("quiet", "normal")}>
                      {learn(isDone ? "reopen" : "markDone")}
                    </button>
                  </fetcher.Form>
                </>
              )}
              <Link to={pathTo.progress(course.slug)} className="link text-sm tabular-nums">
                {learn("doneCount", { percent })}
              </Link>
            </div>
          ) : props.isProgressAway ? (
            <p className="text-ui text-soft" role="status">
              {learn("progressAway")}
            </p>
          ) : (
            !props.canEdit && (
              <p className="flex flex-wrap items-center gap-x-4 gap-y-2 text-ui text-soft">
                {learn("previewNote")}
                <Link to={pathTo.course(course.slug)} className={buttonClass("primary", "small")}>
                  {school("enroll")}
                </Link>
              </p>
            )
          )}
          <nav aria-label={learn("lessonEnd")} className="mt-10 grid gap-3 sm:grid-cols-2">
            {previous ? (
              <Neighbour to={to(previous)} side="previous" title={previous.title} language={course.language} />
            ) : (
              <span />
            )}
            {next && (
              <Neighbour to={to(next)} side="next" title={next.title} language={course.language} isNext={isDone} />
            )}
          </nav>
          <p className="scripted mt-8 text-sm text-muted max-md:hidden">{learn("keys")}</p>
        </footer>
      </main>
    </div>
  );
}

/** Focuses the title after a navigation between lessons; React would leave focus at the top of the page. */
function useFocusOnArrival() {
  const heading = useRef<HTMLHeadingElement>(null);
  const { key, hash } = useLocation();
  useEffect(() => {
    if (key !== "default" && !hash) heading.current?.focus({ preventScroll: true });
  }, [key, hash]);
  return heading;
}

function Tick({ isFresh }: { isFresh: boolean }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" fill="none" className="size-5">
      <path
        d="m3.5 8.5 3 3 6-7"
        pathLength="1"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
        className={isFresh ? "tick-draw" : undefined}
      />
    </svg>
  );
}

function PlayerBar({
  course,
  lesson,
  index,
  count,
  outline,
  canEdit,
  progress,
  percent,
}: PlayerData & { percent: number }) {
  const [drawer, setDrawer] = useState<"never" | "open" | "closed">("never");
  useHotkey("[", () => setDrawer((now) => (now === "open" ? "closed" : "open")));
  return (
    <header className="no-print sticky top-0 z-40 bg-ground">
      <div className="flex h-14 items-center gap-2 px-2 md:px-4">
        <Link
          to={progress ? pathTo.progress(course.slug) : pathTo.course(course.slug)}
          className="flex min-h-10 min-w-0 items-center gap-2 rounded-s px-2.5 text-soft hover:bg-hover hover:text-ink"
        >
          <Icon name="previous" />
          <span className="sr-only">{learn("backTo")}: </span>
          <span className="truncate" dir="auto">
            {course.title}
          </span>
        </Link>
        <span className="ms-auto text-sm whitespace-nowrap text-muted tabular-nums max-sm:hidden">
          {learn("ofLessons", { index: index + 1, count })}
        </span>
        {canEdit && (
          <Link
            to={pathTo.studioLesson(course.id, lesson.id)}
            className="flex min-h-10 items-center gap-2 rounded-s px-2.5 text-soft hover:bg-hover hover:text-ink max-sm:ms-auto"
          >
            <Icon name="edit" />
            <span className="max-md:sr-only">{learn("editLesson")}</span>
          </Link>
        )}
        <Link
          to={progress ? pathTo.progress(course.slug, "outline") : pathTo.course(course.slug, "syllabus")}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            setDrawer("open");
          }}
          aria-keyshortcuts="["
          className={cx(
            "flex min-h-10 items-center gap-2 rounded-s px-2.5 text-soft hover:bg-hover hover:text-ink",
            !canEdit && "max-sm:ms-auto",
          )}
        >
          <Icon name="outline" />
          <span className="max-md:sr-only">{learn("outline")}</span>
          <span
            aria-hidden="true"
            className="rounded-[4px] border border-line-strong px-1.5 text-xs text-muted max-lg:hidden"
          >
            [
          </span>
        </Link>
      </div>
      {progress ? <Progress percent={percent} className="h-0.5! rounded-none!" /> : <div className="h-px bg-line" />}
      {drawer !== "never" && (
        <Suspense>
          <OutlineDrawer
            open={drawer === "open"}
            onClose={() => setDrawer("closed")}
            courseSlug={course.slug}
            outline={outline}
            currentSlug={lesson.slug}
          />
        </Suspense>
      )}
    </header>
  );
}

function Neighbour({
  to,
  side,
  title,
  language,
  isNext = false,
}: {
  to: string;
  side: "previous" | "next";
  title: string;
  language: string;
  isNext?: boolean;
}) {
  return (
    <Link
      to={to}
      rel={side === "next" ? "next" : "prev"}
      aria-keyshortcuts={side === "next" ? "j" : "k"}
      className={cx(
        "grid grid-cols-1 gap-1 rounded-m border px-5 py-4 hover:bg-sunk",
        isNext ? "border-accent-ink" : "border-line-strong",
        side === "next" && "sm:text-end",
      )}
    >
      <span className={cx("flex items-center gap-1.5 text-sm text-muted", side === "next" && "sm:justify-end")}>
        {side === "previous" && <Icon name="previous" />}
        {learn(side === "next" ? "nextLesson" : "previousLesson")}
        {side === "next" && <Icon name="next" />}
      </span>
      <span className="min-w-0 font-read text-lg font-medium wrap-anywhere hyphens-auto" lang={language} dir="auto">
        {title}
      </span>
    </Link>
  );
}
