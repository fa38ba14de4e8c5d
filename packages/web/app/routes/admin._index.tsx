import { Ops } from "@lectern/core/house/ops";
import { has } from "@lectern/core/kernel/permission";
import { Overview } from "@lectern/core/learn/overview";
import { Address } from "@lectern/core/people/suppression";
import { Domain } from "@lectern/tenants/domain";
import { School } from "@lectern/tenants/school";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { PageHeader, Section, stateOf } from "../components/ui/index.ts";
import { perform } from "../manage/acts.server.ts";
import { Checklist, Figures, NewestPeople, Problems } from "../manage/overview.tsx";
import { Refused } from "../manage/refused.tsx";
import { admin } from "../messages/en/admin.ts";
import { overview as words } from "../messages/en/overview.ts";
import { asActor } from "../server/actor.server.ts";
import { requireAdminArea } from "../server/guard.server.ts";
import { orWithout } from "../server/refusal.server.ts";

export const meta: MetaFunction = () => [{ title: admin("overview") }];

/** Loads the overview in parallel queries. A part that fails is left out. */
export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    await requireAdminArea();
    const [overview, domains, health, returned, plan] = await Promise.all([
      has("user.read") ? Overview.get() : null,
      has("domain.manage") ? orWithout(Domain.list(), { items: [] }) : null,
      has("school.settings") ? orWithout(Ops.health(), null) : null,
      has("user.read") ? orWithout(Address.allReturned(), new Map()) : new Map(),
      has("billing.read") ? School.plan() : null,
    ]);
    return {
      overview,
      hasDomain: domains?.items.some(({ state }) => state === "active") ?? false,
      problems: {
        errors: health?.days.reduce((sum, day) => sum + day.errors, 0) ?? 0,
        domains:
          domains?.items.filter(({ state }) => state !== "active").map(({ host, state }) => ({ host, state })) ?? [],
        mails: returned.size,
      },
      plan: plan?.plan ?? null,
      moderates: has("moderation.manage") && !has("user.read"),
    };
  });

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const form = await args.request.formData();
    return perform(form, "/admin", { dismiss: { run: () => Overview.dismiss(), said: words("dismissed") } });
  });

export default function AdminOverview() {
  const { overview, hasDomain, problems, plan, moderates } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  return (
    <>
      <PageHeader title={admin("overview")} />
      <Refused state={stateOf(answer, "dismiss")} />
      {overview && (
        <>
          {!overview.isDismissed && <Checklist steps={overview.steps} hasDomain={hasDomain} />}
          <Problems {...problems} imports={overview.failedImports} />
          <Section title={words("week")} lead={words("weekLead")}>
            <Figures
              figures={[
                { label: words("activeLearners"), value: overview.learning.active },
                { label: words("enrollments"), value: overview.learning.enrollments },
                { label: words("completions"), value: overview.learning.completions },
              ]}
            />
          </Section>
          <Section title={admin("people")} lead={words("peopleLead", { count: overview.people.total })}>
            <NewestPeople people={overview.people.newest} joined={overview.people.joinedThisWeek} />
          </Section>
        </>
      )}
      {moderates && (
        <Section title={words("moderation")}>
          <p className="max-w-prose">{words("moderationBody")}</p>
        </Section>
      )}
      {plan && (
        <Section title={words("billing")}>
          <p className="max-w-prose">{plan === "free" ? words("planFree") : words("planOther", { plan })}</p>
        </Section>
      )}
    </>
  );
}
