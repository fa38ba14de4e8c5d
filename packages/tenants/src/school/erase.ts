import { BatchWriteCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { Actor, type Route } from "@lectern/core/kernel/actor";
import { Aws } from "@lectern/core/kernel/aws";
import { Directory, SchoolItem, SkeletonItem, SlugItem } from "@lectern/core/kernel/directory";
import { idPattern } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { Storage } from "@lectern/core/kernel/storage";
import { sql } from "drizzle-orm";
import type { Sql } from "postgres";
import { Resource } from "sst";
import * as Catalog from "../catalog/index.ts";
import * as Cell from "../cell/index.ts";
import { connect } from "../cell/index.ts";
import { releaseAll } from "../domain/manage.ts";
import { quoted } from "../migration/files.ts";
import { schemaOf } from "../provision/index.ts";
import { skeletonOf } from "./slug.ts";

/** What erasing a school needs to know, which may be incomplete. */
export interface Traces {
  readonly slug: string;
  readonly cell: string;
  readonly openingId: string;
  readonly schoolId?: string | undefined;
}

/** Runs before the directory deletes a school that was once open, with its hosts. */
type OnGone = (school: Route, hosts: string[]) => Promise<void>;

/**
 * Erases a school: files, data table, sign-in storage, schema and role, outbox, gate, directory. The slug is deleted
 * last, because an interrupted run is resumed through it. Idempotent.
 */
export async function erase(traces: Traces, onGone: OnGone = async () => {}): Promise<void> {
  const schoolId = traces.schoolId ?? (await claimedBy(traces));
  if (schoolId) await eraseSchool(schoolId, traces.cell, onGone);
  await SkeletonItem()
    .delete({ skeleton: skeletonOf(traces.slug) })
    .go();
  await SlugItem().delete({ slug: traces.slug }).go();
}

/**
 * Erases schools that openings claimed and abandoned a day ago, and completes interrupted erasures. Their addresses are
 * free, taken by others, or erased too. A failure is logged and does not stop the others.
 */
export async function eraseAbandoned(cellId: string): Promise<{ erased: string[]; failed: string[] }> {
  const before = new Date(Date.now() - 24 * 60 * 60_000).toISOString();
  const rows = await Catalog.use(cellId, (tx) =>
    tx.execute<{ id: string; opening_id: string }>(sql`
      select id, opening_id from catalog.school
      where state in ('opening', 'deleting') and opening_id is not null and claimed_at < ${before}::timestamptz order by id`),
  );
  const [erased, failed]: [string[], string[]] = [[], []];
  for (const { id, opening_id: openingId } of rows) {
    try {
      const slug = (await Directory.readSchool(id))?.slug;
      const { data: held } = slug ? await SlugItem().get({ slug }).go({ consistent: true }) : { data: null };
      const isOwn = held?.openingId === openingId;
      // A school that was once open is erased only by the operator's command, which publishes the event.
      if (isOwn && held.state === "open") continue;
      if (isOwn) await erase(held);
      else await eraseSchool(id, cellId, async () => {});
      erased.push(id);
    } catch (err) {
      failed.push(id);
      log.error({ err, schoolId: id }, "an abandoned opening was not erased");
    }
  }
  return { erased, failed };
}

/** Finds the school of an opening that was interrupted before it recorded its claim. */
async function claimedBy(traces: Traces): Promise<string | undefined> {
  const [row] = await Catalog.use(traces.cell, (tx) =>
    tx.execute<{ id: string }>(sql`select id from catalog.school where opening_id = ${traces.openingId}`),
  );
  return row?.id;
}

async function eraseSchool(schoolId: string, cellId: string, onGone: OnGone): Promise<void> {
  if (!idPattern("school").test(schoolId)) throw new Error(`not the id of a school: ${schoolId}`);
  const cell = await Directory.cell(cellId);
  if (!cell) throw new Error(`there is no cell ${cellId}`);
  // The gate closes first, so that no request writes data that is deleted below.
  const [gate] = await Catalog.use(cellId, (tx) =>
    tx.execute<{ epoch: number }>(sql`
      update catalog.school set state = 'deleting', epoch = epoch + case state when 'deleting' then 0 else 1 end
      where id = ${schoolId} returning epoch`),
  );
  const route = await Directory.readSchool(schoolId);
  const hosts = await Directory.hostsOf(schoolId);
  if (route) {
    await SchoolItem()
      .patch({ schoolId })
      .set({ state: "deleting", epoch: gate?.epoch ?? route.epoch })
      .go();
    Directory.forget(schoolId);
    await eraseFiles(route);
  }
  await releaseAll(schoolId);
  await eraseItems(cell.table, schoolId);
  await eraseItems(Resource.AuthTable.name, schoolId);
  // Leftovers of moves in other cells go first, while the school can still be found.
  for (const other of await Cell.list()) if (other.id !== cell.id) await dropBesides(other, schoolId);
  await dropSchema(cell, schoolId);
  await Catalog.use(cellId, (tx) => tx.execute(sql`delete from bus.outbox where school_id = ${schoolId}`));
  // Schools that never opened are unknown to subscribers. Before the directory forgets the school, so an interrupted
  // run publishes it again.
  if (route && route.state !== "opening") await onGone(route, hosts);
  // Deletes hosts, find-my-school entries and the school; the slug's key does not contain the school's id.
  await eraseItems(Resource.DirectoryTable.name, schoolId, "slug");
  Directory.forget(schoolId);
  // Last, because the sweep finds interrupted erasures through this row.
  await Catalog.use(cellId, (tx) => tx.execute(sql`delete from catalog.school where id = ${schoolId}`));
}

const eraseFiles = (school: Route): Promise<void> =>
  Actor.withActor({ type: "system", reason: "school.remove", school, requestId: "school.remove" }, async () => {
    for (const bucket of ["media", "packages"] as const)
      await Storage.deletePrefix({ prefix: `${school.schoolId}/`, bucket });
  });

/** Returns schemas that restores and moves left beside the school's own, quoted. */
const besidesOf = async (sql: Sql, schoolId: string): Promise<string[]> =>
  (
    await sql<{ name: string }[]>`
      select nspname as name from pg_namespace where starts_with(nspname, ${`${schemaOf(schoolId)}_`})`
  ).map(({ name }) => `"${name}"`);

async function dropBesides(cell: Directory.Cell, schoolId: string): Promise<void> {
  const provisioner = connect(cell.database, "lectern_provisioner");
  try {
    const all = await besidesOf(provisioner, schoolId);
    if (all.length > 0)
      await provisioner.unsafe(
        `set local lock_timeout = '10s'; set local role lectern_owner; drop schema ${all.join(", ")} cascade`,
      );
  } finally {
    await provisioner.end();
  }
}

async function dropSchema(cell: Directory.Cell, schoolId: string): Promise<void> {
  const schema = quoted(schemaOf(schoolId));
  const provisioner = connect(cell.database, "lectern_provisioner");
  try {
    const all = [schema, ...(await besidesOf(provisioner, schoolId))].join(", ");
    const [role] = await provisioner`select from pg_roles where rolname = ${schemaOf(schoolId)}`;
    // Schema and role go in one transaction, so that no role remains without a schema.
    await provisioner.unsafe(
      `set local lock_timeout = '10s'; set local role lectern_owner; drop schema if exists ${all} cascade;
       set local role none; ${role ? `drop role ${schema};` : ""}`,
    );
  } finally {
    await provisioner.end();
  }
}

/**
 * Deletes every item whose key or `schoolId` names the school. It scans the table, because item kinds are many and
 * removals rare.
 */
export async function eraseItems(table: string, schoolId: string, exceptEntity = ""): Promise<void> {
  let from: Record<string, unknown> | undefined;
  do {
    const page = await Aws.dynamodb().send(
      new ScanCommand({
        TableName: table,
        ConsistentRead: true,
        ProjectionExpression: "pk, sk",
        FilterExpression:
          "(#school = :id OR contains(pk, :id) OR contains(sk, :id) OR contains(#value, :id)) AND NOT #entity = :except",
        ExpressionAttributeNames: { "#school": "schoolId", "#value": "value", "#entity": "__edb_e__" },
        ExpressionAttributeValues: { ":id": schoolId, ":except": exceptEntity },
        ...(from && { ExclusiveStartKey: from }),
      }),
    );
    const keys = (page.Items ?? []).map(({ pk, sk }) => ({ pk, sk }));
    for (let at = 0; at < keys.length; at += 25) await deleteAll(table, keys.slice(at, at + 25));
    from = page.LastEvaluatedKey;
  } while (from);
}

async function deleteAll(table: string, keys: Record<string, unknown>[]): Promise<void> {
  let rest = keys.map((Key) => ({ DeleteRequest: { Key } }));
  for (let attempt = 0; rest.length > 0; attempt++) {
    if (attempt > 10) throw new Error(`${table} does not take ${rest.length} deletions`);
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
    const answer = await Aws.dynamodb().send(new BatchWriteCommand({ RequestItems: { [table]: rest } }));
    rest = (answer.UnprocessedItems?.[table] ?? []) as typeof rest;
  }
}
