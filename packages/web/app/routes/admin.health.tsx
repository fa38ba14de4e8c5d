import { Ops } from "@lectern/core/house/ops";
import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { useFrame } from "../components/frame/frame-data.ts";
import { type Column, EmptyState, PageHeader, Table, When } from "../components/ui/index.ts";
import { DayBars } from "../manage/day-bars.tsx";
import { placeOf, slowPlaces } from "../manage/place.ts";
import { health } from "../messages/en/health.ts";
import { asActor } from "../server/actor.server.ts";

export const meta: MetaFunction = () => [{ title: health("title") }];

export const loader = (args: LoaderFunctionArgs) => asActor(args, async () => ({ health: await Ops.health() }));

type Health = Awaited<ReturnType<typeof Ops.health>>;

/** Shows the name that people know, with the endpoint on hover for support. */
const Place = ({ place, endpoint }: { place: string | undefined; endpoint: string }) => (
  <span title={endpoint}>{place ?? health("placeBackground")}</span>
);

const troubleColumns: Column<Health["trouble"][number]>[] = [
  {
    key: "where",
    head: health("where"),
    primary: true,
    cell: (each) => <Place place={placeOf(each.endpoint)} endpoint={each.endpoint} />,
  },
  { key: "times", head: health("times"), numeric: true, cell: (each) => health("timesOf", { count: each.count }) },
  {
    key: "last",
    head: health("last"),
    named: true,
    cell: (each) => <When at={each.lastSeen} className="whitespace-nowrap" />,
  },
  {
    key: "reference",
    head: health("reference"),
    named: true,
    // The id that the last affected person saw on their error page, and that support finds in the logs.
    cell: (each) => <span className="font-mono text-sm break-all">{each.requestId ?? each.reference}</span>,
  },
];

const slowColumns: Column<ReturnType<typeof slowPlaces>[number]>[] = [
  {
    key: "where",
    head: health("where"),
    primary: true,
    cell: (each) => <Place {...each} />,
  },
  { key: "times", head: health("times"), numeric: true, cell: (each) => health("timesOf", { count: each.count }) },
  {
    key: "mean",
    head: health("mean"),
    numeric: true,
    named: true,
    cell: (each) => health("seconds", { n: (each.meanMs / 1000).toFixed(1) }),
  },
  {
    key: "last",
    head: health("last"),
    named: true,
    cell: (each) => <When at={each.lastSeen} className="whitespace-nowrap" />,
  },
];

export default function HealthPage() {
  const { help } = useFrame();
  const { days, trouble, slow } = useLoaderData<typeof loader>().health;
  const total = days.reduce((sum, { errors }) => sum + errors, 0);
  return (
    <>
      <PageHeader title={health("title")} lead={health("lead")} />
      {trouble.length === 0 && slow.length === 0 ? (
        <EmptyState title={health("wellTitle")}>{health("wellBody")}</EmptyState>
      ) : (
        <div className="grid gap-10">
          <section aria-labelledby="week" className="grid gap-3">
            <h2 id="week" className="text-lg font-semibold">
              {health("week", { count: total })}
            </h2>
            <DayBars days={days} />
          </section>
          {trouble.length > 0 && (
            <section aria-labelledby="trouble" className="grid gap-3">
              <h2 id="trouble" className="text-lg font-semibold">
                {health("trouble")}
              </h2>
              <p className="max-w-prose text-sm text-muted">
                {health("troubleLead")}{" "}
                {help.platform && (
                  <a href={help.platform} className="link">
                    {health("contact")}
                  </a>
                )}
              </p>
              <Table
                caption={health("trouble")}
                columns={troubleColumns}
                rows={trouble}
                rowKey={(each) => each.reference}
              />
            </section>
          )}
          {slow.length > 0 && (
            <section aria-labelledby="slow" className="grid gap-3">
              <h2 id="slow" className="text-lg font-semibold">
                {health("slow")}
              </h2>
              <p className="max-w-prose text-sm text-muted">{health("slowLead")}</p>
              <Table
                caption={health("slow")}
                columns={slowColumns}
                rows={slowPlaces(slow)}
                rowKey={(each) => each.endpoint}
              />
            </section>
          )}
        </div>
      )}
    </>
  );
}
