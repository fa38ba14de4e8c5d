import { expect, test } from "vitest";
import { lessonsBeforePublishing } from "./before-publishing.tsx";

const lesson = (id: string, status: "draft" | "published", isEmpty: boolean) => ({ id, title: id, status, isEmpty });
const namesOf = (...lessons: ReturnType<typeof lesson>[]) => {
  const emptyLessons = lessons.filter(({ status, isEmpty }) => status === "published" && isEmpty);
  const found = lessonsBeforePublishing({ modules: [{ lessons }], emptyLessons });
  return Object.fromEntries(Object.entries(found).map(([name, list]) => [name, list.map(({ id }) => id)]));
};

const [written, open] = [lesson("written draft", "draft", false), lesson("published", "published", false)];
const [blank, hollow] = [lesson("empty draft", "draft", true), lesson("empty and published", "published", true)];

test("a course of empty drafts names them: one must be written first", () =>
  expect(namesOf(blank)).toEqual({ empty: [], drafts: [], toWrite: ["empty draft"] }));

test("empty drafts beside a lesson that can be published keep nothing from it", () => {
  expect(namesOf(blank, open)).toEqual({ empty: [], drafts: [], toWrite: [] });
  expect(namesOf(blank, written)).toEqual({ empty: [], drafts: ["written draft"], toWrite: [] });
});

test("published lessons with nothing in them are named, and so are drafts to write where nothing else is left", () => {
  expect(namesOf(hollow, open)).toEqual({ empty: ["empty and published"], drafts: [], toWrite: [] });
  expect(namesOf(hollow, blank)).toEqual({ empty: ["empty and published"], drafts: [], toWrite: ["empty draft"] });
});
