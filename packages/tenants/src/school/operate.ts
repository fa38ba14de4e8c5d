import { Actor, type Route } from "@lectern/core/kernel/actor";
import { Directory, SchoolItem, SlugItem } from "@lectern/core/kernel/directory";
import { Dynamo } from "@lectern/core/kernel/dynamo";
import { DomainError } from "@lectern/core/kernel/error";
import { Event, type EventDefinition } from "@lectern/core/kernel/event";
import { fn } from "@lectern/core/kernel/fn";
import { createId } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { Permission } from "@lectern/core/kernel/permission";
import { schoolUrl } from "@lectern/core/kernel/url";
import { sql } from "drizzle-orm";
import * as z from "zod";
import * as Catalog from "../catalog/index.ts";
import * as Cell from "../cell/index.ts";
import { countSchools } from "./claim.ts";
import { erase, eraseAbandoned } from "./erase.ts";
import { Events } from "./school.event.ts";

// Operators' functions. Only the operator's CLI calls them; they check no school's actor.
const operators = Permission.none("the operator's command line only");
const Slug = z.object({ slug: z.string().trim().toLowerCase().max(200) });

export const Summary = z.object({
  schoolId: z.string(),
  slug: z.string(),
  name: z.string(),
  url: z.string(),
  state: z.enum(["opening", "active", "suspended", "deleting"]),
  cell: z.string(),
  /** ISO instant. */
  createdAt: z.string(),
});
export type Summary = z.infer<typeof Summary>;

export const Detail = Summary.extend({
  /** Why it is suspended. */
  reason: z.string().nullable(),
  locale: z.string(),
  zone: z.string(),
  plan: z.string(),
  schema: z.string(),
  epoch: z.number(),
  table: z.string(),
  /** Number of the last migration, and the error of the next. */
  version: z.number().nullable(),
  lastError: z.string().nullable(),
});
export type Detail = z.infer<typeof Detail>;

/** Returns every school by slug, in pages. */
export const list = fn(
  operators,
  z
    .object({
      cursor: z.string().max(1000).optional(),
      limit: z.coerce.number().int().min(1).max(100).default(25),
      state: Summary.shape.state.optional(),
    })
    .prefault({}),
  async ({ cursor, limit, state }): Promise<{ items: Summary[]; nextCursor: string | null }> => {
    const items: Summary[] = [];
    let from = cursor ?? null;
    do {
      const query = SchoolItem().query.bySlug({});
      const filtered = state ? query.where((item, { eq }) => eq(item.state, state)) : query;
      const page = await filtered.go({ limit: limit - items.length, cursor: from });
      items.push(...page.data.map(toSummary));
      from = page.cursor;
    } while (from !== null && items.length < limit);
    return { items, nextCursor: from };
  },
);

/**
 * Returns a school with its state in its cell.
 * @throws school.not_found
 */
export const show = fn(operators, Slug, async ({ slug }): Promise<Detail> => {
  const item = await find(slug);
  const [gate] = await Catalog.use(item.cell, (tx) =>
    tx.execute<{ version: number; last_error: string | null }>(
      sql`select version, last_error from catalog.school where id = ${item.schoolId}`,
    ),
  );
  return {
    ...toSummary(item),
    reason: item.reason ?? null,
    locale: item.locale,
    zone: item.zone,
    plan: item.plan,
    schema: item.schema,
    epoch: item.epoch,
    table: item.table,
    version: gate?.version ?? null,
    lastError: gate?.last_error ?? null,
  };
});

/**
 * Closes a school without deleting anything. The gate closes first and its epoch increases, so cached routes fail
 * closed. Repeating it only changes the reason.
 */
export const suspend = fn(
  operators,
  Slug.extend({ reason: z.string().trim().min(1, "Please say why.").max(500) }),
  async ({ slug, reason }): Promise<Detail> => {
    const item = await find(slug);
    if (item.state !== "active" && item.state !== "suspended") throw wrongState(item.state);
    const epoch = await setGate(item, "suspended");
    await turn(item, "suspended", { epoch, reason }, Events.Suspended);
    Directory.forget(item.schoolId);
    log.info({ schoolId: item.schoolId, reason }, "school suspended");
    return show({ slug });
  },
);

