import { randomUUID } from "node:crypto";
import { createId } from "@lectern/core/kernel/id";
import { Token } from "@lectern/core/people/identity";
import * as secretsManager from "@lectern/local/secretsmanager";
import * as websocket from "@lectern/local/websocket";
import { asSystem } from "@lectern/tenants/testing";
import { Resource } from "sst";
import type { Graph } from "../infra/synth/graph.ts";
import { type Launchable, type Launched, launch, type Unpacked, unpack } from "../infra/test/bundles.ts";
import { aConnection, aGuest, arriving, aSentMail, aTurn, delivery, errorLine } from "../infra/test/bundles-calls.ts";
import { deeds, notified } from "../infra/test/bundles-deeds.ts";
import { openTown, type Town } from "../infra/test/bundles-town.ts";
import { batchOf, onBus, recorded, requestOf } from "../infra/test/events/index.ts";
import { baselines, evaluated } from "./bundle/build.ts";
import type { Bench, Line } from "./run.ts";
import { median, round } from "./support/load.ts";

// Measures the zips as Lambda would get them: size, and the time from a fresh process to the first answer. Counts
// import and call only; unpacking and starting Node.js are the same for every function.

const rounds = 7;

/** Upper limits relative to the bare function. */
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
  const parts = { vault: await secretsManager.start(), sockets: await websocket.start() };
  const events = await eventsOf(town, graph.bundles, parts);
  const Socket = { url: "wss://ws.lectern.example", managementEndpoint: parts.sockets.endpoint };
  const envOf = (name: string): Record<string, string> =>
    name === "Rotation" ? { AWS_ENDPOINT_URL_SECRETS_MANAGER: parts.vault.endpoint } : {};
  const measured = graph.bundles.filter(({ name }) => events[name]);
  const functions: Unpacked[] = await Promise.all(
    measured.map((bundle) => unpack(graph, bundle, { ...town.cloud.resources, Socket }, envOf(bundle.name))),
  );
  const { stop, ...bases } = await baselines(town);
  try {
    const figures = new Map<string, Cold[]>();
    const measure = async (name: string, unpacked: Launchable, event: unknown): Promise<void> => {
      figures.set(name, [...(figures.get(name) ?? []), await cold(unpacked, event)]);
    };
    // The very first start reads files that are not in the page cache yet.
    for (const base of Object.values(bases)) await cold(base, plain);
    for (let at = 0; at < rounds; at++)
      for (const [place, unpacked] of functions.entries()) {
        const { name } = unpacked.bundle;
        // Alternate, so that a slow minute of the machine affects both.
        if (place % 6 === 0) for (const [base, built] of Object.entries(bases)) await measure(base, built, plain);
        await measure(name, unpacked, await events[name]?.());
      }
    const of = (name: string, which: keyof Cold = "ms") => median((figures.get(name) ?? []).map((each) => each[which]));
    for (const { bundle } of functions) {
      const { name } = bundle;
      const aim = aims.find(([pattern]) => pattern.test(name))?.[1];
      const base = bundle.links.includes("Email") ? "mail" : "bare";
      emit({
        metric: `cold.${name}`,
        value: round(of(name), 1),
        unit: "ms",
        baseline: `bare Hono function that reads one item and one row${base === "mail" ? " and sends one mail" : ""} with the same clients`,
        baselineValue: round(of(base), 1),
        ratio: round(of(name) / of(base)),
        aim: aim === undefined ? "said, not limited" : `ratio <= ${aim}`,
        // Processor time, which a busy machine hardly changes.
        cpuRatio: round(of(name, "cpuMs") / of(base, "cpuMs")),
        // Relative to a Hono function that reads nothing.
        ratioToEmpty: round(of(name) / of("empty"), 1),
      });
    }
  } finally {
    for (const each of functions) each.remove();
    await stop();
    await Promise.all([town.stop(), parts.vault.stop(), parts.sockets.stop()]);
  }
}

interface Cold {
  readonly ms: number;
  readonly cpuMs: number;
}

const plain = requestOf("function-url", { path: "/" });

async function cold(unpacked: Launchable, event: unknown): Promise<Cold> {
  const started: Launched = await launch(unpacked);
  try {
    const answer = await started.invoke(event);
    if (!isGood(answer)) throw new Error(`${unpacked.bundle.name} answered ${JSON.stringify(answer).slice(0, 500)}`);
    return { ms: started.importMs + started.lastMs, cpuMs: started.cpuMs };
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

interface Parts {
  readonly vault: Awaited<ReturnType<typeof secretsManager.start>>;
  readonly sockets: Awaited<ReturnType<typeof websocket.start>>;
}

/**
 * Builds a new event per function and call, so that none finds its work done. Skips the canary, which takes as long as
 * its pages, and the migration, which takes as long as its statements.
 */
async function eventsOf(
  town: Town,
  bundles: Graph["bundles"],
  { vault, sockets }: Parts,
): Promise<Record<string, () => unknown>> {
  const events: Record<string, () => unknown> = {};
  for (const [name, { queue, type, tell }] of Object.entries({ ...deeds, OnNotifications: notified.enrolled })) {
    await tell(town);
    const told = await town.told(type);
    events[name] = () => batchOf(queue, [{ id: randomUUID(), body: onBus({ ...told, id: createId("event") }) }]);
  }
  for (const { name } of bundles) if (name.startsWith("Cron")) events[name] = () => recorded("schedule");
  const { accessToken } = await asSystem(town.school, () => Token.issue({ userId: town.owner.userId }));
  const edge = {
    "x-lectern-edge": town.cloud.resources.LocalCloud.localKey,
    "x-forwarded-host": `${town.school.slug}.${Resource.Platform.domain}`,
  };
  const authorization = `Bearer ${accessToken}`;
  events.Api = () => requestOf("function-url", { path: "/api/v1/me", headers: { ...edge, authorization } });
  events.WebServerUseast1 = () => requestOf("function-url", { path: "/courses", headers: edge });
  events.Auth = () => requestOf("function-url", { path: "/.well-known/jwks.json", headers: edge });
  const guest = await aGuest(town);
  events.SocketAuthorize = () => arriving(guest.host, guest.accessToken);
  events.SocketServe = async () => (await aConnection(town, sockets)).event("socket-connect");
  events.Rotation = () => aTurn(vault, createId("run")).event("createSecret");
  events.OpsLogs = () => delivery([errorLine(`Bench${createId("run").slice(4)}Error`)]);
  events.OnMailFeedback = async () => {
    const { sent } = await aSentMail(town, `${createId("run")}@elsewhere.example`);
    return batchOf("mail-feedback", [{ id: randomUUID(), body: JSON.stringify(sent) }]);
  };
  return events;
}

export const benches: Bench[] = [{ group: "bundle", run }];
