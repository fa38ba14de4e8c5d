import { afterAll, beforeAll, expect, test } from "vitest";
import { type Launched, launch, unpack } from "./bundles.ts";
import { canaryCases } from "./bundles-canary.ts";
import type { Case } from "./bundles-case.ts";
import { cronCases } from "./bundles-crons.ts";
import { doorCases } from "./bundles-doors.ts";
import { migrateCases } from "./bundles-migrate.ts";
import { reactionCases } from "./bundles-reactions.ts";
import { restCases } from "./bundles-rest.ts";
import { openTown, type Town } from "./bundles-town.ts";
import { graphOf } from "./graphs.ts";

const cases: Readonly<Record<string, Case>> = {
  ...reactionCases,
  ...cronCases,
  ...doorCases,
  ...restCases,
  ...migrateCases,
  ...canaryCases,
};

const graph = graphOf("production");
let town: Town;
beforeAll(async () => {
  town = await openTown();
}, 180_000);
afterAll(() => town?.stop());

test("every function that is deployed has a recorded event, and no event is left of one that is not", () => {
  const functions = graph.bundles.map(({ name }) => name);
  const without = functions.filter((name) => !cases[name]).map((name) => `no recorded event for function ${name}`);
  const stale = Object.keys(cases).filter((name) => !functions.includes(name));
  expect([...without, ...stale.map((name) => `there is no function ${name}`)]).toEqual([]);
});

// Case order matters: the relay publishes only after every reaction has seen its event.
test.each(Object.keys(cases).filter((name) => graph.bundles.some((bundle) => bundle.name === name)))(
  "%s runs from its zip",
  async (name) => {
    const bundle = graph.bundles.find((each) => each.name === name);
    const each = cases[name];
    if (!bundle || !each) throw new Error(`no recorded event for function ${name}`);
    const prepared = (await each.prepare?.(town)) ?? {};
    const resources = { ...town.cloud.resources, ...prepared.resources };
    const unpacked = await unpack(graph, bundle, resources, prepared.env);
    const processes: Launched[] = [];
    const another = async () => {
      const made = await launch(unpacked);
      processes.push(made);
      return made;
    };
    try {
      const { invoke } = await another();
      await each.run(town, { invoke, another, unpacked });
    } finally {
      for (const made of processes) made.kill();
      unpacked.remove();
      await prepared.stop?.();
    }
  },
  300_000,
);
