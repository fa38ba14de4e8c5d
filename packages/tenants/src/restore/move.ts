import { setTimeout as sleep } from "node:timers/promises";
import type { Route } from "@lectern/core/kernel/actor";
import { localCloud } from "@lectern/core/kernel/aws";
import { Db } from "@lectern/core/kernel/db";
import { Directory, SchoolItem, SlugItem } from "@lectern/core/kernel/directory";
import { Due } from "@lectern/core/kernel/due";
import { DomainError } from "@lectern/core/kernel/error";
import { fn } from "@lectern/core/kernel/fn";
import { log } from "@lectern/core/kernel/log";
import * as Audit from "@lectern/core/people/audit";
import { sql } from "drizzle-orm";
import type { Sql } from "postgres";
import { z } from "zod";
import { dump } from "../backup/dump.ts";
import { find, verify } from "../backup/find.ts";
import { hold } from "../backup/turn.ts";
import * as Catalog from "../catalog/index.ts";
import { connect } from "../cell/index.ts";
import { latestVersion, quoted } from "../migration/files.ts";
import { schemaOf } from "../provision/index.ts";
import { keptDays } from "../provision/replaced.ts";
import { countSchools } from "../school/claim.ts";
import { eraseItems } from "../school/erase.ts";
import { find as findSchool, suspend } from "../school/operate.ts";
import { commentOf, forgetMark, keptName, loadRows, mark, swap } from "./load.ts";
import { asRestorer, restoreItems } from "./restore.ts";

/** Steps of a move, in order. Each is idempotent. */
export const moveSteps = ["closed", "dumped", "rows", "items", "moved", "left", "open"] as const;
export type MoveStep = (typeof moveSteps)[number];

export interface Moved {
  readonly schoolId: string;
  readonly slug: string;
  readonly from: string;
  readonly to: string;
  readonly rows: number;
  readonly items: number;
  /** Days until the old schema is dropped. */
  readonly keptDays: number;
  readonly ms: number;
}

const settleMs = () => (localCloud() ? 0 : 31_000);
const marked = (from: string, to: string): string => `being moved from ${from} to ${to}`;

/**
 * Moves a school to another cell. The school is closed while a dump copies its rows and items; then the directory
 * changes, and the old schema is kept for a week out of every role's reach. After an interruption the school stays
 * closed and the same call resumes. Its people must sign in again.
 * @throws cell.unknown, cell.full, school.wrong_state
 */
export const move = fn.operator(
  "the operator's command line only",
  z.object({ slug: z.string().trim().toLowerCase().max(200), cell: z.string().trim().max(100) }),
  (input) => moveWith(input),
);

/** Like `move`, with a callback after each step; tests kill the process there. */
export async function moveWith(
  { slug, cell: to }: { slug: string; cell: string },
  onStep: (step: MoveStep) => void | Promise<void> = () => {},
): Promise<Moved> {
  const begin = performance.now();
  const item = await findSchool(slug);
  const { schoolId } = item;
  const [, began] = /^being moved from (\S+) to \S+$/.exec(item.reason ?? "") ?? [];
  const from = began ?? item.cell;
  const [source, target] = [await cellOf(from), await cellOf(to)];
  if (from === to) throw new DomainError("conflict", "cell.same", `The school is in ${to} already.`);
  if (began === undefined) {
    if (item.state !== "active")
      throw new DomainError("conflict", "school.wrong_state", `The school is ${item.state}; that cannot be done now.`);
    if (target.state !== "open" || target.count >= target.max)
      throw new DomainError("conflict", "cell.full", `${to} takes no more schools.`);
  } else if (item.reason !== marked(from, to))
    throw new DomainError("conflict", "school.wrong_state", `The school is ${item.reason}: that comes first.`);

  if (item.cell === from) {
    await hold(from, schoolId);
    await suspend({ slug, reason: marked(from, to) });
    await sleep(settleMs());
  }
  await onStep("closed");
  let counts = { rows: 0, items: 0 };
  if (item.cell === from) {
    const route = await readRoute(schoolId);
    const { folder } = await asRestorer(route, () => dump({ isBefore: true }));
    const found = await find(schoolId, folder);
    await verify(found);
    await onStep("dumped");
    const provisioner = connect(target.database, "lectern_provisioner");
    try {
      await ready(provisioner, route);
      if ((await commentOf(provisioner, schemaOf(schoolId))) !== mark(found)) {
        await loadRows(provisioner, found, { schoolId });
        await swap(provisioner, schoolId, true);
      }
      await onStep("rows");
      const there = { ...route, cell: to, table: target.table };
      const items = await asRestorer(there, () => restoreItems(found, schoolId));
      const timers = await asRestorer(route, () => Due.all());
      await asRestorer(there, () => Due.putAll(timers));
      counts = { items, rows: found.manifest.tables.reduce((all, table) => all + table.rows, 0) };
      await onStep("items");
      await forgetMark(provisioner, schoolId);
      const [gate] = await provisioner<{ epoch: number }[]>`
        select epoch from catalog.school where id = ${schoolId}`;
      await SchoolItem()
        .patch({ schoolId })
        .set({ cell: to, table: target.table, epoch: gate?.epoch ?? route.epoch })
        .go();
      await SlugItem().patch({ slug }).set({ cell: to }).go();
      Directory.forget(schoolId);
    } finally {
      await provisioner.end();
    }
  }
  await onStep("moved");

  await leave(source, schoolId);
  await onStep("left");
  await open(schoolId, to);
  await Promise.all([countSchools(from), countSchools(to)]);
  await asRestorer(await readRoute(schoolId), () =>
    Db.use(() =>
      Audit.record({ action: "school.moved", targetType: "school", targetId: schoolId, data: { from, to } }),
    ),
  );
  await onStep("open");
  const ms = Math.round(performance.now() - begin);
  log.info({ schoolId, from, to, ms }, "school moved");
  return { schoolId, slug, from, to, ...counts, keptDays, ms };
}

