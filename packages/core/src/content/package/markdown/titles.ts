import { fileNameOf, folderOf, titleFromName } from "../paths.ts";
import type { ReportBook } from "../report.ts";

/**
 * Returns titles that are unique within a module. Equal titles get the part of the file name that differs: two called
 * "Build a nightlight" in `pi-sensor.md` and `pi-actuator.md` become "... (sensor)" and "... (actuator)".
 */
export function distinctTitles(lessons: readonly { title: string; path: string }[], report: ReportBook): string[] {
  const byTitle = Map.groupBy(lessons, (lesson) => lesson.title.toLowerCase());
  return lessons.map((lesson) => {
    const same = byTitle.get(lesson.title.toLowerCase()) ?? [];
    if (same.length === 1) return lesson.title;
    const all = same.map((other) => wordsOf(other.path));
    const shared = (all[0] ?? []).filter((word) => all.every((words) => words.includes(word)));
    const own = wordsOf(lesson.path).filter((word) => !shared.includes(word));
    const folder = titleFromName(fileNameOf(folderOf(lesson.path)));
    const suffix = own.join(" ") || folder || `${same.indexOf(lesson) + 1}`;
    const title = `${lesson.title} (${suffix})`;
    report.changed(lesson.path, title, `another lesson of its module is called "${lesson.title}" too`);
    return title;
  });
}

const wordsOf = (path: string): string[] => {
  const name = fileNameOf(path).replace(/\.[a-z]+$/i, "");
  const isFolderPage = /^(?:readme|_?index)$/i.test(name);
  return titleFromName(isFolderPage ? fileNameOf(folderOf(path)) : name)
    .toLowerCase()
    .split(" ");
};
