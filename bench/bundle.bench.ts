import { randomUUID } from "node:crypto";
import { Token } from "@lectern/core/identity";
import { createId } from "@lectern/core/kernel/id";
import { asSystem } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { type Launchable, type Launched, launch, type Unpacked, unpack } from "../infra/test/bundles.ts";
import { deeds } from "../infra/test/bundles-deeds.ts";
import { openTown, type Town } from "../infra/test/bundles-town.ts";
import { batchOf, onBus, recorded, requestOf } from "../infra/test/events/index.ts";
import { baselines, evaluated } from "./bundle/build.ts";
import type { Bench, Line } from "./run.ts";
import { median, round } from "./support/load.ts";

// The zips as they would be uploaded: how big, and how long from a fresh process to the first answer. Import and call alone:
// what Lambda does before (unpacking, starting Node.js) is the same for every function.

const rounds = 7;

/** What each function may cost, against the bare one. */
const aims: readonly (readonly [RegExp, number])[] = [
  [/^Api/, 2.5],
  [/^Web/, 4],
  [/^(On|Cron)/, 2],
];

async function run(emit: (line: Line) => void): Promise<void> {
  const graph = evaluated();
  const absolute = { baseline: null, baselineValue: null, ratio: null };
  for (const { name, zipKb } of graph.bundles)
    emit({ metric: `bundle.${name}`, value: zipKb, unit: "KB zipped", ...absolute, aim: "< 3072" });

  const town = await openTown();
  const events = await eventsOf(town);
  const functions: Unpacked[] = graph.bundles
    .filter(({ name }) => events[name])
    .map((bundle) => unpack(graph, bundle, town.cloud.resources));
  const { bare, empty, stop } = await baselines(town);
  try {
    const figures = new Map<string, number[]>();
    const measure = async (name: string, unpacked: Launchable, event: unknown): Promise<void> => {
      const ms = await cold(unpacked, event);
      figures.set(name, [...(figures.get(name) ?? []), ms]);
    };
    // The first of all reads files that nobody has read for a while.
    await cold(bare, requestOf("function-url", { path: "/" }));
    for (let at = 0; at < rounds; at++)
      for (const [place, unpacked] of functions.entries()) {
        const { name } = unpacked.bundle;
        // A slow minute of the machine meets both.
        if (place % 6 === 0) {
          await measure("bare", bare, requestOf("function-url", { path: "/" }));
          await measure("empty", empty, requestOf("function-url", { path: "/" }));
        }
        await measure(name, unpacked, events[name]?.());
      }
    const of = (name: string) => median(figures.get(name) ?? []);
    for (const { bundle } of functions) {
      const aim = aims.find(([pattern]) => pattern.test(bundle.name))?.[1];
      emit({
        metric: `cold.${bundle.name}`,
        value: round(of(bundle.name), 1),
        unit: "ms",
        baseline: "bare Hono function that reads one item and one row with the same clients",
        baselineValue: round(of("bare"), 1),
        ratio: round(of(bundle.name) / of("bare")),
        aim: aim === undefined ? "said, not limited" : `ratio <= ${aim}`,
        // Against a Hono function that reads nothing.
        ratioToEmpty: round(of(bundle.name) / of("empty"), 1),
      });
    }
  } finally {
    for (const each of functions) each.remove();
    await stop();
    await town.stop();
  }
}

/** Import and first call in a fresh process, in milliseconds as the process itself saw them. */
async function cold(unpacked: Launchable, event: unknown): Promise<number> {
  const started: Launched = await launch(unpacked);
  try {
    const answer = await started.invoke(event);
    if (!isGood(answer)) throw new Error(`${unpacked.bundle.name} answered ${JSON.stringify(answer).slice(0, 500)}`);
    return started.importMs + started.lastMs;
  } finally {
    started.kill();
  }
}

const isGood = (answer: unknown): boolean => {
  const { statusCode = 200, batchItemFailures = [] } = (answer ?? {}) as {
    statusCode?: number;
    batchItemFailures?: unknown[];
  };
  return statusCode === 200 && batchItemFailures.length === 0;
};

/** A first call for every function that is called often; a new event each time, so that none finds its work done. */
async function eventsOf(town: Town): Promise<Record<string, () => unknown>> {
  const events: Record<string, () => unknown> = {};
  for (const [name, { queue, type, tell }] of Object.entries(deeds)) {
    await tell(town);
    const told = await town.told(type);
    events[name] = () => batchOf(queue, [{ id: randomUUID(), body: onBus({ ...told, id: createId("event") }) }]);
  }
  for (const name of ["Relay", "Unpark", "TellErrors", "FinishImports", "PurgeTokens"])
    events[`Cron${name}`] = () => recorded("schedule");
  const { accessToken } = await asSystem(town.school, () => Token.issue({ userId: town.owner.userId }));
  const edge = {
    "x-lectern-edge": town.cloud.resources.LocalCloud.localKey,
    "x-forwarded-host": `${town.school.slug}.${Resource.Platform.domain}`,
  };
  const authorization = `Bearer ${accessToken}`;
  events.Api = () => requestOf("function-url", { path: "/api/v1/me", headers: { ...edge, authorization } });
  events.WebServerUseast1 = () => requestOf("function-url", { path: "/courses", headers: edge });
  events.Auth = () => requestOf("function-url", { path: "/.well-known/jwks.json", headers: edge });
  return events;
}

export const benches: Bench[] = [{ group: "bundle", run }];
