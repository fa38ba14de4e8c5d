import { Audit } from "@lectern/core/audit";
import { pathTo } from "@lectern/core/kernel/path";
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

/** `user.mail_resumed` as people read it. */
const sentence = (action: string): string => {
  const words = action.replaceAll(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const pageOf: Readonly<Record<string, (id: string) => string>> = {
  user: (id) => pathTo.person(id),
  course: (id) => pathTo.studioCourse(id),
};

/** By its name, with the way to it; by its id where it has none or is gone. */
function Target({ target: { type, id, name } }: { target: Entry["target"] }) {
  const kind = type.replaceAll("_", " ");
  if (name === null)
    return (
      <span className="text-soft">
        {kind} <span className="font-mono text-sm break-all text-muted">{id}</span>
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

const columns: Column<Entry>[] = [
  { key: "what", head: admin("auditWhat"), primary: true, cell: (entry) => sentence(entry.action) },
  {
    key: "who",
    head: admin("auditWho"),
    cell: (entry) =>
      entry.actor.type === "user" && entry.actor.id ? (
        <Link className="underline underline-offset-2" to={pathTo.person(entry.actor.id)}>
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
    cell: ({ target }) => <Target target={target} />,
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
