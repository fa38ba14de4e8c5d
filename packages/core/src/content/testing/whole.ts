import { expect } from "vitest";
import type { Tree } from "../archive/index.ts";
import { sanitise } from "../html/index.ts";
import { render } from "../markdown/index.ts";
import { innerUrl, type Package, type PackageLesson } from "../package/index.ts";
import { dangers } from "./browser.ts";

export const outline = (course: Package) =>
  course.modules.map(({ title, lessons }) => [title, lessons.map((lesson) => lesson.title)]);

export function lessonAt(course: Package, path: string): PackageLesson {
  const found = course.modules.flatMap((module) => module.lessons).find((each) => each.path === path);
  if (!found) throw new Error(`no lesson from ${path}`);
  return found;
}

/**
 * Checks that the report covers every file, every inner link resolves, and the sanitizer leaves every page unchanged.
 */
export function expectWhole(course: Package, tree: Tree): void {
  const items = [...course.report.moved, ...course.report.changed, ...course.report.dropped];
  const told = new Set(items.flatMap(({ what, where }) => [what, where, where.split(": ").at(-1) ?? ""]));
  const folders = [...told].flatMap((what) => /^(.*)\/ \([\d,]+ files\)$/.exec(what)?.[1] ?? []);
  const silent = tree.entries.filter(
    ({ path }) => !told.has(path) && !folders.some((folder) => path.startsWith(`${folder}/`)),
  );
  expect(silent).toEqual([]);
  const word = expect.stringMatching(/./);
  for (const item of items) expect(item).toEqual({ what: word, where: word, reason: word });
  const lessons = course.modules.flatMap((module) => module.lessons);
  const paths = new Set(lessons.map(({ path }) => path));
  expect(paths.size).toBe(lessons.length);
  const assets = new Set(course.assets.map(({ path }) => path));
  for (const { source, format } of lessons) {
    const check = (url: string) => {
      const inner = innerUrl(url);
      if (inner) expect(inner.scheme === "lesson" ? paths.has(inner.path) : assets.has(inner.path), url).toBe(true);
      return undefined;
    };
    if (format === "file") check(source);
    if (format === "file" || format === "link") continue;
    const { html } = format === "markdown" ? render(source, { resolve: check }) : sanitise(source, { resolve: check });
    expect(dangers(html)).toEqual([]);
    expect(sanitise(html).html).toBe(html);
    if (format !== "markdown") expect(html).toBe(source);
  }
}
