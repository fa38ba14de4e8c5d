import { Category } from "@lectern/core/learn/category";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form as PlainForm, useActionData, useLoaderData } from "@remix-run/react";
import {
  buttonClass,
  ConfirmForm,
  EmptyState,
  Field,
  Form,
  fieldProps,
  Icon,
  List,
  PageHeader,
  SubmitButton,
  stateOf,
} from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { Refused } from "../manage/refused.tsx";
import { admin } from "../messages/en/admin.ts";
import { asActor } from "../server/actor.server.ts";
import { requirePermission } from "../server/guard.server.ts";

export const meta: MetaFunction = () => [{ title: admin("categories") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    await requirePermission("category.manage");
    return { categories: await Category.list({}) };
  });

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const form = await args.request.formData();
    const name = textOf(form, "name");
    const categoryId = textOf(form, "categoryId");
    return perform(form, "/admin/categories", {
      add: { run: () => Category.create({ name }), said: admin("categoryAdded", { name }) },
      rename: { run: () => Category.update({ categoryId, name }), said: admin("saved") },
      move: {
        run: () => Category.move({ categoryId, position: Number(textOf(form, "position")) }),
        said: admin("saved"),
      },
      remove: { run: () => Category.remove({ categoryId }), said: admin("categoryRemoved", { name }) },
    });
  });

export default function Categories() {
  const { categories } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const adding = stateOf(answer, "add");
  return (
    <>
      <PageHeader title={admin("categories")} lead={admin("categoriesLead")} />
      <Form
        state={adding}
        clears
        className="mb-8 max-w-lg items-end gap-3 sm:grid-cols-[minmax(0,1fr)_auto] sm:[&>[role=alert]]:col-span-2"
      >
        <input type="hidden" name="intent" value="add" />
        <Field
          label={admin("categoryName")}
          name="name"
          id="new-name"
          required
          maxLength={60}
          className="grow"
          {...fieldProps(adding, "name")}
        />
        <SubmitButton>{admin("addCategory")}</SubmitButton>
      </Form>
      <Refused state={stateOf(answer, "rename") ?? stateOf(answer, "move") ?? stateOf(answer, "remove")} />
      {categories.length === 0 ? (
        <EmptyState title={admin("noCategoriesTitle")}>{admin("noCategoriesBody")}</EmptyState>
      ) : (
        <List label={admin("categories")}>
          {categories.map((category, index) => (
            <li key={category.id} className="flex flex-wrap items-end gap-3 py-3">
              <PlainForm method="post" className="flex grow flex-wrap items-end gap-2">
                <input type="hidden" name="intent" value="rename" />
                <input type="hidden" name="categoryId" value={category.id} />
                <Field
                  label={<span className="sr-only">{admin("categoryName")}</span>}
                  name="name"
                  id={`name-${category.id}`}
                  defaultValue={category.name}
                  required
                  maxLength={60}
                  dir="auto"
                />
                <SubmitButton variant="secondary">{admin("renameCategory")}</SubmitButton>
              </PlainForm>
              <PlainForm method="post" preventScrollReset className="flex">
                <input type="hidden" name="intent" value="move" />
                <input type="hidden" name="categoryId" value={category.id} />
                {(
                  [
                    { to: index - 1, icon: "up", words: admin("moveUp", { name: category.name }) },
                    { to: index + 1, icon: "down", words: admin("moveDown", { name: category.name }) },
                  ] as const
                ).map(({ to, icon, words }) => (
                  <button
                    key={icon}
                    type="submit"
                    name="position"
                    value={to}
                    aria-label={words}
                    disabled={to < 0 || to >= categories.length}
                    className={buttonClass("quiet", "normal", "px-3 disabled:opacity-30")}
                  >
                    <Icon name={icon} />
                  </button>
                ))}
              </PlainForm>
              <ConfirmForm
                variant="quiet"
                trigger={admin("removeCategory")}
                confirm={admin("removeCategoryConfirm", { name: category.name })}
                fields={{ intent: "remove", categoryId: category.id, name: category.name }}
              >
                {admin("removeCategoryBody")}
              </ConfirmForm>
            </li>
          ))}
        </List>
      )}
    </>
  );
}
