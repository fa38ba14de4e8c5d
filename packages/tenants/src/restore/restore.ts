import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Actor, type Route } from "@lectern/core/kernel/actor";
import { localCloud } from "@lectern/core/kernel/aws";
import { Db } from "@lectern/core/kernel/db";
import { Directory, SchoolItem } from "@lectern/core/kernel/directory";
import type { RawItem } from "@lectern/core/kernel/dynamo";
import { DomainError } from "@lectern/core/kernel/error";
import { fn } from "@lectern/core/kernel/fn";
import { createId } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import * as Audit from "@lectern/core/people/audit";
import * as Identity from "@lectern/core/people/identity";
import type { Sql } from "postgres";
import * as z from "zod";
import { dump } from "../backup/dump.ts";
import { type Found, find, verify } from "../backup/find.ts";
import { personOf, replaceOfPerson } from "../backup/items.ts";
import { hold, release } from "../backup/turn.ts";
import { connect } from "../cell/index.ts";
import { listed } from "../erasure/index.ts";
import { quoted } from "../migration/files.ts";
import { schemaOf } from "../provision/index.ts";
import { copySettings } from "../school/follow.ts";
import { find as findSchool, resume, suspend } from "../school/operate.ts";
import { commentOf, forgetMark, loadRows, mark, opened, renaming, swap } from "./load.ts";

/** Steps of a restore, in order. Each is idempotent. */
export const restoreSteps = ["verified", "closed", "saved", "rows", "items", "swapped", "open"] as const;
export type RestoreStep = (typeof restoreSteps)[number];

export interface Restored {
  readonly schoolId: string;
  readonly slug: string;
  /** The dump, and the instant of its snapshot. */
  readonly folder: string;
  readonly rowsAt: string;
  readonly tables: number;
  readonly rows: number;
  readonly items: number;
  /** Dump of the replaced state, and its schema, kept for seven days. Null where there was nothing to keep. */
  readonly before: string | null;
  readonly kept: string | null;
  readonly ms: number;
}

/** Processes cache routes for 30 seconds and may write until then. */
const settleMs = () => (localCloud() ? 0 : 31_000);
const marked = (folder: string): string => `being restored from ${folder}`;

/**
 * Restores one school from a dump; no other school changes. It verifies the dump, closes the school, dumps its current
 * state, loads the rows beside the current ones, replaces the items, and swaps the schemas; the old one is kept for a
 * week. After an interruption the school stays closed and the same call resumes.
 * @throws dump.damaged, dump.not_found, dump.too_new
 */
export const restore = fn.operator(
  "the operator's command line only",
  z.object({ slug: z.string().trim().toLowerCase().max(200), from: z.string().trim().max(200).default("latest") }),
  (input) => restoreWith(input),
);

/** Like `restore`, with a callback after each step; tests kill the process there. */
export async function restoreWith(
  { slug, from }: { slug: string; from: string },
  onStep: (step: RestoreStep) => void | Promise<void> = () => {},
): Promise<Restored> {
  const begin = performance.now();
  const item = await findSchool(slug);
  const { schoolId } = item;
  // An interrupted restore resumes with its own dump, whatever the latest is.
  const [, began] = /^being restored from (.+)$/.exec(item.reason ?? "") ?? [];
  const found = await find(schoolId, from === "latest" ? (began ?? from) : from);
  await verify(found);
  await onStep("verified");

  await hold(item.cell, schoolId);
  if (item.state === "active") {
    await suspend({ slug, reason: marked(found.folder) });
    await sleep(settleMs());
  } else if (began !== undefined) await suspend({ slug, reason: marked(found.folder) });
  await onStep("closed");

  const route = await Directory.readSchool(schoolId);
  const cell = await Directory.cell(item.cell);
  if (!route || !cell) throw new Error(`the directory has lost ${schoolId} or its cell`);
  const before = began === undefined ? await save(route) : null;
  await onStep("saved");

  const sql = connect(cell.database, "lectern_provisioner");
  let kept: string | undefined;
  try {
    const isSwapped = began !== undefined && (await commentOf(sql, schemaOf(schoolId))) === mark(found);
    if (!isSwapped) {
      await loadRows(sql, found, { schoolId });
      await onStep("rows");
      await asRestorer(route, async () => {
        const rest = await peopleOf(sql, schoolId);
        await restoreItems(found, schoolId, (userId) => rest.delete(userId));
        for (const userId of rest) await replaceOfPerson(userId, []);
      });
      await onStep("items");
      kept = await swap(sql, schoolId);
      await onStep("swapped");
    }
    const isClosedByOthers = item.state !== "active" && began === undefined;
    if (isClosedByOthers) {
      // It stays suspended, where only a snapshot may read. Its closed page shows the contact of the restored settings.
      await asRestorer(await routeAfterSwap(sql, schoolId), () => Db.snapshot(copySettings));
    } else {
      await resume({ slug });
      const open = await Directory.readSchool(schoolId);
      if (open) await asRestorer(open, () => finishRestore(found));
    }
    await forgetMark(sql, schoolId);
  } finally {
    await sql.end();
  }
  await release(item.cell, schoolId);
  await onStep("open");
  return answer(found, { schoolId, slug, before, kept: kept ?? null, begin });
}