async function cellOf(id: string): Promise<Directory.Cell> {
  Directory.forgetCell(id);
  const cell = await Directory.cell(id);
  if (!cell) throw new DomainError("not_found", "cell.unknown", `There is no cell ${id}.`);
  return cell;
}

async function readRoute(schoolId: string): Promise<Route> {
  Directory.forget(schoolId);
  const route = await Directory.readSchool(schoolId);
  if (!route) throw new Error(`the directory has lost ${schoolId}`);
  return route;
}

/** Creates the school's role and gate in the target cell; the gate is closed and has a new epoch. */
async function ready(sql: Sql, { schoolId, epoch }: Route): Promise<void> {
  const schema = schemaOf(schoolId);
  const role = quoted(schema);
  await sql.begin(async (tx) => {
    const [known] = await tx`select from pg_roles where rolname = ${schema}`;
    if (!known)
      await tx.unsafe(`create role ${role} nologin;
        grant ${role} to lectern_app with inherit false, set true, admin false;
        grant lectern_school to ${role} with inherit true, set false, admin false;`);
    await tx`insert into catalog.school (id, schema_name, state, version, epoch)
      values (${schoolId}, ${schema}, 'suspended', ${latestVersion()}, ${epoch + 1}) on conflict (id) do nothing`;
  });
}

/**
 * Removes the school from its old cell: deletes the gate and renames the schema for a week; the dump holds its items.
 * Unpublished events stay in the old cell's outbox until the relay publishes them.
 */
async function leave(source: Directory.Cell, schoolId: string): Promise<void> {
  const schema = schemaOf(schoolId);
  const provisioner = connect(source.database, "lectern_provisioner");
  try {
    await provisioner.begin(async (tx) => {
      await tx.unsafe("set local lock_timeout = '10s'; set local role lectern_owner;");
      const [there] = await tx`select from pg_namespace where nspname = ${schema}`;
      if (there) {
        const kept = await keptName(tx, schema);
        await tx.unsafe(
          // Cells may share a server and so the role, which must lose access to these tables.
          `alter schema ${quoted(schema)} rename to ${kept}; revoke all on schema ${kept} from ${quoted(schema)};
           revoke all on all tables in schema ${kept} from ${quoted(schema)};`,
        );
      }
      await tx`delete from catalog.school where id = ${schoolId}`;
    });
  } finally {
    await provisioner.end();
  }
  await eraseItems(source.table, schoolId);
}

async function open(schoolId: string, cellId: string): Promise<void> {
  const [gate] = await Catalog.use(cellId, (tx) =>
    tx.execute<{ epoch: number }>(sql`
      update catalog.school set state = 'active' where id = ${schoolId} and state in ('active', 'suspended') returning epoch`),
  );
  if (!gate) throw new Error(`the catalog of ${cellId} has lost ${schoolId}`);
  await SchoolItem().patch({ schoolId }).set({ state: "active", epoch: gate.epoch }).remove(["reason"]).go();
  Directory.forget(schoolId);
}
