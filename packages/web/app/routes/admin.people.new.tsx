import { Identity } from "@lectern/core/people/identity";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData } from "@remix-run/react";
import { Field, Form, fieldProps, PageHeader, Select, SubmitButton, stateOf } from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { offeredRoles, roleOptions } from "../manage/roles.ts";
import { admin } from "../messages/en/admin.ts";
import { asActor } from "../server/actor.server.ts";
import { requirePermission } from "../server/guard.server.ts";

export const meta: MetaFunction = () => [{ title: admin("addTitle") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    await requirePermission("user.manage");
    return null;
  });

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const form = await args.request.formData();
    const givenName = textOf(form, "givenName");
    const role = offeredRoles.find((name) => name === form.get("role")) ?? "learner";
    return perform(form, "/admin/people/new", {
      add: {
        run: () =>
          Identity.create({
            email: textOf(form, "email"),
            givenName,
            familyName: textOf(form, "familyName"),
            roles: [role],
          }),
        said: admin("added", { name: givenName }),
        to: "/admin/people",
      },
    });
  });

export default function NewPerson() {
  const state = stateOf(useActionData<typeof action>());
  return (
    <>
      <PageHeader
        title={admin("addTitle")}
        crumbs={[{ to: "/admin/people", label: admin("people") }]}
        lead={admin("addLead")}
      />
      <Form state={state} className="max-w-lg">
        <input type="hidden" name="intent" value="add" />
        <Field
          label={admin("givenName")}
          name="givenName"
          required
          autoComplete="off"
          {...fieldProps(state, "givenName")}
        />
        <Field
          label={admin("familyName")}
          name="familyName"
          optional
          autoComplete="off"
          {...fieldProps(state, "familyName")}
        />
        <Field
          label={admin("email")}
          name="email"
          type="email"
          required
          autoComplete="off"
          {...fieldProps(state, "email")}
        />
        <Select label={admin("role")} name="role" options={roleOptions()} {...fieldProps(state, "role", "learner")} />
        <SubmitButton className="justify-self-start">{admin("addPerson")}</SubmitButton>
      </Form>
    </>
  );
}
