import { Certificate } from "@lectern/core/learn/certificate";
import { Identity, Session } from "@lectern/core/people/identity";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, Form as PlainForm, useActionData, useLoaderData } from "@remix-run/react";
import { useFrame } from "../components/frame/frame-data.ts";
import { SubmitButton } from "../components/ui/button.tsx";
import { Icon, List, PageHeader, Section, stateOf } from "../components/ui/index.ts";
import { account } from "../messages/en/account.ts";
import { common } from "../messages/en/common.ts";
import { Certificates, Email, Password, Profile, Sessions } from "../school/account-sections.tsx";
import { type AccountIntent, accountActs } from "../server/account.server.ts";
import { asActor, requireUser } from "../server/actor.server.ts";
import { pageTitle } from "../util/title.ts";
import { zonesFor } from "../util/zones.ts";

export const meta: MetaFunction = ({ matches }) => [pageTitle(account("title"), matches)];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (actor) => {
    requireUser(actor);
    const [me, sessions, certificates, pending] = await Promise.all([
      ...[Identity.me(), Session.list(), Certificate.mine({}), Identity.pendingEmail()],
    ] as const);
    return {
      me: {
        email: me.email,
        givenName: me.givenName,
        familyName: me.familyName,
        department: me.department,
        locale: me.locale,
        zone: me.zone,
      },
      pendingEmail: pending.email,
      sessions,
      certificates: certificates.items.map(({ number, courseTitle, issuedOn }) => ({ number, courseTitle, issuedOn })),
      schoolZone: actor.school.zone,
      zones: zonesFor(me.zone),
    };
  });

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async (actor) => {
    requireUser(actor);
    const form = await args.request.formData();
    const act = accountActs[String(form.get("intent")) as AccountIntent];
    return (act ?? accountActs.unknown)(args, actor, form);
  });

export default function Account() {
  const { me, pendingEmail, sessions, certificates, schoolZone, zones } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  return (
    <div className="mx-auto max-w-4xl">
      <PageHeader title={account("title")} />
      <Elsewhere />
      <Section title={account("profile")} lead={account("profileLead")}>
        <Profile me={me} zones={zones} schoolZone={schoolZone} state={stateOf(answer, "profile")} />
      </Section>
      <Section title={account("email")} lead={account("emailLead")}>
        <Email email={me.email} pending={pendingEmail} state={stateOf(answer, "email")} />
      </Section>
      <Section title={account("password")} lead={account("passwordLead")}>
        <Password email={me.email} state={stateOf(answer, "password")} />
      </Section>
      <Section title={account("sessions")} lead={account("sessionsLead")}>
        <Sessions sessions={sessions} />
      </Section>
      <Section title={account("certificates")} lead={account("certificatesLead")}>
        <Certificates certificates={certificates} />
      </Section>
      <PlainForm method="post" action="/auth/sign-out" reloadDocument className="border-t border-line pt-8 md:hidden">
        <SubmitButton variant="secondary" className="w-full">
          {account("signOut")}
        </SubmitButton>
      </PlainForm>
    </div>
  );
}

/** Links to studio and admin for phones, whose bottom bar has no room for them. */
function Elsewhere() {
  const { person } = useFrame();
  const links = [
    ...(person?.canTeach ? [{ to: "/studio", word: common("studio") }] : []),
    ...(person?.canAdmin ? [{ to: "/admin", word: common("admin") }] : []),
  ];
  if (links.length === 0) return null;
  return (
    <nav aria-label={common("more")} className="mb-10 md:hidden">
      <List>
        {links.map(({ to, word }) => (
          <li key={to}>
            <Link to={to} className="flex min-h-12 items-center justify-between font-medium">
              {word}
              <Icon name="next" className="text-muted" />
            </Link>
          </li>
        ))}
      </List>
    </nav>
  );
}
