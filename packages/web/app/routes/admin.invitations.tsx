import { Identity } from "@lectern/core/identity";
import { roleNames } from "@lectern/core/kernel/permission";
import { Address } from "@lectern/core/notify";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form as PlainForm, useActionData, useLoaderData } from "@remix-run/react";
import {
  Badge,
  ConfirmForm,
  EmptyState,
  Field,
  Form,
  fieldProps,
  List,
  PageHeader,
  Pagination,
  Section,
  Select,
  SubmitButton,
  stateOf,
  TextArea,
  When,
} from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { Refused } from "../manage/refused.tsx";
import { admin, roleWords } from "../messages/en/admin.ts";
import { asActor } from "../server/actor.server.ts";

export const meta: MetaFunction = () => [{ title: admin("invitations") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const cursor = new URL(args.request.url).searchParams.get("cursor") ?? undefined;
    const [invitations, returned] = await Promise.all([
      Identity.invitations({ cursor, unanswered: true }),
      Address.allReturned(),
    ]);
    const items = invitations.items.map((each) => {
      const came = returned.get(Address.idOf(each.email));
      return { ...each, returned: came && came.kept !== "news" ? came : null };
    });
    return { invitations: { ...invitations, items } };
  });

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const form = await args.request.formData();
    const email = textOf(form, "email");
    const invitationId = textOf(form, "invitationId");
    const role = roleNames.find((name) => name === form.get("role")) ?? "learner";
    return perform(form, "/admin/invitations", {
      invite: {
        run: () => Identity.invite({ email, roles: [role], message: textOf(form, "message") }),
        said: admin("invited", { email }),
      },
      resend: { run: () => Identity.resendInvitation({ invitationId }), said: admin("resent", { email }) },
      revoke: { run: () => Identity.revokeInvitation({ invitationId }), said: admin("revoked", { email }) },
    });
  });

export default function Invitations() {
  const { invitations } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const state = stateOf(answer, "invite");
  return (
    <>
      <PageHeader title={admin("invitations")} />
      <Section title={admin("inviteTitle")} lead={admin("inviteLead")}>
        <Form state={state} clears className="max-w-lg">
          <input type="hidden" name="intent" value="invite" />
          <Field
            label={admin("email")}
            name="email"
            type="email"
            required
            autoComplete="off"
            {...fieldProps(state, "email")}
          />
          <Select
            label={admin("role")}
            name="role"
            options={Object.entries(roleWords).map(([value, label]) => ({ value, label }))}
            {...fieldProps(state, "role", "instructor")}
          />
          <TextArea
            label={admin("inviteMessage")}
            help={admin("inviteMessageHelp")}
            name="message"
            optional
            rows={3}
            maxLength={1000}
            {...fieldProps(state, "message")}
          />
          <SubmitButton className="justify-self-start">{admin("sendInvitation")}</SubmitButton>
        </Form>
      </Section>
      <Section title={admin("openInvitations")}>
        <Refused state={stateOf(answer, "resend") ?? stateOf(answer, "revoke")} />
        {invitations.items.length === 0 ? (
          <EmptyState title={admin("noInvitationsTitle")}>{admin("noInvitationsBody")}</EmptyState>
        ) : (
          <List label={admin("openInvitations")}>
            {invitations.items.map((invitation) => (
              <li key={invitation.id} className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 py-3">
                <div className="min-w-0">
                  <p className="flex flex-wrap items-center gap-x-3 gap-y-1 font-medium">
                    <span className="break-all">{invitation.email}</span>
                    {invitation.returned && <Badge tone="warning">{admin("invitationReturned")}</Badge>}
                  </p>
                  {invitation.returned && (
                    <p className="max-w-prose text-sm text-warning-ink">
                      {admin(
                        invitation.returned.reason === "bounced" ? "invitationReturnedHelp" : "invitationUnwanted",
                      )}
                    </p>
                  )}
                  <p className="text-sm text-muted">
                    {invitation.roles.map((role) => roleWords[role] ?? role).join(", ")} · {admin("sentAt")}{" "}
                    <When at={invitation.createdAt} /> · {admin("expires")} <When at={invitation.expiresAt} />
                  </p>
                </div>
                <div className="flex flex-wrap items-start gap-2">
                  <PlainForm method="post">
                    <input type="hidden" name="intent" value="resend" />
                    <input type="hidden" name="invitationId" value={invitation.id} />
                    <input type="hidden" name="email" value={invitation.email} />
                    <SubmitButton variant="secondary" size="small">
                      {admin("resend")}
                    </SubmitButton>
                  </PlainForm>
                  <ConfirmForm
                    size="small"
                    variant="quiet"
                    trigger={admin("revoke")}
                    confirm={admin("revokeConfirm")}
                    fields={{ intent: "revoke", invitationId: invitation.id, email: invitation.email }}
                  >
                    {admin("revokeBody", { email: invitation.email })}
                  </ConfirmForm>
                </div>
              </li>
            ))}
          </List>
        )}
        <Pagination nextCursor={invitations.nextCursor} />
      </Section>
    </>
  );
}
