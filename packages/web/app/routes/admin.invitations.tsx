import { pathTo } from "@lectern/core/kernel/path";
import { Course } from "@lectern/core/learn/course";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { Identity } from "@lectern/core/people/identity";
import { Address } from "@lectern/core/people/suppression";
import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
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
import { offeredRoles, roleOptions } from "../manage/roles.ts";
import { admin, roleWords } from "../messages/en/admin.ts";
import { asActor } from "../server/actor.server.ts";
import { refused, refusedState } from "../server/form.server.ts";
import { attempt } from "../server/refusal.server.ts";

/** Core's limit, repeated because the browser bundle must not include core. */
const mostInvited = 200;

export const meta: MetaFunction = () => [{ title: admin("invitations") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const { searchParams } = new URL(args.request.url);
    const cursor = searchParams.get("cursor") ?? undefined;
    const [invitations, returned, courses] = await Promise.all([
      Identity.invitations({ cursor, unanswered: true }),
      Address.allReturned(),
      Course.all({ limit: 100 }),
    ]);
    const titles = new Map(courses.items.map(({ id, title }) => [id, title]));
    const items = invitations.items.map((each) => {
      const came = returned.get(Address.idOf(each.email));
      const course = each.courseId ? (titles.get(each.courseId) ?? null) : null;
      return { ...each, course, returned: came && came.kept !== "news" ? came : null };
    });
    return {
      invitations: { ...invitations, items },
      courses: courses.items.filter(({ status }) => status !== "archived").map(({ id, title }) => ({ id, title })),
      courseId: searchParams.get("course") ?? "",
    };
  });

/** Merges the pasted addresses and those of the chosen file. */
async function addressesOf(form: FormData): Promise<string[]> {
  const file = form.get("file");
  const text = file instanceof File && file.size > 0 ? await file.text() : "";
  return [...Identity.readAddresses(textOf(form, "addresses")), ...Identity.readAddresses(text)];
}

/** Does not redirect: the page shows the result for each address and keeps those not sent. */
async function inviteAll(form: FormData) {
  const role = offeredRoles.find((name) => name === form.get("role")) ?? "learner";
  const courseId = textOf(form, "courseId") || undefined;
  const addresses = await addressesOf(form);
  const asked = { addresses, roles: [role], message: textOf(form, "message"), courseId };
  const done = await attempt(Enrollment.inviteMany(asked));
  if (!done.ok) return refused(refusedState(form, done.refusal), done.refusal.status);
  const left = done.value.items.filter(({ result }) => ["invalid", "over_budget", "refused"].includes(result));
  const values = {
    addresses: left.map(({ address }) => address).join("\n"),
    role,
    courseId: courseId ?? "",
    message: left.length > 0 ? asked.message : "",
  };
  return data({ intent: "invite", values, fieldErrors: {}, formErrors: [], results: done.value.items });
}

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const form = await args.request.formData();
    const email = textOf(form, "email");
    const invitationId = textOf(form, "invitationId");
    if (form.get("intent") === "invite") return inviteAll(form);
    return perform(form, pathTo.invitations(), {
      resend: { run: () => Identity.resendInvitation({ invitationId }), said: admin("resent", { email }) },
      revoke: { run: () => Identity.revokeInvitation({ invitationId }), said: admin("revoked", { email }) },
    });
  });

const tones = { sent: "success", enrolled: "success", member: "neutral", open: "neutral" } as const;

function Results({ items }: { items: readonly Identity.BulkResult[] }) {
  const sent = items.filter(({ result }) => result === "sent").length;
  return (
    <section aria-labelledby="results" role="status" className="mb-8 max-w-2xl">
      <h3 id="results" className="mb-2 font-semibold">
        {admin("inviteResults", { sent, count: items.length })}
      </h3>
      <List label={admin("inviteResultsLabel")}>
        {items.map(({ address, result, message }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes, and an address may come twice.
          <li key={index} className="flex flex-wrap items-baseline gap-x-3 gap-y-1 py-2">
            <bdi className="min-w-0 font-medium break-all">{address}</bdi>
            <Badge tone={result in tones ? tones[result as keyof typeof tones] : "warning"}>{message}</Badge>
          </li>
        ))}
      </List>
    </section>
  );
}

export default function Invitations() {
  const { invitations, courses, courseId } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const state = stateOf(answer, "invite");
  const results = answer && "results" in answer ? (answer.results as Identity.BulkResult[]) : undefined;
  return (
    <>
      <PageHeader title={admin("invitations")} />
      <Section title={admin("inviteTitle")} lead={admin("inviteLead")}>
        {results && <Results items={results} />}
        <Form state={state} encType="multipart/form-data" className="max-w-lg" key={results ? results.length : "first"}>
          <input type="hidden" name="intent" value="invite" />
          <TextArea
            label={admin("inviteAddresses")}
            help={admin("inviteAddressesHelp", { max: mostInvited })}
            name="addresses"
            rows={4}
            autoComplete="off"
            spellCheck={false}
            dir="ltr"
            {...fieldProps(state, "addresses")}
          />
          <Field
            label={admin("inviteFile")}
            help={admin("inviteFileHelp")}
            name="file"
            type="file"
            accept=".csv,.txt,text/csv,text/plain"
            optional
          />
          {courses.length > 0 && (
            <Select
              label={admin("inviteCourse")}
              help={admin("inviteCourseHelp")}
              name="courseId"
              optional
              options={[
                { value: "", label: admin("inviteNoCourse") },
                ...courses.map(({ id, title }) => ({ value: id, label: title })),
              ]}
              {...fieldProps(state, "courseId", courseId)}
            />
          )}
          <Select label={admin("role")} name="role" options={roleOptions()} {...fieldProps(state, "role", "learner")} />
          <TextArea
            label={admin("inviteMessage")}
            help={admin("inviteMessageHelp")}
            name="message"
            optional
            rows={3}
            maxLength={1000}
            {...fieldProps(state, "message")}
          />
          <SubmitButton className="justify-self-start">{admin("sendInvitations")}</SubmitButton>
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
                    {invitation.roles.map((role) => roleWords[role] ?? role).join(", ")}
                    {invitation.course && (
                      <>
                        {" "}
                        · <bdi>{invitation.course}</bdi>
                      </>
                    )}{" "}
                    · {admin("sentAt")} <When at={invitation.createdAt} /> · {admin("expires")}{" "}
                    <When at={invitation.expiresAt} />
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
