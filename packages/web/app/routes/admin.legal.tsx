import { pathTo } from "@lectern/core/kernel/path";
import { Legal } from "@lectern/core/legal";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import {
  Field,
  Form,
  fieldProps,
  PageHeader,
  Section,
  SubmitButton,
  stateOf,
  TextArea,
  When,
} from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { legal } from "../messages/en/legal.ts";
import { asActor } from "../server/actor.server.ts";

export const meta: MetaFunction = () => [{ title: legal("title") }];

export const loader = (args: LoaderFunctionArgs) => asActor(args, async () => ({ pages: await Legal.list({}) }));

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const form = await args.request.formData();
    const version = Number.parseInt(textOf(form, "version"), 10);
    const act = (page: Legal.Page) => ({
      run: () =>
        Legal.update({
          page,
          text: textOf(form, `${page}Text`),
          url: textOf(form, `${page}Url`).trim() || null,
          ...(Number.isInteger(version) && { version }),
        }),
      said: legal("saved", { page: legal(`${page}Title`) }),
      rename: { text: `${page}Text`, url: `${page}Url` },
    });
    return perform(form, "/admin/legal", Object.fromEntries(Legal.pages.map((page) => [page, act(page)])));
  });

export default function LegalPages() {
  const { pages } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  return (
    <>
      <PageHeader title={legal("title")} lead={legal("lead")} />
      {pages.map(({ page, text, url, changedAt, version }) => {
        const state = stateOf(answer, page);
        return (
          <Section key={page} id={page} title={legal(`${page}Title`)} lead={legal(`${page}Lead`)}>
            <Form state={state} className="max-w-2xl">
              <input type="hidden" name="intent" value={page} />
              <input type="hidden" name="version" value={version} />
              <TextArea
                label={legal("text")}
                help={legal("textHelp")}
                name={`${page}Text`}
                rows={8}
                dir="auto"
                optional
                {...fieldProps(state, `${page}Text`, text)}
              />
              <Field
                label={legal("url")}
                help={legal("urlHelp")}
                name={`${page}Url`}
                type="url"
                dir="ltr"
                optional
                {...fieldProps(state, `${page}Url`, url)}
              />
              <div className="flex flex-wrap items-center gap-x-5 gap-y-2">
                <SubmitButton>{legal("save", { page: legal(`${page}Title`).toLowerCase() })}</SubmitButton>
                <p className="text-sm text-muted">
                  {changedAt && (text || url) ? (
                    <>
                      {legal("changed")} <When at={changedAt} /> ·{" "}
                      <Link to={pathTo.legal(page)} className="link">
                        {legal("open")}
                      </Link>
                    </>
                  ) : (
                    legal("never")
                  )}
                </p>
              </div>
            </Form>
          </Section>
        );
      })}
    </>
  );
}
