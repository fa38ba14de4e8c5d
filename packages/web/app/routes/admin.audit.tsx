import { Audit } from "@lectern/core/audit";
import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { type Column, EmptyState, PageHeader, Pagination, Table, When } from "../components/ui/index.ts";
import { admin } from "../messages/en/admin.ts";
import { asActor } from "../server/actor.server.ts";

export const meta: MetaFunction = () => [{ title: admin("audit") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const cursor = new URL(args.request.url).searchParams.get("cursor") ?? undefined;
    return { audit: await Audit.list({ cursor, limit: 50 }) };
  });

type Entry = Awaited<ReturnType<typeof Audit.list>>["items"][number];

const columns: Column<Entry>[] = [
  { key: "what", head: admin("auditWhat"), primary: true, cell: (entry) => entry.action.replaceAll(/[._]/g, " ") },
  {
    key: "who",
    head: admin("auditWho"),
    cell: (entry) =>
      entry.actor.type === "user" && entry.actor.id ? (
        <Link className="underline underline-offset-2" to={`/admin/people/${entry.actor.id}`}>
          {entry.actor.name ?? entry.actor.id}
        </Link>
      ) : entry.actor.type === "system" ? (
        admin("thePlatform")
      ) : (
        admin("aVisitor")
      ),
  },
  {
    key: "target",
    head: admin("auditTarget"),
    cell: (entry) => (
      <span className="font-mono text-sm break-all">
        {entry.target.type} {entry.target.id}
      </span>
    ),
  },
  { key: "when", head: admin("auditWhen"), cell: (entry) => <When at={entry.at} /> },
];

export default function AuditPage() {
  const { audit } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title={admin("audit")} lead={admin("auditLead")} />
      {audit.items.length === 0 ? (
        <EmptyState title={admin("noAuditTitle")}>{admin("noAuditBody")}</EmptyState>
      ) : (
        <>
          <Table caption={admin("audit")} columns={columns} rows={audit.items} rowKey={(entry) => entry.id} />
          <Pagination nextCursor={audit.nextCursor} />
        </>
      )}
    </>
  );
}
