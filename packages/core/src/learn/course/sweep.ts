import { inArray } from "drizzle-orm";
import * as z from "zod";
import { Db } from "../../kernel/db/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { Storage } from "../../kernel/storage/index.ts";
import { courseTable } from "./course.sql.ts";

const hour = 60 * 60 * 1000;

/**
 * Deletes files without a row: unconfirmed uploads, and files of deleted courses where the storage failed after the
 * commit. Skips recent files, because an import stores its files before its rows. Runs nightly.
 */
export const sweepFiles = fn.system(
  "only the nightly cron calls it, as the system",
  z.object({ hours: z.number().min(0).default(24) }).prefault({}),
  async ({ hours }): Promise<{ deleted: number }> => {
    const before = Date.now() - hours * hour;
    let deleted = 0;
    for await (const page of pagesUnder("upload")) deleted += await removeOld(page, before);
    for await (const page of pagesUnder("course")) {
      const standing = await standingOf([...new Set(page.map(courseOf))]);
      const gone = page.filter((each) => !standing.has(courseOf(each)));
      deleted += await removeOld(gone, before);
    }
    return { deleted };
  },
);

type Listed = Awaited<ReturnType<typeof Storage.list>>[number];

async function* pagesUnder(part: "upload" | "course"): AsyncGenerator<readonly Listed[]> {
  const prefix = `${Storage.key(part)}/`;
  let page = await Storage.list({ prefix });
  for (let last = page.at(-1); last; last = page.at(-1)) {
    yield page;
    page = await Storage.list({ prefix, after: last.key });
  }
}

/** Keys are `<school>/<part>/<course>/...`. */
const courseOf = ({ key }: Listed): string => key.split("/")[2] ?? "";

async function standingOf(courseIds: readonly string[]): Promise<Set<string>> {
  const rows = await Db.use(
    (tx) =>
      tx
        .select({ id: courseTable.id })
        .from(courseTable)
        .where(inArray(courseTable.id, [...courseIds])),
    { kind: "job" },
  );
  return new Set(rows.map(({ id }) => id));
}

async function removeOld(files: readonly Listed[], before: number): Promise<number> {
  const old = files.filter(({ modifiedAt }) => modifiedAt < before);
  for (const { key } of old) await Storage.remove({ key });
  return old.length;
}
