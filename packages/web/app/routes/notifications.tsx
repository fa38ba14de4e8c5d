import { Notify } from "@lectern/core/talk/notify";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form, useLoaderData } from "@remix-run/react";
import { EmptyState, List, PageHeader, Pagination, SubmitButton, When } from "../components/ui/index.ts";
import { learn } from "../messages/en/learn.ts";
import { asActor, requireUser } from "../server/actor.server.ts";
import { redirect } from "../server/redirect.server.ts";
import { localPath } from "../server/request.server.ts";
import { cx } from "../util/class.ts";
import { pageTitle } from "../util/title.ts";

export const meta: MetaFunction = ({ matches }) => [pageTitle(learn("newsTitle"), matches)];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (actor) => {
    requireUser(actor);
    const cursor = new URL(args.request.url).searchParams.get("cursor");
    return Notify.feed(cursor ? { cursor } : {});
  });

/** Marks all notifications read, or one while opening its target. */
export const action = (args: ActionFunctionArgs) =>
  asActor(args, async (actor) => {
    requireUser(actor);
    const form = await args.request.formData();
    const id = form.get("id");
    await Notify.markRead(typeof id === "string" ? { ids: [id] } : { all: true });
    return redirect(localPath(form.get("href"), "/notifications"));
  });

export default function Notifications() {
  const { items, unread, nextCursor } = useLoaderData<typeof loader>();
  return (
    <div className="mx-auto max-w-2xl">
      <PageHeader
        title={learn("newsTitle")}
        action={
          unread > 0 && (
            <Form method="post">
              <SubmitButton variant="secondary" size="small">
                {learn("markAllRead")}
              </SubmitButton>
            </Form>
          )
        }
      />
      {items.length === 0 ? (
        <EmptyState title={learn("newsEmptyTitle")}>{learn("newsEmptyBody")}</EmptyState>
      ) : (
        <div className="grid gap-6">
          <List label={learn("newsTitle")}>
            {items.map((item) => (
              <li key={item.id}>
                <Form method="post">
                  <input type="hidden" name="id" value={item.id} />
                  <input type="hidden" name="href" value={item.href} />
                  <button type="submit" className="flex w-full items-start gap-3 px-2 py-4 text-start hover:bg-sunk">
                    <span className={cx("mt-2 size-2 shrink-0 rounded-full", !item.readAt && "bg-accent-ink")}>
                      {!item.readAt && <span className="sr-only">{learn("unreadNow")}</span>}
                    </span>
                    <span className="grid min-w-0 flex-1 gap-0.5">
                      <span className={item.readAt ? undefined : "font-semibold"} dir="auto">
                        {item.title}
                      </span>
                      {item.body && (
                        <span className="text-soft" dir="auto">
                          {item.body}
                        </span>
                      )}
                    </span>
                    <When at={item.at} className="mt-0.5 text-sm whitespace-nowrap text-muted" />
                  </button>
                </Form>
              </li>
            ))}
          </List>
          <Pagination nextCursor={nextCursor} />
        </div>
      )}
    </div>
  );
}
