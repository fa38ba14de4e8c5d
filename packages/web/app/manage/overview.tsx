import { pathTo, withQuery } from "@lectern/core/kernel/path";
import { Form, Link } from "@remix-run/react";
import { ButtonLink, Icon, List, Section, SubmitButton, When } from "../components/ui/index.ts";
import { overview as words } from "../messages/en/overview.ts";

type Step = "address" | "brand" | "course" | "invitations" | "domain";

/** Where each step of the checklist leads. Confirming the address has no page: the banner resends that mail. */
const places: Readonly<Record<Exclude<Step, "address">, string>> = {
  brand: pathTo.brand(),
  course: pathTo.studio(),
  invitations: pathTo.invitations(),
  domain: pathTo.domains(),
};

/** Renders the first steps of a new school. Data decides what is done, not ticks. The domain is optional. */
export function Checklist({
  steps,
  hasDomain,
}: {
  steps: Readonly<Record<Exclude<Step, "domain">, boolean>>;
  hasDomain: boolean;
}) {
  const done = Object.values(steps).filter(Boolean).length;
  const all = Object.keys(steps).length;
  const lines: readonly { name: Step; isDone: boolean }[] = [
    { name: "address", isDone: steps.address },
    { name: "brand", isDone: steps.brand },
    { name: "course", isDone: steps.course },
    { name: "invitations", isDone: steps.invitations },
    { name: "domain", isDone: hasDomain },
  ];
  const next = lines.find(({ name, isDone }) => !isDone && name !== "address" && name !== "domain")?.name;
  return (
    <Section title={words("setUp")} lead={words("setUpLead", { done: String(done), all: String(all) })}>
      <List label={words("setUp")}>
        {lines.map(({ name, isDone }) => (
          <li key={name} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
            <span
              aria-hidden="true"
              className={
                isDone
                  ? "flex size-6 shrink-0 items-center justify-center rounded-full bg-success-tint text-success-ink"
                  : "size-6 shrink-0 rounded-full border border-control"
              }
            >
              {isDone && <Icon name="check" />}
            </span>
            <p className="min-w-0 flex-1 basis-56">
              <span className="sr-only">{words(isDone ? "stepDone" : "stepOpen")} </span>
              <span className={isDone ? "text-muted" : "font-medium"}>{words(name)}</span>
              {!isDone && <span className="block text-sm text-muted">{words(`${name}Body`)}</span>}
            </p>
            {!isDone && name !== "address" && (
              <ButtonLink to={places[name]} size="small" variant={name === next ? "primary" : "secondary"}>
                {words(`${name}Act`)}
              </ButtonLink>
            )}
          </li>
        ))}
      </List>
      {done === all && (
        <Form method="post" className="mt-4">
          <input type="hidden" name="intent" value="dismiss" />
          <SubmitButton size="small" variant="secondary">
            {words("dismiss")}
          </SubmitButton>
        </Form>
      )}
    </Section>
  );
}

/** Renders numbers with labels: the number comes first visually, the label first for screen readers. */
export function Figures({ figures }: { figures: readonly { label: string; value: number }[] }) {
  return (
    <dl className="grid gap-x-8 gap-y-4 sm:grid-cols-3">
      {figures.map(({ label, value }) => (
        <div key={label} className="flex flex-col-reverse">
          <dt className="text-sm text-muted">{label}</dt>
          <dd className="text-3xl font-semibold tracking-tight tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function NewestPeople({
  people,
  joined,
}: {
  people: readonly { id: string; name: string; createdAt: string }[];
  joined: number;
}) {
  return (
    <>
      <p className="mb-2 text-sm text-muted">
        {joined > 0 ? words("joined", { count: joined }) : words("joinedNobody")}
      </p>
      <List label={words("newest")}>
        {people.map(({ id, name, createdAt }) => (
          <li key={id}>
            <Link
              to={pathTo.person(id)}
              prefetch="intent"
              className="flex flex-wrap items-baseline justify-between gap-x-4 py-2.5 hover:bg-sunk"
            >
              <bdi className="min-w-0 font-medium wrap-anywhere">{name}</bdi>
              <When at={createdAt} className="text-sm text-muted" />
            </Link>
          </li>
        ))}
      </List>
      <p className="mt-3">
        <Link to={pathTo.people()} className="underline underline-offset-2">
          {words("allPeople")}
        </Link>
      </p>
    </>
  );
}

/** Renders what needs attention, each with a link; nothing when all is well. */
export function Problems({
  errors,
  domains,
  mails,
  imports,
}: {
  errors: number;
  domains: readonly { host: string; state: string }[];
  mails: number;
  imports: readonly { id: string; fileName: string; at: string }[];
}) {
  const lines = [
    ...domains.map(({ host, state }) => ({
      key: host,
      text: words(state === "failed" ? "domainFailed" : "domainWaiting", { host }),
      to: pathTo.domains(),
      act: words("domainsAct"),
    })),
    ...imports.map(({ id, fileName }) => ({
      key: id,
      text: words("importFailed", { file: fileName }),
      to: pathTo.courseImport(id),
      act: words("importAct"),
    })),
    ...(mails > 0
      ? [
          {
            key: "mails",
            text: words("mails", { count: mails }),
            to: withQuery(pathTo.people(), { status: "returned" }),
            act: words("mailsAct"),
          },
        ]
      : []),
    ...(errors > 0
      ? [{ key: "errors", text: words("errors", { count: errors }), to: pathTo.health(), act: words("errorsAct") }]
      : []),
  ];
  if (lines.length === 0) return null;
  return (
    <Section title={words("problems")}>
      <List label={words("problems")}>
        {lines.map(({ key, text, to, act }) => (
          <li key={key} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2.5">
            <Icon name="warning" className="text-warning-ink" />
            <span className="min-w-0 flex-1 basis-56 wrap-anywhere" dir="auto">
              {text}
            </span>
            <Link to={to} className="underline underline-offset-2">
              {act}
            </Link>
          </li>
        ))}
      </List>
    </Section>
  );
}
