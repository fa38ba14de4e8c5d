import { createHash } from "node:crypto";
import { and, desc, eq, sql } from "drizzle-orm";
import * as z from "zod";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId, idPattern } from "../../kernel/id/index.ts";
import { Storage } from "../../kernel/storage/index.ts";
import { fromCursor, pageInput, pageOf } from "../../util/cursor.ts";
import { assetTable } from "./course.sql.ts";
import { CourseRef, Key, mediaUrl } from "./info.ts";
import { onCourse } from "./manage.ts";

export const AssetInfo = z.object({
  id: z.string(),
  fileName: z.string(),
  contentType: z.string(),
  bytes: z.number().int(),
  /** On the school's host. */
  url: z.string(),
  /** How a lesson's source names it: `![A heron](asset:ast_...)`. */
  reference: z.string(),
});
export type AssetInfo = z.infer<typeof AssetInfo>;

export const toAsset = (row: typeof assetTable.$inferSelect): AssetInfo => ({
  id: row.id,
  fileName: row.fileName,
  contentType: row.contentType,
  bytes: row.bytes,
  url: mediaUrl(row),
  reference: `asset:${row.id}`,
});

/** Files of a course, newest first, for the editor to choose from. */
export const assets = fn.on.tx(
  "course.edit",
  onCourse,
  CourseRef.extend(pageInput),
  async (tx, { courseId, cursor, limit }) => {
    const beyond = cursor ? fromCursor(cursor, z.tuple([z.string().regex(idPattern("asset"))])) : undefined;
    const rows = await tx
      .select()
      .from(assetTable)
      .where(and(eq(assetTable.courseId, courseId), beyond && sql`${assetTable.id} < ${beyond[0]}`))
      .orderBy(desc(assetTable.id))
      .limit(limit + 1);
    return pageOf(rows, limit, toAsset, (row) => [row.id]);
  },
);

/** An upload waits here until it is confirmed. Nothing serves this prefix. */
const waitingKey = (courseId: string, assetId: string): string => Storage.key("upload", courseId, assetId);

const limits = {
  cover: { maxBytes: 10 * 1024 * 1024, contentTypes: Storage.imageTypes },
  file: { maxBytes: 200 * 1024 * 1024, contentTypes: undefined },
} as const;

