import { pathTo } from "@lectern/core/kernel/path";
import { Course } from "@lectern/core/learn/course";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { data } from "@remix-run/node";
import { useActionData, useFetcher, useLoaderData } from "@remix-run/react";
import type { MouseEvent } from "react";
import {
  Badge,
  Button,
  Checkbox,
  Choice,
  Field,
  Form,
  fieldProps,
  PageHeader,
  stateOf,
  TextArea,
} from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { History } from "../manage/history.tsx";
import { OtherVersion } from "../manage/other-version.tsx";
import { Refused } from "../manage/refused.tsx";
import { SaveBar } from "../manage/save-bar.tsx";
import { statusTone, statusWord, studio } from "../messages/en/studio.ts";
import { asActor } from "../server/actor.server.ts";
import { requireOn } from "../server/guard.server.ts";
import { param } from "../server/params.server.ts";
import { attempt } from "../server/refusal.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: data?.lesson.title ?? studio("lesson") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const courseId = param(args, "courseId");
    await requireOn("course.edit", { type: "course", id: courseId });
    const { course, lesson } = await Course.lesson({
      courseIdOrSlug: courseId,
      lessonIdOrSlug: param(args, "lessonId"),
    });
    const versionId = new URL(args.request.url).searchParams.get("version");
    const [versions, shown] = await Promise.all([
      Course.history({ courseId: course.id, lessonId: lesson.id }),
      versionId ? Course.textVersion({ courseId: course.id, versionId }) : null,
    ]);
    return { course, lesson, versions, shown };
  });

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const courseId = param(args, "courseId");
    const lessonId = param(args, "lessonId");
    const form = await args.request.formData();
    if (form.get("intent") === "preview") {
      const format =
        (["markdown", "html", "discussion"] as const).find((name) => name === form.get("format")) ?? "markdown";
      const rendered = await attempt(Course.previewSource({ format, source: textOf(form, "source"), courseId }));
      return data({ preview: rendered.ok ? rendered.value.html : null });
    }
    return perform(form, pathTo.studioLesson(courseId, lessonId), {
      lesson: {
        run: () =>
          Course.updateLesson({
            lessonId,
            version: Number(textOf(form, "version")),
            title: textOf(form, "title"),
            source: textOf(form, "source"),
            minutes: Number(textOf(form, "minutes")),
            isPreview: form.has("isPreview"),
            status: form.get("status") === "draft" ? "draft" : "published",
          }),
        said: studio("saved"),
      },
      restore: {
        run: async () => {
          const { texts } = await Course.textVersion({ courseId, versionId: textOf(form, "versionId") });
          const { title, source = "" } = texts;
          const version = Number(textOf(form, "version"));
          await Course.updateLesson({ lessonId, version, source, ...(title !== undefined && { title }) });
        },
        said: studio("restored"),
      },
    });
  });

export default function LessonEditor() {
  const { course, lesson, versions, shown } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const state = stateOf(answer, "lesson");
  const here = pathTo.studioLesson(course.id, lesson.id);
  const seen = state?.values.version;
  const preview = useFetcher<{ preview: string | null }>();
  const isText = lesson.format === "markdown" || lesson.format === "html" || lesson.format === "discussion";
  const show = (event: MouseEvent<HTMLButtonElement>) => {
    const { form } = event.currentTarget;
    if (!form) return;
    const typed = new FormData(form);
    preview.submit(
      { intent: "preview", format: lesson.format, source: String(typed.get("source") ?? "") },
      { method: "post" },
    );
  };
  return (
    <>
      <PageHeader
        title={lesson.title}
        crumbs={[
          { to: "/studio", label: studio("courses") },
          { to: pathTo.studioCourse(course.id), label: course.title },
        ]}
        badge={
          lesson.status === "published" && course.status === "draft" ? (
            <Badge tone={statusTone.draft}>{studio("publishedWithCourse")}</Badge>
          ) : (
            <Badge tone={statusTone[lesson.status]}>{statusWord[lesson.status]}</Badge>
          )
        }
      />
      <Refused state={stateOf(answer, "restore")} />
      <Form state={state} saved={lesson.version}>
        <input type="hidden" name="intent" value="lesson" />
        {seen !== undefined && seen !== String(lesson.version) && (
          <OtherVersion
            takeTheirs={here}
            texts={[
              { label: studio("lessonTitle"), theirs: lesson.title, mine: state?.values.title ?? lesson.title },
              { label: studio("text"), theirs: lesson.source ?? "", mine: state?.values.source ?? lesson.source ?? "" },
              {
                label: studio("minutes"),
                theirs: String(lesson.minutes),
                mine: state?.values.minutes ?? String(lesson.minutes),
              },
            ]}
          />
        )}
        <Field
          label={studio("lessonTitle")}
          name="title"
          required
          maxLength={200}
          {...fieldProps(state, "title", lesson.title)}
        />
        {lesson.format === "link" && (
          <Field
            label={studio("address")}
            help={studio("addressHelp")}
            name="source"
            type="url"
            required
            dir="ltr"
            {...fieldProps(state, "source", lesson.source)}
          />
        )}
        {lesson.format === "file" && <input type="hidden" name="source" value={lesson.source} />}
        {isText && (
          <TextArea
            label={studio("text")}
            help={lesson.format === "html" ? studio("textHtml") : studio("textMarkdown")}
            name="source"
            rows={24}
            className="[&>textarea]:font-mono"
            dir="auto"
            {...fieldProps(state, "source", lesson.source)}
          />
        )}
        <div className="grid gap-6 sm:grid-cols-3">
          <Field
            label={studio("minutes")}
            help={studio("minutesHelp")}
            name="minutes"
            type="number"
            min={1}
            max={600}
            required
            {...fieldProps(state, "minutes", String(lesson.minutes))}
          />
          <Choice
            legend={studio("lessonStatus")}
            name="status"
            options={[
              { value: "published", label: studio("published"), help: studio("lessonPublishedHelp") },
              { value: "draft", label: studio("draft"), help: studio("lessonDraftHelp") },
            ]}
            defaultValue={state?.values.status ?? lesson.status}
          />
          <Checkbox
            label={studio("isPreview")}
            help={studio("isPreviewHelp")}
            name="isPreview"
            defaultChecked={state ? "isPreview" in state.values : lesson.isPreview}
          />
        </div>
        <div className="stay-below flex flex-wrap gap-2 border-t border-line bg-ground py-3">
          <SaveBar seen={seen} version={lesson.version} label={studio("saveLesson")} />
          {isText && (
            <Button variant="secondary" className="scripted" onClick={show}>
              {studio("preview")}
            </Button>
          )}
        </div>
      </Form>
      {preview.data?.preview && (
        <section aria-label={studio("preview")} aria-live="polite" className="mt-10 border-t border-line pt-8">
          {/* biome-ignore lint/security/noDangerouslySetInnerHtml: rendered and sanitised by core, as the lesson itself. */}
          <div className="reading" lang={course.language} dangerouslySetInnerHTML={{ __html: preview.data.preview }} />
        </section>
      )}
      <History
        here={here}
        version={lesson.version}
        items={versions}
        shown={shown}
        now={[
          { field: "title", label: studio("lessonTitle"), text: lesson.title },
          { field: "source", label: studio("text"), text: lesson.source ?? "" },
        ]}
      />
    </>
  );
}