export const answer = (
  { folder, manifest }: Found,
  rest: Pick<Restored, "schoolId" | "slug" | "before" | "kept"> & { begin: number },
): Restored => {
  const { begin, ...said } = rest;
  const rows = manifest.tables.reduce((all, table) => all + table.rows, 0);
  const ms = Math.round(performance.now() - begin);
  log.info({ schoolId: said.schoolId, folder, rows, ms }, "school restored");
  const { tables, items, rowsAt } = manifest;
  return { ...said, folder, rowsAt, tables: tables.length, rows, items: items.items, ms };
};

/** Records the restore and copies the restored settings and legal pages to the route. */
export async function finishRestore(found: Found): Promise<void> {
  await copySettings();
  await Db.use(() =>
    Audit.record({
      action: "school.restored",
      targetType: "school",
      targetId: Actor.useSchool().schoolId,
      data: { folder: found.folder, rowsAt: found.manifest.rowsAt },
    }),
  );
}

/** Brings the epoch of a school's route in line with its gate, which a swap moves on, and returns the route. */
export async function routeAfterSwap(sql: Sql, schoolId: string): Promise<Route> {
  const [gate] = await sql<{ epoch: number }[]>`select epoch from catalog.school where id = ${schoolId}`;
  if (!gate) throw new Error(`the catalog has lost ${schoolId}`);
  await SchoolItem().patch({ schoolId }).set({ epoch: gate.epoch }).go();
  Directory.forget(schoolId);
  const route = await Directory.readSchool(schoolId);
  if (!route) throw new Error(`the directory has lost ${schoolId}`);
  return route;
}

export const asRestorer = <T>(school: Route, work: () => Promise<T>): Promise<T> =>
  Actor.withActor(
    { type: "system", reason: Actor.byOperator("school.restore"), school, requestId: createId("request") },
    work,
  );

/** Dumps the current state. A school too damaged for a dump still has its schema kept. */
async function save(route: Route): Promise<string | null> {
  try {
    return (await asRestorer(route, () => dump({ isBefore: true }))).folder;
  } catch (err) {
    log.warn({ err, schoolId: route.schoolId }, "the school as it is could not be dumped before its restore");
    return null;
  }
}

/** Returns the ids in the current schema; none if it is too damaged to read. */
async function peopleOf(sql: Sql, schoolId: string): Promise<Set<string>> {
  const place = `${quoted(schemaOf(schoolId))}."user"`;
  return sql.begin(async (tx) => {
    await tx.unsafe("set local role lectern_owner");
    const [there] = await tx<{ known: boolean }[]>`select to_regclass(${place}) is not null as known`;
    if (!there?.known) return new Set<string>();
    return new Set((await tx.unsafe<{ id: string }[]>(`select id from ${place}`)).map(({ id }) => id));
  });
}

/** Replaces the items of everybody in the dump; people erased since get none. Idempotent. */
export async function restoreItems(
  { folder, manifest }: Found,
  schoolId: string,
  onPerson: (userId: string) => void = () => {},
): Promise<number> {
  const source = (await opened(folder, manifest.items)).pipe(renaming({ from: manifest.school.id, to: schoolId }));
  let of = "";
  let items: RawItem[] = [];
  let count = 0;
  const put = async (): Promise<void> => {
    if (items.length === 0) return;
    await replaceOfPerson(of, items);
    onPerson(of);
    count += items.length;
    items = [];
  };
  for await (const line of createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line === "") continue;
    const item = JSON.parse(line) as RawItem;
    if (personOf(item) !== of) await put();
    of = personOf(item);
    items.push(item);
  }
  await put();
  // An interrupted erasure may have left sessions, which no dump holds.
  for (const userId of await listed(manifest.school.id)) await Identity.eraseItems(userId);
  if (count !== manifest.items.items)
    throw new DomainError("invalid", "dump.damaged", "The dump's items are fewer or more than its manifest says.");
  return count;
}
