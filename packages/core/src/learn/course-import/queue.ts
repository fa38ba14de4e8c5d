import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { and, desc, eq, lt } from "drizzle-orm";
import * as z from "zod";
import { limits } from "../../content/archive/limits.ts";
import { useActor, useSchool } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId, idPattern } from "../../kernel/id/index.ts";
import type { Running } from "../../kernel/job/index.ts";
import { pathTo } from "../../kernel/path/index.ts";
import { Permission } from "../../kernel/permission/index.ts";
import { Storage } from "../../kernel/storage/index.ts";
import { schoolUrl } from "../../kernel/url/index.ts";
import { mayStill } from "../../people/identity/index.ts";
import { fromCursor, pageInput, pageOf } from "../../util/cursor.ts";
import { courseTable } from "../course/course.sql.ts";
import * as Course from "../course/index.ts";
import { reachesAll } from "../course/index.ts";
import { authorOf } from "./author.ts";
import { Events } from "./course-import.event.ts";
import { importTable } from "./course-import.sql.ts";
import { courseIdOf } from "./ids.ts";
import { type Info, type Listed, toInfo } from "./info.ts";
import { importJob } from "./job.ts";
import { reading } from "./reading.ts";

const ImportRef = z.object({ importId: z.string().regex(idPattern("import"), "That is not an import.") });
const onImport = ({ importId }: { importId: string }) => ({ type: "import", id: importId });

// "Own" is an import the person requested; others look nonexistent.
Permission.resource("import", async (id, _, actor) => {
  const [row] = await Db.use((tx) =>
    tx.select({ createdBy: importTable.createdBy }).from(importTable).where(eq(importTable.id, id)),
  );
  if (!row) return undefined;
  const own = actor.type === "user" && row.createdBy === actor.userId;
  return { own, why: own ? "You asked for this import." : "That is not available.", refusal: "not_found" };
});

const maxUpload = limits.totalBytes;
const prefixOf = (importId: string): string => Storage.key("import", importId);

/**
 * Returns a presigned POST for one package of at most 512 MB, valid for 15 minutes. Afterward storage redirects the
 * browser to the import's page on its current host (`here`), to `redirect`, or nowhere for `null`. Writes nothing until
 * `start`.
 */
export const upload = fn.any(
  "course.create",
  z.object({
    redirect: z
      .url({ protocol: /^https?$/ })
      .max(1000)
      .nullable()
      .optional(),
    /** The school's address that the browser is at, where it is not the subdomain: `https://learn.example.edu/`. */
    here: z
      .url({ protocol: /^https?$/ })
      .max(300)
      .optional(),
  }),
  async ({ redirect, here = schoolUrl(useSchool()) }): Promise<Storage.Upload & { readonly importId: string }> => {
    const importId = createId("import");
    const back =
      redirect === undefined ? new URL(pathTo.courseImport(importId, { uploaded: "" }), here).href : redirect;
    const made = await Storage.presignUpload({
      bucket: "packages",
      keyPrefix: prefixOf(importId),
      fileName: Storage.fromBrowser,
      contentTypes: ["application/octet-stream"],
      maxBytes: maxUpload,
      ...(back === null ? {} : { redirect: back }),
    });
    return { ...made, importId };
  },
);

/** Hands an uploaded package to the worker. Asked twice it starts once. Refuses with import.not_uploaded. */
export const start = fn.any("course.create", ImportRef, async ({ importId }): Promise<Info> => {
  const createdBy = authorOf();
  const known = await find(importId);
  if (known) return ownOnly(known, createdBy);
  const [object] = await Storage.list({ bucket: "packages", prefix: `${prefixOf(importId)}/`, limit: 1 });
  if (!object)
    throw new DomainError("not_found", "import.not_uploaded", "The file has not arrived. Please upload it again.");
  const fileName = Storage.safeFileName(object.key.slice(prefixOf(importId).length + 1));
  await importJob.watch(importId);
  await Db.use(async (tx) => {
    const rows = await tx
      .insert(importTable)
      .values({ id: importId, packageKey: object.key, fileName, status: "queued", createdBy })
      .onConflictDoNothing()
      .returning({ id: importTable.id });
    if (rows.length > 0) await Events.Requested.emit({ importId });
  });
  const started = await find(importId);
  if (!started) throw new Error("an import was neither written nor there already");
  return ownOnly(started, createdBy);
});

const ownOnly = (row: typeof importTable.$inferSelect, userId: string | null): Info => {
  if (row.createdBy !== userId && useActor().type === "user" && !reachesAll("course.edit")) throw notFound();
  return toInfo(row);
};

/** How far it is, and its report when it is done. */
export const get = fn.on("course.edit", onImport, ImportRef, async ({ importId }): Promise<Info> => {
  const row = await find(importId);
  if (!row) throw notFound();
  return toInfo(row);
});

