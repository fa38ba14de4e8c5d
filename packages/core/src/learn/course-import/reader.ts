import type { Tree } from "../../content/archive/index.ts";
import * as Archive from "../../content/archive/index.ts";
import { type Package, readPackage } from "../../content/package/index.ts";
import { createId } from "../../kernel/id/index.ts";
import { authorOf } from "./author.ts";
import { importTable } from "./course-import.sql.ts";
import { courseIdOf } from "./ids.ts";
import type { Report } from "./info.ts";
import type { Result } from "./run.ts";
import { writePackage } from "./write.ts";

export { Archive, readPackage, writePackage };

export async function withTree<T>(tree: Tree, work: (tree: Tree) => Promise<T>): Promise<T> {
  try {
    return await work(tree);
  } finally {
    await tree.close();
  }
}

export async function runTree(tree: Tree, fileName: string, publish: boolean): Promise<Result> {
  const importId = createId("import");
  const courseId = courseIdOf(importId);
  const course = await readPackage(tree);
  const report = reportOf(course, publish);
  const createdBy = authorOf();
  await writePackage(course, {
    ...{ courseId, createdBy, publish },
    also: async (tx) => {
      await tx.insert(importTable).values({
        ...{ id: importId, packageKey: "", fileName, courseId, createdBy, report },
        ...{ status: "done", percent: 100 },
      });
    },
  });
  return { importId, courseId, ...report };
}

/** The report as it is kept and shown. */
export function reportOf(course: Package, publish: boolean): Report {
  const lessons = course.modules.flatMap((module) => module.lessons);
  const changed = [...course.report.changed];
  if (publish && lessons.length === 0)
    changed.push({
      what: course.title,
      where: "the course",
      reason: "there is nothing to read in it yet, so it stays a draft",
    });
  return {
    title: course.title,
    kind: course.kind,
    modules: course.modules.length,
    lessons: lessons.length,
    moved: [...course.report.moved],
    changed,
    dropped: [...course.report.dropped],
  };
}
