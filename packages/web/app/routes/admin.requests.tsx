import { Identity } from "@lectern/core/people/identity";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form, useActionData, useLoaderData } from "@remix-run/react";
import { Avatar, EmptyState, List, PageHeader, SubmitButton, stateOf, When } from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { Refused } from "../manage/refused.tsx";
import { admin, roleWords } from "../messages/en/admin.ts";
import { asActor } from "../server/actor.server.ts";

export const meta: MetaFunction = () => [{ title: admin("requests") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => ({ requests: await Identity.roleRequests({ status: "pending" }) }));

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const form = await args.request.formData();
    const roleRequestId = textOf(form, "roleRequestId");
    const name = textOf(form, "name");
    return perform(form, "/admin/requests", {
      approve: {
        run: () => Identity.decideRoleRequest({ roleRequestId, approve: true }),
        said: admin("approved", { name }),
      },
      decline: {
        run: () => Identity.decideRoleRequest({ roleRequestId, approve: false }),
        said: admin("declined", { name }),
      },
    });
  });

export default function Requests() {
  const { requests } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  return (
    <>
      <PageHeader title={admin("requests")} lead={admin("requestsLead")} />
      <Refused state={stateOf(answer)} />
      {requests.items.length === 0 ? (
        <EmptyState title={admin("noRequestsTitle")}>{admin("noRequestsBody")}</EmptyState>
      ) : (
        <List label={admin("requests")}>
          {requests.items.map((request) => (
            <li
              key={request.id}
              className="grid gap-3 py-5 sm:grid-cols-[auto_minmax(0,1fr)_auto] sm:items-start sm:gap-4"
            >
              <Avatar name={request.user.name} />
              <div className="min-w-0">
                <p>
                  <span className="font-medium" dir="auto">
                    {request.user.name}
                  </span>{" "}
                  {admin("asksFor", { role: (roleWords[request.role] ?? request.role).toLowerCase() })}
                </p>
                <p className="text-sm text-muted">
                  {request.user.email} · <When at={request.createdAt} />
                </p>
                {request.message && (
                  <blockquote className="mt-2 border-s-2 border-line-strong ps-3 whitespace-pre-line" dir="auto">
                    {request.message}
                  </blockquote>
                )}
              </div>
              <Form method="post" className="flex gap-2">
                <input type="hidden" name="roleRequestId" value={request.id} />
                <input type="hidden" name="name" value={request.user.name} />
                <SubmitButton size="small" name="intent" value="approve">
                  {admin("approve")}
                </SubmitButton>
                <SubmitButton size="small" variant="secondary" name="intent" value="decline">
                  {admin("decline")}
                </SubmitButton>
              </Form>
            </li>
          ))}
        </List>
      )}
    </>
  );
}
