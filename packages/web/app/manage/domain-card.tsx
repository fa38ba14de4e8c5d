import { Form as PlainForm } from "@remix-run/react";
import type { ReactNode } from "react";
import { Badge, ConfirmForm, Icon, Notice, SubmitButton, type Tone, When } from "../components/ui/index.ts";
import { domains } from "../messages/en/domains.ts";
import { cx } from "../util/class.ts";
import { Records } from "./domain-record.tsx";

type State = "requested" | "dns_ok" | "cert_issued" | "active" | "failed";

export interface DomainView {
  readonly host: string;
  readonly unicode: string;
  readonly state: State;
  readonly message: string | null;
  readonly records: readonly { readonly type: string; readonly name: string; readonly value: string }[];
  readonly apexRecords: readonly { readonly type: string; readonly name: string; readonly value: string }[];
  readonly isApex: boolean;
  readonly url: string | null;
  readonly requestedAt: string;
  readonly checkedAt: string | null;
  readonly lostAt: string | null;
}

const tones: Record<State, Tone> = {
  requested: "warning",
  dns_ok: "info",
  cert_issued: "info",
  active: "success",
  failed: "danger",
};

const path: readonly {
  readonly state: State;
  readonly word: "stepRequested" | "stepDns" | "stepCertificate" | "stepActive";
  /** Text of the step while it is in progress. */
  readonly now: "nowRequested" | "nowDns" | "nowCertificate" | "nowActive";
}[] = [
  { state: "requested", word: "stepRequested", now: "nowRequested" },
  { state: "dns_ok", word: "stepDns", now: "nowDns" },
  { state: "cert_issued", word: "stepCertificate", now: "nowCertificate" },
  { state: "active", word: "stepActive", now: "nowActive" },
];

/** Renders a domain: its progress, what blocks it, its DNS records and its actions. */
export function DomainCard({ domain }: { domain: DomainView }) {
  const { host, unicode, state } = domain;
  const isUnderWay = state !== "active" && state !== "failed";
  const isWanted = state === "requested" || state === "failed" || domain.message !== null || domain.lostAt !== null;
  return (
    <article aria-labelledby={`domain-${host}`} className="grid gap-4 py-6 first:pt-0">
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h3 id={`domain-${host}`} className="text-lg font-semibold break-all" dir="ltr">
            {unicode}
          </h3>
          {unicode !== host && (
            <p dir="ltr" className="font-mono text-sm break-all text-muted">
              {host}
            </p>
          )}
        </div>
        <Badge tone={domain.lostAt ? "warning" : tones[state]}>{domains(domain.lostAt ? "lost" : state)}</Badge>
      </header>
      {isUnderWay && <Steps domain={domain} />}
      <Why domain={domain} />
      {isWanted ? (
        <Wanted domain={domain} />
      ) : (
        <More summary={domains("stands", { count: domain.records.length })}>
          <Records records={domain.records} host={unicode} />
        </More>
      )}
      <footer className="flex flex-wrap items-start gap-3">
        {domain.url && (
          <a
            href={domain.url}
            className="inline-flex min-h-8 items-center gap-1.5 text-ui underline underline-offset-2"
          >
            {domains("open", { host: unicode })} <Icon name="external" />
          </a>
        )}
        {(isUnderWay || state === "failed" || domain.lostAt) && (
          <PlainForm method="post">
            <input type="hidden" name="intent" value="check" />
            <input type="hidden" name="host" value={host} />
            <SubmitButton size="small" variant="secondary">
              {domains(state === "failed" ? "retry" : "check")}
              <span className="sr-only">: {unicode}</span>
            </SubmitButton>
          </PlainForm>
        )}
        <ConfirmForm
          size="small"
          variant="quiet"
          trigger={
            <>
              {domains("remove")}
              <span className="sr-only"> {unicode}</span>
            </>
          }
          confirm={domains("removeConfirm", { host: unicode })}
          fields={{ intent: "remove", host }}
        >
          {domains("removeBody", { host: unicode })}
        </ConfirmForm>
      </footer>
    </article>
  );
}

function Steps({ domain }: { domain: DomainView }) {
  const reached = path.findIndex(({ state }) => state === domain.state);
  return (
    <ol
      aria-label={domains("stepsOf", { host: domain.unicode })}
      className="grid gap-x-6 gap-y-1.5 text-sm sm:flex sm:flex-wrap"
    >
      {path.map(({ state, word, now }, index) => {
        const isDone = index <= reached;
        const isNow = index === reached + 1;
        return (
          <li
            key={state}
            aria-current={isNow ? "step" : undefined}
            className={cx("flex items-center gap-1.5", isDone ? "text-ink" : isNow ? "font-medium" : "text-muted")}
          >
            {isDone ? (
              <Icon name="check" className="text-success-ink" />
            ) : (
              <span
                aria-hidden="true"
                className={cx("mx-1 size-2 rounded-full border border-current", isNow && "bg-current")}
              />
            )}
            {domains(isNow ? now : word)}
            {(isDone || isNow) && <span className="sr-only">, {domains(isDone ? "stepDone" : "stepNow")}</span>}
          </li>
        );
      })}
    </ol>
  );
}

/** Explains what blocks the domain, or that it is complete. */
function Why({ domain }: { domain: DomainView }) {
  const { state, message, checkedAt } = domain;
  const words =
    message ?? (state === "dns_ok" ? domains("working") : state === "cert_issued" ? domains("serving") : null);
  if (!words) return null;
  return (
    <Notice tone={message ? (state === "failed" ? "danger" : "warning") : "info"}>
      <p>{words}</p>
      {checkedAt && state !== "failed" && (
        <p className="mt-1 text-sm text-soft">
          {domains("lookedAt")} <When at={checkedAt} />
          {state === "requested" && <>. {domains("givenUp")}</>}
        </p>
      )}
    </Notice>
  );
}

function Wanted({ domain }: { domain: DomainView }) {
  const { records, apexRecords, isApex, unicode } = domain;
  return (
    <div className="grid gap-3">
      <h4 className="text-ui font-medium">{domains("setThis", { count: records.length })}</h4>
      {isApex && <p className="max-w-prose text-sm text-soft">{domains("apexHint", { host: unicode })}</p>}
      <Records records={records} host={unicode} />
      {!isApex && (
        <More summary={domains("apexQuestion")}>
          <p className="mb-3 max-w-prose text-sm text-soft">{domains("apexAnswer")}</p>
          <Records records={apexRecords} host={unicode} />
        </More>
      )}
    </div>
  );
}

/** Renders details that open without scripts. */
function More({ summary, children }: { summary: string; children: ReactNode }) {
  return (
    <details className="group">
      <summary className="flex cursor-pointer list-none items-center gap-1.5 text-sm text-soft hover:text-ink [&::-webkit-details-marker]:hidden">
        <Icon name="next" className="transition-transform group-open:rotate-90 motion-reduce:transition-none" />
        {summary}
      </summary>
      <div className="mt-3">{children}</div>
    </details>
  );
}
