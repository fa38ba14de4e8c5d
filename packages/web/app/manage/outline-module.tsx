import { pathTo } from "@lectern/core/kernel/path";
import { Link, Form as PlainForm } from "@remix-run/react";
import { Badge, ConfirmForm, Duration, Field, Form, Hidden, Icon, SubmitButton } from "../components/ui/index.ts";
import { statusTone, statusWord, studio } from "../messages/en/studio.ts";

interface Lesson {
  id: string;
  title: string;
  minutes: number;
  status: "draft" | "published";
}
interface Props {
  courseId: string;
  module: { id: string; title: string; position: number; lessons: Lesson[] };
  isFirst: boolean;
  isLast: boolean;
}

/** Renders a module with its lessons; the keyboard alone can reorder them. */
export function OutlineModule({ courseId, module, isFirst, isLast }: Props) {
  const { lessons } = module;
  return (
    <li>
      <div className="flex flex-wrap items-center gap-2 border-b border-line-strong pb-2 [&>details[open]]:order-last [&>details[open]]:basis-full">
        <h2 className="min-w-0 grow text-lg font-semibold max-sm:basis-full" dir="auto">
          {module.title}
        </h2>
        <Move
          fields={{ intent: "move-module", moduleId: module.id }}
          title={module.title}
          position={module.position}
          isFirst={isFirst}
          isLast={isLast}
        />
        <details>
          <summary className="w-fit rounded-s px-2 py-1.5 text-sm text-soft hover:bg-hover">{studio("rename")}</summary>
          <PlainForm method="post" className="mt-1 grid max-w-lg items-end gap-2 sm:grid-cols-[minmax(0,1fr)_auto]">
            <input type="hidden" name="intent" value="rename-module" />
            <input type="hidden" name="moduleId" value={module.id} />
            <Field
              label={studio("moduleTitle")}
              name="title"
              id={`title-${module.id}`}
              defaultValue={module.title}
              required
              maxLength={200}
              dir="auto"
            />
            <SubmitButton variant="secondary" className="max-sm:justify-self-start">
              {studio("rename")}
            </SubmitButton>
          </PlainForm>
        </details>
        <ConfirmForm
          size="small"
          variant="quiet"
          trigger={<Delete what={studio("removeModule")} title={module.title} />}
          confirm={studio("removeModuleConfirm", { title: module.title })}
          fields={{ intent: "remove-module", moduleId: module.id, title: module.title }}
        >
          {studio("removeModuleBody", { count: lessons.length })}
        </ConfirmForm>
      </div>
      <ol className="divide-y divide-line">
        {lessons.map((lesson, index) => (
          <li key={lesson.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
            <Link
              to={pathTo.studioLesson(courseId, lesson.id)}
              prefetch="intent"
              className="min-w-0 grow hover:underline max-sm:basis-full"
              dir="auto"
            >
              {lesson.title}
            </Link>
            {lesson.status === "draft" && <Badge tone={statusTone.draft}>{statusWord.draft}</Badge>}
            <span className="text-sm text-muted tabular-nums max-sm:me-auto">
              <Duration minutes={lesson.minutes} />
            </span>
            <Move
              fields={{ intent: "move-lesson", lessonId: lesson.id, moduleId: module.id }}
              title={lesson.title}
              position={index}
              isFirst={index === 0}
              isLast={index === lessons.length - 1}
            />
            <ConfirmForm
              size="small"
              variant="quiet"
              trigger={<Delete what={studio("removeLesson")} title={lesson.title} />}
              confirm={studio("removeLessonConfirm", { title: lesson.title })}
              fields={{ intent: "remove-lesson", lessonId: lesson.id, title: lesson.title }}
            >
              {studio("removeLessonBody")}
            </ConfirmForm>
          </li>
        ))}
      </ol>
      <Form clears className="mt-3 max-w-lg items-end gap-2 sm:grid-cols-[minmax(0,1fr)_auto]">
        <input type="hidden" name="intent" value="add-lesson" />
        <input type="hidden" name="moduleId" value={module.id} />
        <Field label={studio("lessonTitle")} name="title" id={`new-${module.id}`} required maxLength={200} />
        <SubmitButton variant="secondary">{studio("addLesson")}</SubmitButton>
      </Form>
    </li>
  );
}

/** The visible text is "Delete"; the accessible name includes the title. */
function Delete({ what, title }: { what: string; title: string }) {
  const [first = what, ...rest] = what.split(" ");
  return (
    <>
      {first}
      <span className="sr-only">
        {" "}
        {rest.join(" ")} {title}
      </span>
    </>
  );
}

function Move({
  fields,
  title,
  position,
  isFirst,
  isLast,
}: {
  fields: Record<string, string>;
  title: string;
  position: number;
  isFirst: boolean;
  isLast: boolean;
}) {
  const steps = [
    { to: position - 1, icon: "up", label: studio("moveUp", { title }), disabled: isFirst },
    { to: position + 1, icon: "down", label: studio("moveDown", { title }), disabled: isLast },
  ] as const;
  return (
    <PlainForm method="post" preventScrollReset className="flex">
      <Hidden fields={fields} />
      {steps.map((step) => (
        <button
          key={step.icon}
          type="submit"
          name="position"
          value={step.to}
          aria-label={step.label}
          disabled={step.disabled}
          className="rounded-s p-2 text-soft hover:bg-hover hover:text-ink disabled:opacity-30"
        >
          <Icon name={step.icon} />
        </button>
      ))}
    </PlainForm>
  );
}
