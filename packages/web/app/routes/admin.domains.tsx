import { localCloud } from "@lectern/core/kernel/aws";
import { Domain } from "@lectern/tenants/domain";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData, useRevalidator } from "@remix-run/react";
import { useEffect } from "react";
import {
  EmptyState,
  Field,
  Form,
  fieldProps,
  PageHeader,
  Section,
  SubmitButton,
  stateOf,
} from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { DomainCard } from "../manage/domain-card.tsx";
import { Refused } from "../manage/refused.tsx";
import { domains } from "../messages/en/domains.ts";
import { asActor } from "../server/actor.server.ts";

export const meta: MetaFunction = () => [{ title: domains("title") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const { items } = await Domain.list();
    const local = localCloud();
    return { items, localDns: local ? `${local.endpoints.cloudfront}/dns` : null };
  });

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const form = await args.request.formData();
    const host = textOf(form, "host");
    return perform(form, "/admin/domains", {
      add: { run: () => Domain.add({ host }), said: domains("added", { host: host.trim() }) },
      check: { run: () => Domain.check({ host }), said: domains("checking", { host }) },
      remove: { run: () => Domain.remove({ host }), said: domains("removed", { host }) },
    });
  });

const lookAgainMs = 4_000;

/** Polls while a step is in progress and the page is visible. Without scripts people reload the page. */
function useProgress(isUnderWay: boolean): void {
  const { revalidate, state } = useRevalidator();
  useEffect(() => {
    if (!isUnderWay || state !== "idle") return;
    const timer = setTimeout(() => {
      if (document.visibilityState === "visible") revalidate();
    }, lookAgainMs);
    return () => clearTimeout(timer);
  });
}

export default function Domains() {
  const { items, localDns } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const state = stateOf(answer, "add");
  useProgress(items.some((each) => each.state !== "active" && each.state !== "failed"));
  return (
    <>
      <PageHeader title={domains("title")} lead={domains("lead")} />
      <Section title={domains("addTitle")}>
        <Form
          state={state}
          clears
          className="max-w-lg items-start gap-3 sm:grid-cols-[minmax(0,1fr)_auto] sm:[&>[role=alert]]:col-span-2"
        >
          <input type="hidden" name="intent" value="add" />
          <Field
            label={domains("name")}
            help={domains("nameHelp")}
            name="host"
            id="new-host"
            required
            maxLength={253}
            dir="ltr"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            inputMode="url"
            placeholder="learn.example.edu"
            {...fieldProps(state, "host")}
          />
          <SubmitButton className="justify-self-start sm:mt-7">{domains("add")}</SubmitButton>
        </Form>
      </Section>
      <Section title={domains("yours")}>
        <Refused state={stateOf(answer, "check") ?? stateOf(answer, "remove")} />
        {items.length === 0 ? (
          <EmptyState title={domains("noneTitle")}>{domains("noneBody")}</EmptyState>
        ) : (
          <div className="divide-y divide-line">
            {items.map((domain) => (
              <DomainCard key={domain.host} domain={domain} />
            ))}
          </div>
        )}
        {localDns && items.length > 0 && (
          <p className="mt-4 text-sm text-muted">
            {domains("localDns")}{" "}
            <a className="underline underline-offset-2" href={localDns}>
              {domains("localDnsLink")}
            </a>
          </p>
        )}
      </Section>
    </>
  );
}
