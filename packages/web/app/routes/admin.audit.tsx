import { pathTo, withQuery } from "@lectern/core/kernel/path";
import { Audit } from "@lectern/core/people/audit";
import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form, Link, useLoaderData, useSearchParams } from "@remix-run/react";
import {
  Button,
  ButtonLink,
  type Column,
  EmptyState,
  ExportLink,
  Field,
  FilterSelect,
  PageHeader,
  Pagination,
  Table,
  When,
} from "../components/ui/index.ts";
import { actorOf, detailsOf, sentence } from "../manage/audit-words.ts";
import { audit, kindWords, targetWords } from "../messages/en/audit.ts";
import { asActor } from "../server/actor.server.ts";
import { auditQuery } from "../server/audit-query.server.ts";

export const meta: MetaFunction = () => [{ title: audit("title") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const url = new URL(args.request.url);
    const cursor = url.searchParams.get("cursor") ?? undefined;
    return { trail: await Audit.list({ ...auditQuery(url), cursor, limit: 50 }) };
  });

type Entry = Awaited<ReturnType<typeof Audit.list>>["items"][number];

const pageOf: Readonly<Record<string, (id: string) => string>> = {
  user: (id) => pathTo.person(id),
  course: (id) => pathTo.studioCourse(id),
};

/** Links to the entry's target by name. */
function Target({ target: { type, id, name } }: { target: Entry["target"] }) {
  const kind = targetWords[type] ?? type.replaceAll("_", " ");
  if (name === null)
    return (
      <span className="text-soft">
        {kind}, {audit("goneTarget")}
      </span>
    );
  const page = pageOf[type]?.(id);
  return (
    <>
      <bdi>
        {page ? (
          <Link className="underline underline-offset-2" to={page}>
            {name}
          </Link>
        ) : (
          name
        )}
      </bdi>{" "}
      <span className="text-sm text-muted">{kind}</span>
    </>
  );
}

/** Renders the action, and before and after in collapsed details. */
function What({ entry }: { entry: Entry }) {
  const { changes, facts } = detailsOf(entry);
  const { userId } = entry.data;
  if (changes.length === 0 && facts.length === 0 && typeof userId !== "string") return sentence(entry.action);
  return (
    <>
      {/* Outside the summary, whose text would become part of the row's accessible name. */}
      {sentence(entry.action)}
      <details className="text-sm font-normal">
        <summary className="cursor-pointer text-muted hover:text-ink">{audit("details")}</summary>
        <dl className="mt-2 grid gap-2 text-sm font-normal">
          {changes.map(({ field, before, after }) => (
            <div key={field}>
              <dt className="text-muted">{field}</dt>
              <dd dir="auto" className="break-words">
                <del className="text-soft">
                  <bdi>{before}</bdi>
                </del>{" "}
                <span aria-hidden="true">→</span>{" "}
                <ins className="no-underline">
                  <bdi>{after}</bdi>
                </ins>
              </dd>
            </div>
          ))}
          {facts.map(({ field, value }) => (
            <div key={field}>
              <dt className="text-muted">{field}</dt>
              <dd dir="auto" className="break-words">
                {value}
              </dd>
            </div>
          ))}
          {typeof userId === "string" && (
            <Link className="underline underline-offset-2" to={pathTo.person(userId)}>
              {audit("person")}
            </Link>
          )}
        </dl>
      </details>
    </>
  );
}

const columnsFor = (by: (id: string) => string): Column<Entry>[] => [
  { key: "what", head: audit("what"), primary: true, cell: (entry) => <What entry={entry} /> },
  {
    key: "who",
    head: audit("who"),
    cell: (entry) =>
      entry.actor.type === "user" && entry.actor.id ? (
        <Link
          className="underline underline-offset-2"
          to={by(entry.actor.id)}
          aria-label={audit("onlyBy", { name: actorOf(entry) })}
        >
          <bdi>{actorOf(entry)}</bdi>
        </Link>
      ) : (
        actorOf(entry)
      ),
  },
  { key: "target", head: audit("target"), cell: ({ target }) => <Target target={target} /> },
  { key: "when", head: audit("when"), cell: (entry) => <When at={entry.at} /> },
];

export default function AuditPage() {
  const { trail } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  const isFiltered = ["q", "kind", "by", "from", "to"].some((name) => params.get(name));
  const by = params.get("by");
  const withBy = (id: string | null) => {
    const next = new URLSearchParams(params);
    next.delete("cursor");
    if (id) next.set("by", id);
    else next.delete("by");
    return withQuery("/admin/audit", next);
  };
  const [first] = trail.items;
  return (
    <>
      <PageHeader
        title={audit("title")}
        lead={audit("lead")}
        action={trail.items.length > 0 && <ExportLink to="/admin/audit.csv" />}
      />
      <Form
        method="get"
        className="mb-6 grid grid-cols-2 items-end gap-3 max-sm:[&>:first-child]:col-span-2 max-sm:[&>:last-child]:col-span-2 xl:grid-cols-[minmax(12rem,1fr)_repeat(3,minmax(8rem,11rem))_auto]"
      >
        <Field label={audit("find")} name="q" type="search" defaultValue={params.get("q") ?? ""} />
        <FilterSelect
          label={audit("kind")}
          name="kind"
          className="max-sm:col-span-2"
          all={audit("anyKind")}
          options={Object.entries(kindWords).map(([value, label]) => ({ value, label }))}
        />
        <Field
          label={audit("from")}
          name="from"
          type="date"
          className="min-w-0 max-[22rem]:col-span-2"
          defaultValue={params.get("from") ?? ""}
        />
        <Field
          label={audit("to")}
          name="to"
          type="date"
          className="min-w-0 max-[22rem]:col-span-2"
          defaultValue={params.get("to") ?? ""}
        />
        {by && <input type="hidden" name="by" value={by} />}
        <Button type="submit" variant="secondary">
          {audit("show")}
        </Button>
      </Form>
      {by && (
        <p className="mb-4 flex flex-wrap items-center gap-3 text-sm text-soft">
          {first && audit("onlyBy", { name: actorOf(first) })}
          <Link className="underline underline-offset-2" to={withBy(null)}>
            {audit("everyone")}
          </Link>
        </p>
      )}
      {trail.items.length === 0 ? (
        <EmptyState
          title={audit(isFiltered ? "noneFoundTitle" : "noneTitle")}
          action={isFiltered && <ButtonLink to="/admin/audit">{audit("clear")}</ButtonLink>}
        >
          {audit(isFiltered ? "noneFoundBody" : "noneBody")}
        </EmptyState>
      ) : (
        <>
          <Table
            caption={audit("title")}
            columns={columnsFor(withBy)}
            rows={trail.items}
            rowKey={(entry) => entry.id}
          />
          <Pagination nextCursor={trail.nextCursor} />
        </>
      )}
    </>
  );
}
