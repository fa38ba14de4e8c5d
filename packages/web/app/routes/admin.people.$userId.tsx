import { pathTo } from "@lectern/core/kernel/path";
import { has, roleNames } from "@lectern/core/kernel/permission";
import { Identity } from "@lectern/core/people/identity";
import { Address } from "@lectern/core/people/suppression";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import type { ReactNode } from "react";
import {
  Badge,
  buttonClass,
  ConfirmForm,
  Field,
  Form,
  type FormState,
  fieldProps,
  PageHeader,
  PasswordField,
  Section,
  Select,
  SubmitButton,
  stateOf,
  When,
} from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { Refused } from "../manage/refused.tsx";
import { offeredRoles, roleOptions } from "../manage/roles.ts";
import { admin, roleWords } from "../messages/en/admin.ts";
import { asActor } from "../server/actor.server.ts";
import { param } from "../server/params.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: data?.person.name ?? admin("people") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (actor) => {
    const person = await Identity.get({ userId: param(args, "userId") });
    return {
      person,
      returned: await Address.returnedOf({ userId: person.id }),
      mayManage: has("user.manage"),
      grantable: has("role.manage") ? offeredRoles.filter((role) => !person.roles.includes(role)) : [],
      mayMakeOwner: actor.type === "user" && actor.roles.includes("owner") && !person.roles.includes("owner"),
    };
  });

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const userId = param(args, "userId");
    const form = await args.request.formData();
    const role = roleNames.find((name) => name === form.get("role"));
    const word = role ? (roleWords[role] ?? role) : "";
    const { name } = await Identity.get({ userId });
    return perform(form, pathTo.person(userId), {
      profile: {
        run: () =>
          Identity.update({
            userId,
            givenName: textOf(form, "givenName"),
            familyName: textOf(form, "familyName"),
            department: textOf(form, "department"),
          }),
        said: admin("saved"),
      },
      email: {
        run: () =>
          Identity.changeEmailOf({ userId, email: textOf(form, "email"), ownPassword: textOf(form, "ownPassword") }),
        said: admin("emailAsked", { name }),
      },
      suspend: { run: () => Identity.suspend({ userId }), said: admin("personSuspended", { name }) },
      mail: { run: () => Address.writeAgain({ userId }), said: admin("mailResumed", { name }) },
      reinstate: {
        run: () => Identity.reinstate({ userId, ownPassword: textOf(form, "ownPassword") }),
        said: admin("personReinstated", { name }),
      },
      owner: {
        run: () => Identity.grantRole({ userId, role: "owner", ownPassword: textOf(form, "ownPassword") }),
        said: admin("roleGiven", { name, role: roleWords.owner ?? "" }),
      },
      give: role && { run: () => Identity.grantRole({ userId, role }), said: admin("roleGiven", { name, role: word }) },
      take: role && {
        run: () => Identity.revokeRole({ userId, role }),
        said: admin("roleTaken", { name, role: word }),
      },
    });
  });

