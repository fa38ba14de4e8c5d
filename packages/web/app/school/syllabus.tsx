import { pathTo } from "@lectern/core/kernel/path";
import type { OutlineModule } from "@lectern/core/learn/course";
import { Badge, Icon } from "../components/ui/index.ts";
import { learn } from "../messages/en/learn.ts";
import { school } from "../messages/en/school.ts";
import { useFollow } from "../util/follow.ts";
import { minutesInWords } from "../util/time.ts";

export interface SyllabusModule {
  readonly id: string;
  readonly title: string;
  readonly lessons: readonly SyllabusLesson[];
}

/** Omits fields with their usual value: a course page sends one of these per lesson, twice. */
export interface SyllabusLesson {
  readonly slug: string;
  readonly title: string;
  readonly minutes: number;
  readonly isDraft?: true;
  readonly isPreview?: true;
  readonly isDone?: true;
}

/** Returns the syllabus of an outline with the given lessons done. */
export function toSyllabus(modules: readonly OutlineModule[], doneLessonIds: readonly string[]): SyllabusModule[] {
  const done = new Set(doneLessonIds);
  return modules.map(({ id, title, lessons }) => ({
    id,
    title,
    lessons: lessons.map((lesson) => ({
      slug: lesson.slug,
      title: lesson.title,
      minutes: lesson.minutes,
      ...(lesson.status === "draft" && { isDraft: true }),
      ...(lesson.isPreview && { isPreview: true }),
      ...(done.has(lesson.id) && { isDone: true }),
    })),
  }));
}

/** Renders the modules, each collapsible. Lessons that the reader may open are links. */
export function Syllabus({
  courseSlug,
  language,
  modules,
  canOpen,
  hasProgress = false,
}: {
  courseSlug: string;
  language: string;
  modules: readonly SyllabusModule[];
  canOpen: boolean;
  /** Shows each module's number of completed lessons. */
  hasProgress?: boolean;
}) {
  const follow = useFollow();
  const firstOpen = modules.find((module) => module.lessons.some((lesson) => !lesson.isDone))?.id ?? modules[0]?.id;
  return (
    <ol className="border-t border-line">
      {modules.map((module) => (
        <li key={module.id} className="border-b border-line">
          <details className="group" open={module.id === firstOpen}>
            <summary className="flex items-start gap-3 py-3.5 hover:bg-sunk">
              <Icon
                name="down"
                className="mt-1 -rotate-90 transition-transform duration-150 group-open:rotate-0 rtl:rotate-90 rtl:group-open:rotate-0"
              />
              <span className="min-w-0 flex-1 font-medium" lang={language} dir="auto">
                {module.title}
              </span>
              <span className="mt-px text-sm whitespace-nowrap text-muted tabular-nums">
                {hasProgress
                  ? learn("moduleDone", {
                      done: module.lessons.filter((lesson) => lesson.isDone).length,
                      count: module.lessons.length,
                    })
                  : school("moduleFacts", {
                      count: module.lessons.length,
                      time: minutesInWords(module.lessons.reduce((sum, lesson) => sum + lesson.minutes, 0)),
                    })}
              </span>
            </summary>
            <ol className="pb-3 ps-7">
              {module.lessons.map((lesson) => {
                const isOpen = canOpen || lesson.isPreview;
                return (
                  <li key={lesson.slug} className="flex items-baseline gap-3 py-1.5">
                    <span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-3 gap-y-0.5">
                      {isOpen ? (
                        <a
                          href={pathTo.lesson(courseSlug, lesson.slug)}
                          onClick={follow}
                          className="min-w-0 underline decoration-line-strong underline-offset-4 hover:decoration-current"
                          lang={language}
                          dir="auto"
                        >
                          {lesson.title}
                        </a>
                      ) : (
                        <span className="min-w-0 text-soft" lang={language} dir="auto">
                          {lesson.title}
                        </span>
                      )}
                      {lesson.isPreview && !canOpen && <Badge tone="accent">{school("preview")}</Badge>}
                      {lesson.isDraft && <Badge>{school("draft")}</Badge>}
                    </span>
                    {lesson.isDone && (
                      <span className="self-center text-accent-ink">
                        <Icon name="check" />
                        <span className="sr-only">{learn("done")}</span>
                      </span>
                    )}
                    <span className="text-sm whitespace-nowrap text-muted tabular-nums">
                      {minutesInWords(lesson.minutes)}
                    </span>
                  </li>
                );
              })}
            </ol>
          </details>
        </li>
      ))}
    </ol>
  );
}
