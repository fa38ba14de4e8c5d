import { readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { cronList } from "../cron/crons.list.ts";
import { crons } from "../cron/index.ts";
import { reactionList } from "./reactions.list.ts";
import { reactions } from "./reactions.ts";

const here = import.meta.dirname;
const byName = <T extends { readonly name: string }>(list: readonly T[]) =>
  list.toSorted((a, b) => a.name.localeCompare(b.name));

test("what is deployed is what there is: the list of reactions is theirs", () => {
  const deployed = reactionList.map(({ name, bus, on, ...entry }) => ({
    ...{ name, bus, on: on.toSorted() },
    ...("source" in entry && { source: entry.source }),
  }));
  const made = reactions.map(({ handler: _, on, ...entry }) => ({ ...entry, on: on.toSorted() }));
  expect(byName(deployed)).toEqual(byName(made));
});

test.each(reactions)("$name is a file of its own, which exports its handler", async ({ name, handler }) => {
  const file: { handler: unknown } = await import(`./reactions/${name}.ts`);
  expect(file.handler).toBe(handler);
});

test("there is no file without a reaction", () => {
  const files = readdirSync(path.join(here, "reactions"));
  expect(files.sort()).toEqual(reactions.map(({ name }) => `${name}.ts`).sort());
});

test("what is deployed is what there is: the list of schedules is theirs", () => {
  expect(cronList.map(({ name, everyMinutes }) => ({ name, everyMs: everyMinutes * 60_000 }))).toEqual(
    crons.map(({ name, everyMs }) => ({ name, everyMs })),
  );
});

test.each(crons)("$name has an entry of its own, and it is this schedule's handler", async ({ name, handler }) => {
  const entry: { handler: unknown } = await import(`../cron/jobs/${name}.ts`);
  expect(entry.handler).toBe(handler);
});
