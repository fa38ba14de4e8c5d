import { pathTo } from "@lectern/core/kernel/path";
import { Course } from "@lectern/core/learn/course";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData } from "@remix-run/react";
import { ButtonLink, Field, Form, fieldProps, PageHeader, SubmitButton, stateOf } from "../components/ui/index.ts";
import { textOf } from "../manage/acts.server.ts";
import { studio } from "../messages/en/studio.ts";
import { asActor } from "../server/actor.server.ts";
import { redirectWith } from "../server/flash.server.ts";
import { refused, refusedState } from "../server/form.server.ts";
import { requirePermission } from "../server/guard.server.ts";
import { attempt } from "../server/refusal.server.ts";

export const meta: MetaFunction = () => [{ title: studio("newCourse") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    await requirePermission("course.create");
    return null;
  });

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const form = await args.request.formData();
    const made = await attempt(Course.create({ title: textOf(form, "title"), summary: textOf(form, "summary") }));
    if (!made.ok) return refused(refusedState(form, made.refusal), made.refusal.status);
    return redirectWith(pathTo.studioCourse(made.value.id), studio("created"));
  });

export default function NewCourse() {
  const state = stateOf(useActionData<typeof action>());
  return (
    <>
      <PageHeader
        title={studio("newCourse")}
        crumbs={[{ to: "/studio", label: studio("courses") }]}
        lead={studio("newLead")}
        action={
          <ButtonLink to="/studio/import" variant="secondary">
            {studio("importCourse")}
          </ButtonLink>
        }
      />
      <Form state={state} className="max-w-lg">
        <Field
          label={studio("title")}
          help={studio("titleHelp")}
          name="title"
          required
          maxLength={200}
          {...fieldProps(state, "title")}
        />
        <Field
          label={studio("summary")}
          help={studio("summaryHelp")}
          name="summary"
          optional
          maxLength={300}
          {...fieldProps(state, "summary")}
        />
        <SubmitButton className="justify-self-start">{studio("createCourse")}</SubmitButton>
      </Form>
    </>
  );
}
