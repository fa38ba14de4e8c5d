import * as z from "zod";
import { Archive, type Tree } from "../content/archive/index.ts";
import { type Package, readPackage } from "../content/package/index.ts";
import { importTable } from "../course/course.sql.ts";
import { useActor } from "../kernel/actor/index.ts";
import { fn } from "../kernel/fn/index.ts";
import { createId } from "../kernel/id/index.ts";
import { courseIdOf } from "./ids.ts";
import type { Report } from "./info.ts";
import { writePackage } from "./write.ts";

export interface Result extends Report {
  readonly importId: string;
  readonly courseId: string;
}

const Publish = { publish: z.boolean().default(false) };

/** The person behind the work, where there is one: they become the course's instructor. */
export const authorOf = (): string | null => {
  const actor = useActor();
  return actor.type === "user" ? actor.userId : actor.type === "system" ? (actor.onBehalfOf ?? null) : null;
};

/**
 * Imports a package at once and answers its report. The package is read and checked whole before anything is written;
 * refusals carry the codes of `content/archive` and `content/package`. The same package again makes another course.
 */
export const run = fn(
  "course.create",
  z.union([
    z.object({
      tree: z.custom<Tree>((value) => typeof value === "object" && value !== null && "entries" in value),
      ...Publish,
    }),
    z.object({
      buffer: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
      fileName: z.string().min(1).max(400),
      ...Publish,
    }),
  ]),
  async (input): Promise<Result> => {
    if ("tree" in input) return runTree(input.tree, input.tree.name, input.publish);
    return withTree(await Archive.openTree(Buffer.from(input.buffer), input.fileName), (tree) =>
      runTree(tree, input.fileName, input.publish),
    );
  },
);

/**
 * As `run`, from a file or folder of this machine: for the command line and the demo schools. Never reachable from a
 * request, which has no files here.
 */
export const fromPath = fn(
  "course.create",
  z.object({ path: z.string().min(1), ...Publish }),
  async ({ path, publish }): Promise<Result> =>
    withTree(await Archive.openTree(path), (tree) => runTree(tree, tree.name, publish)),
);

export async function withTree<T>(tree: Tree, work: (tree: Tree) => Promise<T>): Promise<T> {
  try {
    return await work(tree);
  } finally {
    await tree.close();
  }
}

async function runTree(tree: Tree, fileName: string, publish: boolean): Promise<Result> {
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
