import { pathTo } from "@lectern/core/kernel/path";
import { Course } from "@lectern/core/learn/course";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import {
  ConfirmForm,
  EmptyState,
  Field,
  Form,
  fieldProps,
  Section,
  SubmitButton,
  stateOf,
} from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { asksFirst, BeforePublishing } from "../manage/before-publishing.tsx";
import { CourseHead } from "../manage/course-head.tsx";
import { OutlineModule } from "../manage/outline-module.tsx";
import { Refused } from "../manage/refused.tsx";
import { studio } from "../messages/en/studio.ts";
import { asActor } from "../server/actor.server.ts";
import { param } from "../server/params.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: data?.course.title ?? studio("courses") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => ({ course: await Course.editor({ courseId: param(args, "courseId") }) }));

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const courseId = param(args, "courseId");
    const here = pathTo.studioCourse(courseId);
    const form = await args.request.formData();
    const title = textOf(form, "title");
    const moduleId = textOf(form, "moduleId");
    const lessonId = textOf(form, "lessonId");
    const position = Number(textOf(form, "position"));
    return perform(form, here, {
      publish: {
        run: () =>
          Course.publish({
            courseId,
            drafts: form.has("drafts") ? "publish" : "keep",
            empty: form.has("empty") ? "draft" : "refuse",
          }),
        said: studio("publishedSaid", { title }),
      },
      unpublish: { run: () => Course.unpublish({ courseId }), said: studio("unpublishedSaid", { title }) },
      archive: { run: () => Course.archive({ courseId }), said: studio("archivedSaid", { title }) },
      delete: { run: () => Course.remove({ courseId }), said: studio("deletedSaid", { title }), to: "/studio" },
      "add-module": { run: () => Course.addModule({ courseId, title }), said: studio("moduleAdded") },
      "rename-module": { run: () => Course.renameModule({ moduleId, title }), said: studio("saved") },
      "move-module": { run: () => Course.moveModule({ moduleId, position }), said: studio("moved1") },
      "remove-module": { run: () => Course.removeModule({ moduleId }), said: studio("moduleRemoved", { title }) },
      "add-lesson": { run: () => Course.addLesson({ moduleId, title }), said: studio("lessonAdded") },
      "move-lesson": { run: () => Course.moveLesson({ lessonId, moduleId, position }), said: studio("moved1") },
      "remove-lesson": { run: () => Course.removeLesson({ lessonId }), said: studio("lessonRemoved", { title }) },
    });
  });

export default function Outline() {
  const { course } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const state = stateOf(answer);
  const adding = stateOf(answer, "add-module");
  return (
    <>
      <CourseHead course={course} publishes={!asksFirst(course)} />
      {!adding && <Refused state={state} />}
      {course.status !== "published" && course.modules.length > 0 && <BeforePublishing course={course} />}
      {course.modules.length === 0 && (
        <EmptyState title={studio("emptyOutlineTitle")}>{studio("emptyOutlineBody")}</EmptyState>
      )}
      <ol className="grid gap-8">
        {course.modules.map((module, index) => (
          <OutlineModule
            key={module.id}
            courseId={course.id}
            module={module}
            isFirst={index === 0}
            isLast={index === course.modules.length - 1}
          />
        ))}
      </ol>
      <Form
        state={adding}
        clears
        className="mt-8 max-w-lg items-end gap-3 sm:grid-cols-[minmax(0,1fr)_auto] sm:[&>[role=alert]]:col-span-2 border-t border-line pt-6"
      >
        <input type="hidden" name="intent" value="add-module" />
        <Field
          label={studio("moduleTitle")}
          name="title"
          id="new-module"
          required
          maxLength={200}
          className="grow"
          {...fieldProps(adding, "title")}
        />
        <SubmitButton variant="secondary">{studio("addModule")}</SubmitButton>
      </Form>
      <div className="mt-10">
        <Section title={studio("lessonStatus")}>
          <div className="flex flex-wrap items-start gap-3">
            {course.status === "published" && (
              <ConfirmForm
                variant="secondary"
                trigger={studio("unpublish")}
                confirm={studio("unpublishConfirm", { title: course.title })}
                fields={{ intent: "unpublish", title: course.title }}
              >
                {studio("unpublishBody")}
              </ConfirmForm>
            )}
            {course.status !== "archived" && (
              <ConfirmForm
                variant="secondary"
                trigger={studio("archive")}
                confirm={studio("archiveConfirm", { title: course.title })}
                fields={{ intent: "archive", title: course.title }}
              >
                {studio("archiveBody")}
              </ConfirmForm>
            )}
            <ConfirmForm
              trigger={studio("deleteCourse")}
              confirm={studio("deleteConfirm", { title: course.title })}
              fields={{ intent: "delete", title: course.title }}
            >
              {studio("deleteBody")}
            </ConfirmForm>
          </div>
        </Section>
      </div>
    </>
  );
}
