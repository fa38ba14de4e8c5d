import { DomainError } from "@lectern/core/kernel/error";
import { Legal } from "@lectern/core/people/legal";
import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { useFrame } from "../components/frame/frame-data.ts";
import { PageHeader, When } from "../components/ui/index.ts";
import { legal } from "../messages/en/legal.ts";
import { asActor } from "../server/actor.server.ts";
import { param } from "../server/params.server.ts";
import { redirect } from "../server/redirect.server.ts";
import { pageTitle } from "../util/title.ts";

export const meta: MetaFunction<typeof loader> = ({ data, matches }) =>
  data ? [pageTitle(data.title ?? legal(`${data.page}Title`), matches)] : [];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const page = Legal.pages.find((each) => each === param(args, "page"));
    if (!page) throw new DomainError("not_found", "page.not_found", "There is no such page.");
    const shown = await Legal.read({ page });
    if (shown.url) throw redirect(shown.url);
    return shown;
  });

export default function LegalPage() {
  const { page, title, html, changedAt } = useLoaderData<typeof loader>();
  const { school } = useFrame();
  return (
    <article className="mx-auto max-w-2xl">
      <PageHeader
        title={title ?? legal(`${page}Title`)}
        lead={
          <>
            {legal("changed")} <When at={changedAt} />
          </>
        }
      />
      <div
        className="reading"
        lang={school?.locale}
        dir="auto"
        // biome-ignore lint/security/noDangerouslySetInnerHtml: sanitized when the text was saved.
        dangerouslySetInnerHTML={{ __html: html }}
      />
    </article>
  );
}