export default function Person() {
  const { person, returned, mayManage, grantable, mayMakeOwner } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const profile = stateOf(answer, "profile");
  const isOwner = person.roles.includes("owner");
  return (
    <>
      <PageHeader
        title={person.name}
        crumbs={[{ to: "/admin/people", label: admin("people") }]}
        badge={person.status === "suspended" && <Badge tone="danger">{admin("suspended")}</Badge>}
        lead={
          <>
            {person.email}
            {!person.emailVerified && (
              <Badge tone="warning" className="ms-2">
                {admin("unverified")}
              </Badge>
            )}
          </>
        }
      />
      {returned.length > 0 && (
        <Section title={admin("mailReturned")}>
          <ul className="mb-4 grid gap-2 text-ui">
            {returned.map((each) => (
              <li key={each.kept}>
                {admin(each.reason === "bounced" ? "mailBounced" : "mailComplained")} <When at={each.at} />.{" "}
                {admin(keptWords[each.kept])}
              </li>
            ))}
          </ul>
          {mayManage && (
            <Form state={stateOf(answer, "mail")}>
              <input type="hidden" name="intent" value="mail" />
              <SubmitButton className="justify-self-start" variant="secondary">
                {admin("mailAgain")}
              </SubmitButton>
            </Form>
          )}
        </Section>
      )}
      <dl className="mb-8 flex flex-wrap gap-x-10 gap-y-2 text-ui">
        <Fact term={admin("lastSignIn")}>
          {person.lastSignInAt ? <When at={person.lastSignInAt} /> : admin("neverYet")}
        </Fact>
        <Fact term={admin("joined")}>
          <When at={person.createdAt} />
        </Fact>
      </dl>
      <Section title={admin("name")}>
        <Form state={profile} className="max-w-lg">
          <input type="hidden" name="intent" value="profile" />
          <Field
            label={admin("givenName")}
            name="givenName"
            required
            {...fieldProps(profile, "givenName", person.givenName)}
          />
          <Field
            label={admin("familyName")}
            name="familyName"
            optional
            {...fieldProps(profile, "familyName", person.familyName)}
          />
          <Field
            label={admin("department")}
            name="department"
            optional
            {...fieldProps(profile, "department", person.department)}
          />
          {mayManage && (
            <SubmitButton className="justify-self-start" variant="secondary">
              {admin("saveProfile")}
            </SubmitButton>
          )}
        </Form>
      </Section>
      {mayManage && (
        <Section title={admin("email")} lead={admin("emailLead")}>
          <Form state={stateOf(answer, "email")} className="max-w-lg">
            <input type="hidden" name="intent" value="email" />
            <Field
              label={admin("newEmail")}
              name="email"
              type="email"
              required
              autoComplete="off"
              {...fieldProps(stateOf(answer, "email"), "email")}
            />
            {isOwner && <OwnPassword state={stateOf(answer, "email")} />}
            <SubmitButton className="justify-self-start" variant="secondary">
              {admin("changeEmail")}
            </SubmitButton>
          </Form>
        </Section>
      )}
      <Section title={admin("roles")} lead={admin("takeRoleBody")}>
        <ul className="mb-4 grid gap-3">
          {person.roles.map((role) => (
            <li key={role} className="flex flex-wrap items-center justify-between gap-3 border-b border-line pb-3">
              <span className="font-medium">{roleWords[role] ?? role}</span>
              {mayManage && (
                <ConfirmForm
                  size="small"
                  variant="quiet"
                  trigger={admin("takeRole")}
                  confirm={admin("takeRoleConfirm", { role: roleWords[role] ?? role, name: person.name })}
                  fields={{ intent: "take", role }}
                >
                  {admin("takeRoleBody")}
                </ConfirmForm>
              )}
            </li>
          ))}
        </ul>
        <Refused state={stateOf(answer, "take")} />
        {grantable.length > 0 && (
          <Form state={stateOf(answer, "give")} className="max-w-lg items-end gap-3 sm:grid-cols-[minmax(0,1fr)_auto]">
            <input type="hidden" name="intent" value="give" />
            <Select label={admin("giveRole")} name="role" options={roleOptions(grantable)} />
            <SubmitButton variant="secondary">{admin("giveRole")}</SubmitButton>
          </Form>
        )}
        {mayMakeOwner && <MakeOwner name={person.name} state={stateOf(answer, "owner")} />}
      </Section>
      {mayManage && (
        <Section title={admin("status")}>
          {person.status === "active" ? (
            <>
              <Refused state={stateOf(answer, "suspend")} />
              <ConfirmForm
                trigger={admin("suspend")}
                confirm={admin("suspendConfirm", { name: person.name })}
                fields={{ intent: "suspend" }}
              >
                {admin("suspendBody", { name: person.name })}
              </ConfirmForm>
            </>
          ) : (
            <Form state={stateOf(answer, "reinstate")} className="max-w-lg">
              <input type="hidden" name="intent" value="reinstate" />
              {isOwner && <OwnPassword state={stateOf(answer, "reinstate")} />}
              <SubmitButton className="justify-self-start" variant="secondary">
                {admin("reinstate")}
              </SubmitButton>
            </Form>
          )}
        </Section>
      )}
    </>
  );
}

/**
 * Separate from other roles: an owner can hand over the school, so it explains that and asks for the granter's
 * password.
 */
function MakeOwner({ name, state }: { name: string; state: FormState | undefined }) {
  return (
    <details className="group mt-6" open={state !== undefined}>
      <summary className={buttonClass("quiet", "small", "group-open:hidden")}>{admin("makeOwner")}</summary>
      <div className="grid max-w-lg gap-4 rounded-m border border-line-strong bg-surface p-4">
        <p className="text-ui">{admin("makeOwnerBody", { name })}</p>
        <Form state={state}>
          <input type="hidden" name="intent" value="owner" />
          <OwnPassword state={state} />
          <SubmitButton className="justify-self-start" variant="danger">
            {admin("makeOwnerConfirm", { name })}
          </SubmitButton>
        </Form>
      </div>
    </details>
  );
}

/** Asks for the signed-in person's password before a change to an owner, in case somebody else uses their session. */
const OwnPassword = ({ state }: { state: FormState | undefined }) => (
  <PasswordField
    label={admin("ownPassword")}
    name="ownPassword"
    autoComplete="current-password"
    required
    {...fieldProps(state, "ownPassword")}
  />
);

const keptWords = { every: "mailKeptEvery", account: "mailKeptAccount", news: "mailKeptNews" } as const;

const Fact = ({ term, children }: { term: string; children: ReactNode }) => (
  <div>
    <dt className="text-sm text-muted">{term}</dt>
    <dd>{children}</dd>
  </div>
);
