import { Category } from "@lectern/core/category";
import { Course } from "@lectern/core/course";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import {
  Field,
  Form,
  fieldProps,
  List,
  Section,
  Select,
  SubmitButton,
  stateOf,
  TextArea,
} from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { CourseHead } from "../manage/course-head.tsx";
import { Refused } from "../manage/refused.tsx";
import { studio } from "../messages/en/studio.ts";
import { asActor } from "../server/actor.server.ts";
import { param } from "../server/params.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: data?.course.title ?? studio("details") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const [course, categories] = await Promise.all([
      Course.editor({ courseId: param(args, "courseId") }),
      Category.list({}),
    ]);
    return { course, categories };
  });

const levels = ["any", "beginner", "intermediate", "advanced"] as const;

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const courseId = param(args, "courseId");
    const form = await args.request.formData();
    const outcomes = textOf(form, "outcomes")
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
    return perform(form, `/studio/courses/${courseId}/details`, {
      details: {
        run: () =>
          Course.update({
            courseId,
            version: Number(textOf(form, "version")),
            title: textOf(form, "title"),
            summary: textOf(form, "summary"),
            descriptionHtml: textOf(form, "descriptionHtml"),
            level: levels.find((level) => level === form.get("level")) ?? "any",
            language: textOf(form, "language"),
            categoryId: textOf(form, "categoryId") || null,
            outcomes,
          }),
        said: studio("saved"),
        rename: Object.fromEntries(outcomes.map((_, index) => [`outcomes.${index}`, "outcomes"])),
      },
      staff: {
        run: () => Course.addStaff({ courseId, email: textOf(form, "email"), role: "instructor" }),
        said: studio("staffAdded"),
      },
    });
  });

export default function Details() {
  const { course, categories } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const state = stateOf(answer, "details");
  return (
    <>
      <CourseHead course={course} />
      <Section title={studio("details")}>
        <Form state={state} className="max-w-2xl">
          <input type="hidden" name="intent" value="details" />
          <input type="hidden" name="version" value={course.version} />
          <Field
            label={studio("title")}
            name="title"
            required
            maxLength={200}
            {...fieldProps(state, "title", course.title)}
          />
          <Field
            label={studio("summary")}
            help={studio("summaryHelp")}
            name="summary"
            maxLength={300}
            {...fieldProps(state, "summary", course.summary)}
          />
          <TextArea
            label={studio("outcomes")}
            help={studio("outcomesHelp")}
            name="outcomes"
            rows={5}
            {...fieldProps(state, "outcomes", course.outcomes.join("\n"))}
          />
          <TextArea
            label={studio("description")}
            help={studio("descriptionHelp")}
            name="descriptionHtml"
            rows={8}
            {...fieldProps(state, "descriptionHtml", course.descriptionHtml)}
          />
          <div className="grid gap-6 sm:grid-cols-2">
            <Select
              label={studio("level")}
              name="level"
              options={[
                { value: "any", label: studio("levelAny") },
                { value: "beginner", label: studio("levelBeginner") },
                { value: "intermediate", label: studio("levelIntermediate") },
                { value: "advanced", label: studio("levelAdvanced") },
              ]}
              {...fieldProps(state, "level", course.level)}
            />
            <Select
              label={studio("category")}
              name="categoryId"
              options={[
                { value: "", label: studio("categoryNone") },
                ...categories.map((category) => ({ value: category.id, label: category.name })),
              ]}
              {...fieldProps(state, "categoryId", course.category?.id)}
            />
            <Field
              label={studio("language")}
              help={studio("languageHelp")}
              name="language"
              required
              maxLength={35}
              dir="ltr"
              {...fieldProps(state, "language", course.language)}
            />
            <div className="grid content-start gap-1.5">
              <span className="text-ui font-medium">{studio("price")}</span>
              <span className="flex min-h-11 items-center">{studio("priceFree")}</span>
              <span className="text-sm text-muted">{studio("priceHelp")}</span>
            </div>
          </div>
          <SubmitButton className="justify-self-start">{studio("saveDetails")}</SubmitButton>
        </Form>
      </Section>
      <Section title={studio("staff")}>
        <Refused state={stateOf(answer, "staff")} />
        <List label={studio("staff")}>
          {course.instructors.map((person) => (
            <li key={person.id} className="py-2.5" dir="auto">
              {person.name}
            </li>
          ))}
        </List>
        <Form className="mt-4 flex max-w-lg flex-wrap items-end gap-3">
          <input type="hidden" name="intent" value="staff" />
          <Field label={studio("enrollEmail")} name="email" type="email" required className="grow" />
          <SubmitButton variant="secondary">{studio("addStaff")}</SubmitButton>
        </Form>
      </Section>
    </>
  );
}