const Upload = CourseRef.extend({
  /** A cover must be a picture of at most 10 MiB; any other file may have 200 MiB. */
  kind: z.enum(["cover", "file"]).default("file"),
  /** Scripts pass both from the file; a plain form omits them and the browser supplies them. */
  fileName: z.string().min(1).max(400).optional(),
  contentType: z
    .string()
    .regex(/^[a-z0-9][a-z0-9!#$&^_.+-]{0,60}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}$/i)
    .optional(),
  /** A path of the school's host: where a plain form goes afterwards. */
  redirect: z
    .url({ protocol: /^https?$/ })
    .max(1000)
    .optional(),
});

/**
 * Returns a presigned POST for one file of the course, valid for 15 minutes. The upload waits where nothing serves it
 * until `confirmAsset` checks it. Writes nothing, so a page may request one for each view.
 */
export const uploadAsset = fn.on(
  "course.edit",
  onCourse,
  Upload,
  async ({ courseId, kind, fileName, contentType, redirect }): Promise<Storage.Upload & { assetId: string }> => {
    const assetId = createId("asset");
    const { maxBytes, contentTypes } = limits[kind];
    if (contentType && contentTypes && !contentTypes.some((type) => type === contentType)) throw notAPicture();
    const upload = await Storage.presignUpload({
      bucket: "media",
      keyPrefix: waitingKey(courseId, assetId),
      fileName: fileName ? Storage.safeFileName(fileName) : Storage.fromBrowser,
      contentTypes: contentType ? [contentType] : contentTypes ? [...contentTypes] : ["application/octet-stream"],
      maxBytes,
      isWaiting: true,
      ...(redirect ? { redirect } : {}),
    });
    return { ...upload, assetId };
  },
);

/**
 * Makes an upload a file of the course. Its content decides its type. It reads, hashes and copies one version of the
 * object, so a second upload through the same form cannot replace the checked content. Confirming twice returns the
 * same.
 * @throws asset.not_uploaded, asset.too_large, asset.not_a_picture
 */
export const confirmAsset = fn.on(
  "course.edit",
  onCourse,
  CourseRef.extend({
    assetId: z.string().regex(idPattern("asset"), "That is not an upload."),
    kind: Upload.shape.kind,
  }),
  async ({ courseId, assetId, kind }): Promise<AssetInfo> => {
    const known = await confirmed(courseId, assetId);
    if (known) return known;
    // Storage is slow, so all of it happens before the transaction that writes the row.
    const prefix = `${waitingKey(courseId, assetId)}/`;
    // A name with slashes was put into the form by hand: browsers send none.
    const waiting = (await Storage.list({ prefix })).find(({ key }) => !/[/]|^\.{1,2}$/.test(key.slice(prefix.length)));
    if (!waiting) {
      throw new DomainError("not_found", "asset.not_uploaded", "That file has not arrived. Please upload it again.");
    }
    const { maxBytes } = limits[kind];
    if (waiting.bytes > maxBytes) {
      await Storage.remove({ key: waiting.key });
      const message = `A ${kind} may have ${maxBytes / 1024 / 1024} MB at most.`;
      throw new DomainError("too_large", "asset.too_large", message, { file: message });
    }
    const fileName = Storage.safeFileName(waiting.key.slice(prefix.length));
    const looked = await look(waiting.key);
    const contentType = await Storage.typeOf(looked.head, fileName);
    if (kind === "cover" && !Storage.imageTypes.some((type) => type === contentType)) {
      await Storage.remove({ key: waiting.key });
      throw notAPicture();
    }
    const key = Storage.key("course", courseId, assetId, fileName);
    await Storage.copy({ key: waiting.key, etag: looked.etag }, { key, contentType });
    const [row] = await Db.use((tx) =>
      tx
        .insert(assetTable)
        .values({
          ...{ id: assetId, courseId, fileName, contentType, key },
          path: fileName,
          bytes: looked.bytes,
          sha256: looked.sha256,
        })
        .onConflictDoNothing()
        .returning(),
    );
    await Storage.remove({ key: waiting.key });
    const info = row ? toAsset(row) : await confirmed(courseId, assetId);
    if (!info) throw new Error("an asset was neither written nor there already");
    return info;
  },
);

const confirmed = (courseId: string, assetId: string): Promise<AssetInfo | undefined> =>
  Db.use(async (tx) => {
    const [row] = await tx
      .select()
      .from(assetTable)
      .where(and(eq(assetTable.id, assetId), eq(assetTable.courseId, courseId)));
    return row && toAsset(row);
  });

/** Reads an object through once, holding only its beginning. */
async function look(key: string) {
  const object = await Storage.stream({ key });
  if (!object)
    throw new DomainError("not_found", "asset.not_uploaded", "That file has not arrived. Please upload it again.");
  const hash = createHash("sha256");
  let head = Buffer.alloc(0);
  let bytes = 0;
  for await (const piece of object.body) {
    const chunk = Buffer.from(piece);
    hash.update(chunk);
    bytes += chunk.length;
    if (head.length < Storage.sniffBytes) head = Buffer.concat([head, chunk.subarray(0, Storage.sniffBytes)]);
  }
  return { head, bytes, sha256: hash.digest("hex"), etag: object.etag };
}

const notAPicture = (): DomainError => {
  const message = "A cover must be a PNG, JPEG, WebP, AVIF or GIF picture.";
  return new DomainError("invalid", "asset.not_a_picture", message, { file: message });
};

/**
 * Returns a storage address of a course's file, valid for five minutes, and how it is served (see `Storage.servedAs`).
 * For readers of the most open lesson that shows it, or of the course when its cover or description does.
 */
export const asset = fn.on(
  "course.read",
  ({ assetId }) => ({ type: "asset", id: assetId }),
  z.object({ assetId: Key }),
  async ({ assetId }) => {
    const [row] = await Db.use((tx) => tx.select().from(assetTable).where(eq(assetTable.id, assetId)));
    if (!row) throw new DomainError("not_found", "asset.not_found", "That is not available.");
    return {
      url: await Storage.presignGet(row.key, { fileName: row.fileName, contentType: row.contentType }),
      key: row.key,
      fileName: row.fileName,
      contentType: row.contentType,
      bytes: row.bytes,
      sha256: row.sha256,
    };
  },
);
