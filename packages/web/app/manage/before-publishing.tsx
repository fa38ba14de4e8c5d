import { pathTo } from "@lectern/core/kernel/path";
import { Link } from "@remix-run/react";
import { Checkbox, Form, Section, SubmitButton } from "../components/ui/index.ts";
import { studio } from "../messages/en/studio.ts";

interface Lesson {
  id: string;
  title: string;
  status: "draft" | "published";
  isEmpty: boolean;
}

interface Props {
  course: {
    id: string;
    title: string;
    summary: string;
    coverUrl: string | null;
    outcomes: string[];
    modules: { lessons: Lesson[] }[];
    emptyLessons: { id: string; title: string }[];
  };
}

/**
 * Returns the lessons that matter before a course is published: published lessons without content, drafts with content,
 * and, if no lesson has content, the empty drafts (the author must write one of them).
 */
export function lessonsBeforePublishing(course: Pick<Props["course"], "modules" | "emptyLessons">) {
  const lessons = course.modules.flatMap((module) => module.lessons);
  const isBlank = lessons.every(({ isEmpty }) => isEmpty);
  const draftsOf = (wantEmpty: boolean) =>
    lessons.filter(({ status, isEmpty }) => status === "draft" && isEmpty === wantEmpty);
  return { empty: course.emptyLessons, drafts: draftsOf(false), toWrite: isBlank ? draftsOf(true) : [] };
}

/** Returns whether publishing must first ask about some lessons; the publish button then follows the question. */
export function asksFirst(course: Props["course"]): boolean {
  const { empty, drafts } = lessonsBeforePublishing(course);
  return empty.length + drafts.length > 0;
}

/** Lists what blocks publishing, each with a link to fix it, and what would improve the course. */
export function BeforePublishing({ course }: Props) {
  const { empty, drafts, toWrite } = lessonsBeforePublishing(course);
  const advice = [
    ...(course.summary ? [] : [studio("adviseSummary")]),
    ...(course.coverUrl ? [] : [studio("adviseCover")]),
    ...(course.outcomes.length > 0 ? [] : [studio("adviseOutcomes")]),
  ];
  if (empty.length + drafts.length + toWrite.length + advice.length === 0) return null;
  return (
    <div className="mb-10">
      <Section title={studio("fixFirst")}>
        <div className="grid gap-5">
          {empty.length > 0 && (
            <div className="grid gap-2">
              <h3 className="font-medium">{studio("emptyLessons", { count: empty.length })}</h3>
              <Lessons courseId={course.id} lessons={empty} />
            </div>
          )}
          {drafts.length > 0 && (
            <div className="grid gap-2">
              <h3 className="font-medium">{studio("writtenDrafts", { count: drafts.length })}</h3>
              <Lessons courseId={course.id} lessons={drafts} />
            </div>
          )}
          {toWrite.length > 0 && (
            <div className="grid gap-2">
              <h3 className="font-medium">{studio("toWrite", { count: toWrite.length })}</h3>
              <Lessons courseId={course.id} lessons={toWrite} />
            </div>
          )}
          {empty.length + drafts.length > 0 && (
            <Form className="gap-3">
              <input type="hidden" name="intent" value="publish" />
              <input type="hidden" name="title" value={course.title} />
              {empty.length > 0 && <Checkbox label={studio("emptyToDrafts")} name="empty" defaultChecked />}
              {drafts.length > 0 && <Checkbox label={studio("publishDrafts")} name="drafts" defaultChecked />}
              <div>
                <SubmitButton>{studio("publishSo")}</SubmitButton>
              </div>
            </Form>
          )}
          {advice.length > 0 && (
            <div className="grid gap-2">
              <h3 className="font-medium">{studio("advice")}</h3>
              <ul className="list-disc ps-5 text-soft">
                {advice.map((each) => (
                  <li key={each}>{each}</li>
                ))}
              </ul>
              <p>
                <Link to={pathTo.studioDetails(course.id)} className="link">
                  {studio("details")}
                </Link>
              </p>
            </div>
          )}
        </div>
      </Section>
    </div>
  );
}

/** Links to lessons; a long list is collapsed. */
function Lessons({ courseId, lessons }: { courseId: string; lessons: { id: string; title: string }[] }) {
  const list = (
    <ul className="grid gap-1">
      {lessons.map((lesson) => (
        <li key={lesson.id}>
          <Link to={pathTo.studioLesson(courseId, lesson.id)} className="link" dir="auto">
            {lesson.title}
          </Link>
        </li>
      ))}
    </ul>
  );
  if (lessons.length <= 8) return list;
  return (
    <details>
      <summary className="text-soft">{studio("reportMore", { count: lessons.length })}</summary>
      <div className="mt-2">{list}</div>
    </details>
  );
}