/** Reopens a suspended school. */
export const resume = fn(operators, Slug, async ({ slug }): Promise<Detail> => {
  const item = await find(slug);
  if (item.state !== "active" && item.state !== "suspended") throw wrongState(item.state);
  const epoch = await setGate(item, "active");
  await turn(item, "active", { epoch }, Events.Resumed);
  Directory.forget(item.schoolId);
  log.info({ schoolId: item.schoolId }, "school resumed");
  return show({ slug });
});

/**
 * Deletes a school and every trace of it: rows, schema, role, items, files, unpublished events, and its address, which
 * becomes free. Cannot be undone. Resumes an interrupted deletion.
 * @throws school.not_found
 */
export const remove = fn(operators, Slug, async ({ slug }): Promise<{ schoolId: string | null; slug: string }> => {
  const { data: held } = await SlugItem().get({ slug }).go({ consistent: true });
  if (!held) throw notFound(slug);
  await erase(held, tellRemoved);
  await countSchools(held.cell);
  log.info({ schoolId: held.schoolId }, "school removed");
  return { schoolId: held.schoolId ?? null, slug };
});

/** Publishes directly to the bus, because the school's outbox has been deleted. */
const tellRemoved = (school: Route, hosts: string[]): Promise<void> =>
  Actor.withActor({ type: "system", reason: "school.remove", school, requestId: createId("request") }, () =>
    Event.publish(Events.Removed, { hosts }),
  );

type Item = NonNullable<Awaited<ReturnType<ReturnType<ReturnType<typeof SchoolItem>["get"]>["go"]>>["data"]>;

/**
 * Erases schools that openings abandoned a day ago; runs nightly and by command. Throws at the end if any erasure
 * failed.
 */
export const sweep = fn(
  Permission.none("the schedule and the operator's command line only"),
  z.object({}).prefault({}),
  async (): Promise<{ erased: string[] }> => {
    const erased: string[] = [];
    let failures = 0;
    for (const cell of await Cell.list()) {
      const turn = await eraseAbandoned(cell.id);
      erased.push(...turn.erased);
      failures += turn.failed.length;
    }
    log.info({ erased }, "abandoned openings swept");
    if (failures > 0) throw new Error(`${failures} abandoned openings were not erased`);
    return { erased };
  },
);

/**
 * Returns the directory's item.
 * @throws school.not_found
 */
export async function find(slug: string): Promise<Item> {
  const { data: held } = await SlugItem().get({ slug }).go({ consistent: true });
  const schoolId = held?.schoolId;
  const item = schoolId ? (await SchoolItem().get({ schoolId }).go({ consistent: true })).data : null;
  if (!item) throw notFound(slug);
  return item;
}

/**
 * Changes the state and adds the event in one DynamoDB transaction. It uses the data table's outbox, because the gate
 * blocks the one in Postgres.
 */
async function turn(
  item: Item,
  state: "active" | "suspended",
  { epoch, reason }: { readonly epoch: number; readonly reason?: string },
  event: EventDefinition<z.ZodObject<Record<never, never>>>,
): Promise<void> {
  const patched = SchoolItem().patch({ schoolId: item.schoolId }).set({ state, epoch });
  const write = reason === undefined ? patched.remove(["reason"]) : patched.set({ reason });
  const school = Directory.toRoute(item);
  const told = Actor.withActor(
    { type: "system", reason: `school.${state}`, school, requestId: createId("request") },
    () => event.item({}),
  );
  if ((await Dynamo.transactDirectory([Dynamo.update(write), Dynamo.put(told)])) === "refused")
    throw new DomainError("conflict", "school.busy", "Somebody else is changing the school. Please try again.");
}

async function setGate(item: Item, state: "active" | "suspended"): Promise<number> {
  const [row] = await Catalog.use(item.cell, (tx) =>
    tx.execute<{ epoch: number }>(sql`
      update catalog.school set state = ${state}, epoch = epoch + case when state = ${state} then 0 else 1 end
      where id = ${item.schoolId} and state in ('active', 'suspended') returning epoch`),
  );
  if (!row) throw wrongState(item.state);
  return row.epoch;
}

const toSummary = (item: Item): Summary => ({
  schoolId: item.schoolId,
  slug: item.slug,
  name: item.name,
  url: schoolUrl(item, ""),
  state: item.state,
  cell: item.cell,
  createdAt: item.createdAt,
});

const notFound = (slug: string): DomainError =>
  new DomainError("not_found", "school.not_found", `There is no school at “${slug}”.`);

const wrongState = (state: string): DomainError =>
  new DomainError("conflict", "school.wrong_state", `The school is ${state}; that cannot be done now.`);
