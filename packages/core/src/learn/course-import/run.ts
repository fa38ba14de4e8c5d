import * as z from "zod";
import type { Tree } from "../../content/archive/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import type { Report } from "./info.ts";
import { reading } from "./reading.ts";

export interface Result extends Report {
  readonly importId: string;
  readonly courseId: string;
}

const Publish = { publish: z.boolean().default(false) };

/**
 * Imports a package at once and returns its report. Reads and checks the whole package before it writes anything;
 * refusals carry the codes of `content/archive` and `content/package`. Importing the same package again creates another
 * course.
 */
export const run = fn.any(
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
    const { Archive, runTree, withTree } = await reading();
    if ("tree" in input) return runTree(input.tree, input.tree.name, input.publish);
    return withTree(await Archive.openTree(Buffer.from(input.buffer), input.fileName), (tree) =>
      runTree(tree, input.fileName, input.publish),
    );
  },
);

/** As `run`, from a local file or folder: for the command line and the demo schools. Requests must never reach it. */
export const fromPath = fn.any(
  "course.create",
  z.object({ path: z.string().min(1), ...Publish }),
  async ({ path, publish }): Promise<Result> => {
    const { Archive, runTree, withTree } = await reading();
    return withTree(await Archive.openTree(path), (tree) => runTree(tree, tree.name, publish));
  },
);