/** Returns the school's imports, newest first: one's own, or all with rights over every course. */
export const list = fn.any("course.create", z.object(pageInput), async ({ cursor, limit }) => {
  const beyond = cursor ? fromCursor(cursor, z.tuple([z.string().regex(idPattern("import"))])) : undefined;
  const isMine = reachesAll("course.edit") ? undefined : eq(importTable.createdBy, authorOf() ?? "");
  const rows = await Db.use((tx) =>
    tx
      .select()
      .from(importTable)
      .where(and(isMine, beyond && lt(importTable.id, beyond[0])))
      .orderBy(desc(importTable.id))
      .limit(limit + 1),
  );
  return pageOf(rows, limit, listed, (row) => [row.id]);
});

const listed = (row: typeof importTable.$inferSelect): Listed => {
  const { report: _, ...rest } = toInfo(row);
  return rest;
};

/**
 * Deletes an import's draft with its content and package. Refuses once it is published (import.published) or has
 * learners (course.has_learners). A repetition changes nothing.
 */
export const undo = fn.on("course.delete", onImport, ImportRef, async ({ importId }): Promise<Info> => {
  const row = await find(importId);
  if (!row) throw notFound();
  if (row.status !== "done" && row.status !== "undone")
    throw new DomainError("conflict", "import.not_done", "The import is not finished.");
  if (row.courseId !== null) {
    const { courseId } = row;
    const [course] = await Db.use((tx) =>
      tx.select({ status: courseTable.status }).from(courseTable).where(eq(courseTable.id, courseId)),
    );
    if (course?.status === "published")
      throw new DomainError("conflict", "import.published", "The course is published. Unpublish it first.");
    if (course) await Course.remove({ courseId });
  }
  if (row.packageKey !== "") await Storage.remove({ bucket: "packages", key: row.packageKey });
  const [after] = await Db.use((tx) =>
    tx.update(importTable).set({ status: "undone" }).where(eq(importTable.id, importId)).returning(),
  );
  if (!after) throw notFound();
  return toInfo(after);
});

/**
 * Reads the package and writes the course, once, however often the event is delivered. A refusal ends the import with
 * its code; any other error is thrown, and the next delivery starts over.
 */
export const process = fn.system(
  "only the consumer of course_import.requested calls it, as the system",
  z.string().regex(idPattern("import")),
  async (importId): Promise<void> => {
    const outcome = await importJob.run(importId, (running) => readIn(importId, running));
    if (outcome !== "refused") return;
    const row = await find(importId);
    if (row) await Storage.remove({ bucket: "packages", key: row.packageKey });
  },
);

async function readIn(importId: string, running: Running): Promise<void> {
  const row = await find(importId);
  if (!row) throw notFound();
  if (row.createdBy !== null && !(await mayStill(row.createdBy, "course.create")))
    throw new DomainError(
      "forbidden",
      "import.author_gone",
      "The person who started this import may no longer create courses, so nothing was imported.",
    );
  const folder = await mkdtemp(join(tmpdir(), "lectern-import-"));
  try {
    await work(row, folder, running);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Returns the bytes of an uploaded package, so the caller can decide where to unpack it; undefined when it is missing.
 */
export const packageBytes = fn.system(
  "only the platform's own workers call it, as the system",
  z.string().regex(idPattern("import")),
  async (importId): Promise<number | undefined> => {
    const [object] = await Storage.list({ bucket: "packages", prefix: `${prefixOf(importId)}/`, limit: 1 });
    return object?.bytes;
  },
);

/** Larger packages run in a task of their own, where the stage has such tasks. */
export const heavyBytes = 64 * 1024 * 1024;

async function work(row: typeof importTable.$inferSelect, folder: string, running: Running): Promise<void> {
  const { Archive, readPackage, reportOf, withTree, writePackage } = await reading();
  const courseId = courseIdOf(row.id);
  // What a run that was killed may have left.
  await Storage.deletePrefix({ prefix: `${Storage.key("course", courseId)}/` });
  const file = join(folder, "package");
  await download(row.packageKey, file);
  await running.percent(10);
  await withTree(await Archive.openTree(file, row.fileName), async (tree) => {
    await running.percent(20);
    const course = await readPackage(tree);
    const report = reportOf(course, false);
    await running.percent(40);
    // Keeps a readable package, so that a later importer can read it again. Marked before the course is written,
    // because a worker that dies later is not retried.
    await Storage.markOriginal({ bucket: "packages", key: row.packageKey });
    await writePackage(course, {
      ...{ courseId, createdBy: row.createdBy, publish: false },
      onProgress: (done) => running.percent(40 + done * 50),
      also: async (tx) => {
        await running.done(tx, report);
        await tx.update(importTable).set({ courseId }).where(eq(importTable.id, row.id));
      },
    });
  });
}

async function download(key: string, file: string): Promise<void> {
  const object = await Storage.stream({ bucket: "packages", key });
  if (!object) throw new DomainError("not_found", "import.not_uploaded", "The file is gone. Please upload it again.");
  if (object.bytes > maxUpload) {
    object.body.destroy();
    throw new DomainError("invalid", "archive.too_large", "The file is larger than 512 MB.");
  }
  await pipeline(object.body, createWriteStream(file));
}

async function find(importId: string): Promise<typeof importTable.$inferSelect | undefined> {
  const [row] = await Db.use((tx) => tx.select().from(importTable).where(eq(importTable.id, importId)));
  return row;
}

const notFound = (): DomainError => new DomainError("not_found", "import.not_found", "That is not available.");
