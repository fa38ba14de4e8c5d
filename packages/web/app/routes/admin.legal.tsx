import { pathTo } from "@lectern/core/kernel/path";
import { Legal } from "@lectern/core/people/legal";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { useRef } from "react";
import {
  Field,
  Form,
  fieldProps,
  PageHeader,
  Section,
  stateOf,
  TextArea,
  UnsavedForms,
  When,
} from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { OtherVersion } from "../manage/other-version.tsx";
import { SaveBar } from "../manage/save-bar.tsx";
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
  const forms = useRef<HTMLDivElement>(null);
  return (
    <div ref={forms}>
      <UnsavedForms page={forms} isRefused={stateOf(answer) !== undefined} />
      <PageHeader title={legal("title")} lead={legal("lead")} />
      {pages.map(({ page, text, url, changedAt, version }) => {
        const state = stateOf(answer, page);
        const seen = state?.values.version;
        return (
          <Section key={page} id={page} title={legal(`${page}Title`)} lead={legal(`${page}Lead`)}>
            <Form state={state} className="max-w-2xl">
              <input type="hidden" name="intent" value={page} />
              {seen !== undefined && seen !== String(version) && (
                <OtherVersion
                  takeTheirs="/admin/legal"
                  body={legal("staleBody")}
                  texts={[
                    { label: legal("text"), theirs: text, mine: state?.values[`${page}Text`] ?? text },
                    { label: legal("url"), theirs: url ?? "", mine: state?.values[`${page}Url`] ?? url ?? "" },
                  ]}
                />
              )}
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
                <SaveBar
                  seen={seen}
                  version={version}
                  label={legal("save", { page: legal(`${page}Title`).toLowerCase() })}
                />
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
    </div>
  );
}
