import { aSchool, asSystem } from "@lectern/tenants/testing";
import { afterEach, expect, test, vi } from "vitest";
import type { Route } from "../actor/index.ts";
import { Aws } from "../aws/index.ts";
import { createId } from "../id/index.ts";
import { dataEntity, key, mine } from "./index.ts";
import { readItem } from "./read.ts";

const Note = dataEntity({
  model: { service: "notify", entity: "note", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true },
    noteId: { type: "string", required: true },
    text: { type: "string", required: true },
  },
  indexes: { byId: { pk: key("pk", ["schoolId", "noteId"]), sk: key("sk", []) } },
} as const);

const write = (school: Route, noteId: string, text: string) =>
  asSystem(school, () =>
    Note()
      .put({ ...mine(), noteId, text })
      .go(),
  );
const read = (school: Route, noteId: string, patient = false) =>
  asSystem(school, async () => {
    const note = Note();
    return (await readItem(note, note.get({ ...mine(), noteId }), { patient }))?.text ?? null;
  });
/** The real client, watched. */
const watch = () => vi.spyOn(Aws.schoolDynamodb(), "send");
afterEach(() => vi.restoreAllMocks());

test("reads of one moment travel together, each getting its own", async () => {
  const school = await aSchool();
  const ids = Array.from({ length: 130 }, () => createId("event"));
  await Promise.all(ids.slice(1).map((id) => write(school, id, `text of ${id}`)));
  const sent = watch();
  const [missing, ...found] = await Promise.all([...ids, ...ids.slice(1)].map((id) => read(school, id)));
  expect(missing).toBeNull();
  expect(found).toEqual([...ids.slice(1), ...ids.slice(1)].map((id) => `text of ${id}`));
  expect(sent).toHaveBeenCalledTimes(2); // 100 keys a request, and the same key once
});

test("a patient read goes with the next prompt one, or alone", async () => {
  const school = await aSchool();
  await Promise.all([write(school, "patient", "p"), write(school, "prompt", "q")]);
  const sent = watch();
  const patient = read(school, "patient", true);
  await new Promise(setImmediate);
  expect(sent).not.toHaveBeenCalled();
  expect(await Promise.all([patient, read(school, "prompt")])).toEqual(["p", "q"]);
  expect(sent).toHaveBeenCalledTimes(1);
  expect(await read(school, "patient", true)).toBe("p");
});

test("two schools' keys never share a request, and the same id is two items", async () => {
  const [one, two] = await Promise.all([aSchool(), aSchool()]);
  await Promise.all([write(one, "same", "one's"), write(two, "same", "two's")]);
  const sent = watch();
  expect(await Promise.all([read(one, "same"), read(two, "same")])).toEqual(["one's", "two's"]);
  expect(sent).toHaveBeenCalledTimes(2);
});

test("a failure reaches everyone who waited, and the next read is fresh", async () => {
  const school = await aSchool();
  await write(school, "note", "before");
  watch().mockRejectedValueOnce(new Error("the network is gone"));
  const both = await Promise.allSettled([read(school, "note"), read(school, "note")]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await write(school, "note", "after");
  expect(await read(school, "note")).toBe("after");
});
