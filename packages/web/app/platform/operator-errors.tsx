import type { Ops } from "@lectern/core/house/ops";
import { Badge, type Column, EmptyState, Icon, Table, When } from "../components/ui/index.ts";
import { operator } from "../messages/en/operator.ts";

const columns: Column<Ops.ErrorGroup>[] = [
  {
    key: "what",
    head: operator("what"),
    primary: true,
    cell: (group) => (
      <div className="grid min-w-0 gap-1">
        <span className="flex flex-wrap items-center gap-2">
          <span className="break-all">{group.type}</span>
          {group.severity === "critical" && <Badge tone="danger">{operator("critical")}</Badge>}
        </span>
        <span className="max-w-prose text-sm font-normal wrap-anywhere text-soft">{group.message}</span>
        <Details group={group} />
      </div>
    ),
  },
  {
    key: "where",
    head: operator("where"),
    cell: (group) => <span className="font-mono text-sm break-all">{group.endpoint}</span>,
  },
  {
    key: "times",
    head: operator("times"),
    numeric: true,
    named: true,
    cell: (group) => group.count.toLocaleString("en"),
  },
  { key: "schools", head: operator("schools"), numeric: true, wideOnly: true, cell: (group) => group.schoolCount },
  {
    key: "last",
    head: operator("last"),
    named: true,
    cell: (group) => <When at={group.lastSeen} className="whitespace-nowrap" />,
  },
];

function Details({ group }: { group: Ops.ErrorGroup }) {
  const facts: readonly (readonly [string, string])[] = [
    [operator("group"), group.fingerprint],
    [operator("from"), group.frame],
    [operator("release"), releasesOf(group)],
    [operator("lastRequest"), group.lastRequestId ?? ""],
    [operator("schoolsOf"), group.schoolIds.join(" ")],
  ];
  return (
    <details className="group text-sm font-normal">
      <summary className="flex w-fit items-center gap-1 py-0.5 text-muted hover:text-ink">
        {operator("more")}
        <Icon name="down" className="group-open:rotate-180" />
      </summary>
      <dl className="mt-1 grid gap-x-4 gap-y-1 sm:grid-cols-[auto_minmax(0,1fr)]">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-muted">{name}</dt>
              <dd className="font-mono break-all">{value}</dd>
            </div>
          ))}
        <dt className="text-muted">{operator("first")}</dt>
        <dd>
          <When at={group.firstSeen} />
        </dd>
      </dl>
    </details>
  );
}

const releasesOf = ({ firstRelease, lastRelease }: Ops.ErrorGroup): string =>
  firstRelease === lastRelease ? lastRelease : operator("releases", { first: firstRelease, last: lastRelease });

/** Lists error groups across all schools. */
export function OperatorErrors({ groups }: { groups: readonly Ops.ErrorGroup[] }) {
  return (
    <section aria-labelledby="errors" className="border-t border-line py-8">
      <h2 id="errors" className="text-lg font-semibold">
        {operator("errors")}
      </h2>
      {groups.length === 0 ? (
        <EmptyState title={operator("noErrorsTitle")}>{operator("noErrorsBody")}</EmptyState>
      ) : (
        <>
          <p className="mt-1 mb-4 text-sm text-muted">{operator("errorsLead")}</p>
          <Table caption={operator("errors")} columns={columns} rows={groups} rowKey={(group) => group.fingerprint} />
        </>
      )}
    </section>
  );
}
