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

/** What has to be known to erase a school, however little of it there is. */
export interface Traces {
  readonly slug: string;
  readonly cell: string;
  readonly openingId: string;
  readonly schoolId?: string | undefined;
}

/** Told of a school that was open once, and of its hosts, just before the directory forgets both. */
type OnGone = (school: Route, hosts: string[]) => Promise<void>;

/**
 * Erases a school everywhere: files, data table, sign-in storage, schema and role, outbox, gate, directory. The slug goes
 * last, because a run that was cut short finds its way by it. Doing it again does no harm.
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
 * Erases what openings have claimed and nobody went on with for a day, and ends what an earlier turn had begun to erase.
 * Their addresses are free or somebody else's by now, or go with them. One that cannot be erased is logged and stops no other.
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
      // A school that was open once goes by its operator's own command, which tells of it.
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

/** The school of an opening that was cut short before it wrote down what it had claimed. */
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
  // The gate first: from here on nobody gets in, and what is deleted below is not written again.
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
  // What a move has left in other cells, first: there nothing else is left of the school.
  for (const other of await Cell.list()) if (other.id !== cell.id) await dropBesides(other, schoolId);
  await dropSchema(cell, schoolId);
  await Catalog.use(cellId, (tx) => tx.execute(sql`delete from bus.outbox where school_id = ${schoolId}`));
  // One that never opened was never seen. Before the school is forgotten: a run that is cut short here tells it again.
  if (route && route.state !== "opening") await onGone(route, hosts);
  // Hosts, find-my-school entries and the school itself; the slug is not led by the school's id.
  await eraseItems(Resource.DirectoryTable.name, schoolId, "slug");
  Directory.forget(schoolId);
  // Last: who sweeps finds by it what was begun.
  await Catalog.use(cellId, (tx) => tx.execute(sql`delete from catalog.school where id = ${schoolId}`));
}

const eraseFiles = (school: Route): Promise<void> =>
  Actor.withActor({ type: "system", reason: "school.remove", school, requestId: "school.remove" }, async () => {
    for (const bucket of ["media", "packages"] as const)
      await Storage.deletePrefix({ prefix: `${school.schoolId}/`, bucket });
  });

/** Schemas that restores and moves have put beside a school's own, quoted. */
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
    // What restores have put beside it goes as well.
    const all = [schema, ...(await besidesOf(provisioner, schoolId))].join(", ");
    const [role] = await provisioner`select from pg_roles where rolname = ${schemaOf(schoolId)}`;
    // Schema and role in one transaction, so a role without a schema is never left behind.
    await provisioner.unsafe(
      `set local lock_timeout = '10s'; set local role lectern_owner; drop schema if exists ${all} cascade;
       set local role none; ${role ? `drop role ${schema};` : ""}`,
    );
  } finally {
    await provisioner.end();
  }
}

/**
 * Deletes every item that names the school in its key or as `schoolId`. A scan: the keys lead with the school but know
 * many kinds of item, and removing a school is rare.
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
