import { readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { cronList } from "../cron/crons.list.ts";
import { crons } from "../cron/index.ts";
import { reactionList } from "./reactions.list.ts";
import { reactions } from "./reactions.ts";

const here = import.meta.dirname;

test("what is deployed is what there is: the list of reactions is theirs", () => {
  expect(reactionList).toEqual(reactions.map(({ handler: _, ...entry }) => entry));
});

test.each(reactions)("$name has an entry of its own, and it is this reaction's handler", async ({ name, handler }) => {
  const entry: { handler: unknown } = await import(`./entry/${name}.ts`);
  expect(entry.handler).toBe(handler);
});

test("there is no entry without a reaction", () => {
  const files = readdirSync(path.join(here, "entry"));
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
