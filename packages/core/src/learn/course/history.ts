import { and, desc, eq, isNull, notInArray, sql } from "drizzle-orm";
import * as z from "zod";
import { useActor } from "../../kernel/actor/index.ts";
import type { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId } from "../../kernel/id/index.ts";
import { userTable } from "../../people/identity/user.sql.ts";
import { textVersionTable } from "./course.sql.ts";
import { CourseRef, Key } from "./info.ts";

/** So many copies are kept of a lesson, and of a course's own texts. */
const mostKept = 50;

export const TextVersion = z.object({
  id: z.string(),
  /** When a save replaced it; ISO instant. */
  replacedAt: z.string(),
  /** Name of the person whose save replaced it; null for an API key or a removed person. */
  replacedBy: z.string().nullable(),
  /** By field. */
  texts: z.record(z.string(), z.string()),
});
export type TextVersion = z.infer<typeof TextVersion>;

/** An entry of the history; the texts are read one version at a time. */
export const VersionItem = TextVersion.omit({ texts: true });
export type VersionItem = z.infer<typeof VersionItem>;

interface Place {
  readonly courseId: string;
  readonly lessonId: string | null;
}

/** Keeps a copy of texts that the open transaction replaces, unless none of them changes. */
export async function keepReplaced(
  tx: Db.Tx,
  { courseId, lessonId }: Place,
  before: Readonly<Record<string, string | undefined>>,
  after: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const isChanged = Object.keys(before).some((field) => after[field] !== undefined && after[field] !== before[field]);
  const texts = Object.fromEntries(Object.entries(before).flatMap(([field, text]) => (text ? [[field, text]] : [])));
  if (!isChanged || Object.keys(texts).length === 0) return;
  const actor = useActor();
  await tx.insert(textVersionTable).values({
    ...{ id: createId("textVersion"), courseId, lessonId, texts },
    replacedBy: actor.type === "user" ? actor.userId : null,
  });
  const newest = tx
    .select({ id: textVersionTable.id })
    .from(textVersionTable)
    .where(isOf({ courseId, lessonId }))
    .orderBy(desc(textVersionTable.id))
    .limit(mostKept);
  await tx
    .delete(textVersionTable)
    .where(and(isOf({ courseId, lessonId }), notInArray(textVersionTable.id, sql`(${newest})`)));
}

const onCourse = ({ courseId }: { courseId: string }) => ({ type: "course", id: courseId });

/** Returns earlier texts of a lesson, or without a lesson of the course itself, newest first. */
export const history = fn.on.tx(
  "course.edit",
  onCourse,
  CourseRef.extend({ lessonId: Key.optional() }),
  async (tx, { courseId, lessonId = null }): Promise<VersionItem[]> => {
    const rows = await tx
      .select(itemColumns)
      .from(textVersionTable)
      .leftJoin(userTable, eq(userTable.id, textVersionTable.replacedBy))
      .where(isOf({ courseId, lessonId }))
      .orderBy(desc(textVersionTable.id))
      .limit(mostKept);
    return rows.map((row) => ({ ...row, replacedAt: row.replacedAt.toISOString() }));
  },
);

/** One earlier text, to be read beside the present one and restored by saving it. */
export const textVersion = fn.on.tx(
  "course.edit",
  onCourse,
  CourseRef.extend({ versionId: Key }),
  async (tx, { courseId, versionId }): Promise<TextVersion> => {
    const [row] = await tx
      .select({ ...itemColumns, texts: textVersionTable.texts })
      .from(textVersionTable)
      .leftJoin(userTable, eq(userTable.id, textVersionTable.replacedBy))
      .where(and(eq(textVersionTable.courseId, courseId), eq(textVersionTable.id, versionId)));
    if (!row) throw new DomainError("not_found", "version.not_found", "That version is not available.");
    return { ...row, replacedAt: row.replacedAt.toISOString() };
  },
);

const isOf = ({ courseId, lessonId }: Place) =>
  and(
    eq(textVersionTable.courseId, courseId),
    lessonId === null ? isNull(textVersionTable.lessonId) : eq(textVersionTable.lessonId, lessonId),
  );

const itemColumns = {
  id: textVersionTable.id,
  replacedAt: textVersionTable.createdAt,
  replacedBy: sql<string | null>`nullif(trim(${userTable.givenName} || ' ' || ${userTable.familyName}), '')`,
};
