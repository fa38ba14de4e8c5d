import { Badge, type Column, EmptyState, Table } from "../components/ui/index.ts";
import { operator } from "../messages/en/operator.ts";

interface Route {
  readonly endpoint: string;
  readonly requests: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly weekP95: number | null;
  readonly isRegression: boolean;
}

const ms = (n: number | null): string => (n === null ? "–" : operator("ms", { n: n.toLocaleString("en") }));

const columns: Column<Route>[] = [
  {
    key: "route",
    head: operator("route"),
    primary: true,
    cell: (route) => (
      <span className="flex flex-wrap items-center gap-2">
        <span className="font-mono text-sm break-all">{route.endpoint}</span>
        {route.isRegression && <Badge tone="warning">{operator("slower")}</Badge>}
      </span>
    ),
  },
  {
    key: "requests",
    head: operator("requests"),
    numeric: true,
    named: true,
    cell: (route) => route.requests.toLocaleString("en"),
  },
  { key: "p50", head: "p50", numeric: true, wideOnly: true, cell: (route) => ms(route.p50) },
  { key: "p95", head: "p95", numeric: true, named: true, cell: (route) => ms(route.p95) },
  { key: "p99", head: "p99", numeric: true, wideOnly: true, cell: (route) => ms(route.p99) },
  { key: "week", head: operator("weekP95"), numeric: true, named: true, cell: (route) => ms(route.weekP95) },
];

/** Lists a day's response times by route, compared with the week before. */
export function OperatorTimes({
  report,
  isToday,
}: {
  report: { readonly day: string; readonly routes: readonly Route[] };
  isToday: boolean;
}) {
  return (
    <section aria-labelledby="times" className="border-t border-line py-8">
      <h2 id="times" className="text-lg font-semibold">
        {operator("performance")}
      </h2>
      <p className="mt-1 mb-4 max-w-prose text-sm text-muted">
        {isToday ? operator("performanceToday") : operator("performanceLead", { day: report.day })}
      </p>
      {report.routes.length === 0 ? (
        <EmptyState title={operator("noTimesTitle")}>{operator("noTimesBody")}</EmptyState>
      ) : (
        <Table
          caption={operator("performance")}
          columns={columns}
          rows={report.routes}
          rowKey={(route) => route.endpoint}
        />
      )}
    </section>
  );
}
