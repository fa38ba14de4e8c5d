import { createHmac } from "node:crypto";
import { inboxTable } from "@lectern/core/house/inbox/inbox.sql";
import { Actor, type Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { Directory, SchoolItem, SkeletonItem, SlugItem } from "@lectern/core/kernel/directory";
import { Dynamo } from "@lectern/core/kernel/dynamo";
import { DomainError } from "@lectern/core/kernel/error";
import { fn } from "@lectern/core/kernel/fn";
import { createId } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { Secrets } from "@lectern/core/kernel/secret";
import { schoolUrl } from "@lectern/core/kernel/url";
import * as Identity from "@lectern/core/people/identity";
import { roleGrantTable } from "@lectern/core/people/identity/user.sql";
import * as Settings from "@lectern/core/people/settings";
import { Email } from "@lectern/core/util/email";
import { eq } from "drizzle-orm";
import * as z from "zod";
import * as Cell from "../cell/index.ts";
import { activate, claim, countSchools } from "./claim.ts";
import { defaultBrand } from "./defaults.ts";
import { SchoolName } from "./name.ts";
import { Events } from "./school.event.ts";
import { checkSlug, skeletonOf } from "./slug.ts";

export const OpenInput = z.object({
  slug: z.string().trim().max(200),
  name: SchoolName,
  owner: z.object({
    email: Email,
    givenName: z.string().trim().min(1, "Please enter a given name.").max(100),
    familyName: z.string().trim().max(100).default(""),
    password: z.string().min(1).max(1024).optional(),
    /**
     * The platform has verified the address; otherwise the owner confirms it by mail. Default: true without a password.
     */
    emailVerified: z.boolean().optional(),
  }),
  locale: Settings.Info.shape.locale.default("en"),
  zone: Settings.Info.shape.zone.default("UTC"),
});
type Input = z.output<typeof OpenInput>;

export interface Opened {
  readonly schoolId: string;
  readonly slug: string;
  readonly url: string;
  /** Duration of this call. */
  readonly ms: number;
}

/** Steps of an opening, in order. Each is idempotent. */
export const openingSteps = ["reserved", "claimed", "registered", "owner", "active", "announced", "finished"] as const;
export type OpeningStep = (typeof openingSteps)[number];
export type StepListener = (step: OpeningStep) => void | Promise<void>;

/**
 * Opens a school: address, warm school, owner and settings, route, `school.created`. The same call resumes after an
 * interruption and returns the same school after success.
 * @throws school.slug_taken, school.slug_lookalike, platform.full
 */
export const open = fn.public("anyone may open a school; the doors limit how often", OpenInput, (input) =>
  openWith(input),
);

/** Like `open`, with a callback after each step; tests kill the process there. */
export async function openWith(input: Input, onStep: StepListener = () => {}): Promise<Opened> {
  const begin = performance.now();
  requireSlug(input.slug);
  // Every refusal comes before the first write, because this caller has no right to erase a school.
  await Identity.checkOwner(input.owner);
  const reservation = await reserve(input.slug, await keyOf(input));
  const opened = (schoolId: string): Opened => ({
    schoolId,
    slug: input.slug,
    url: schoolUrl({ slug: input.slug }, ""),
    ms: Math.round(performance.now() - begin),
  });
  if (reservation.state === "open" && reservation.schoolId) return opened(reservation.schoolId);
  await onStep("reserved");

  const claimed = await claim(reservation.cell, reservation.openingId);
  await SlugItem().patch({ slug: input.slug }).set({ schoolId: claimed.schoolId }).go();
  await onStep("claimed");

  const route = await register(input, reservation.cell, claimed);
  await onStep("registered");

  await asPlatform(route, () => makeOwner(input));
  await onStep("owner");

  await activate(route.cell, route.schoolId);
  await SchoolItem()
    .patch({ schoolId: route.schoolId })
    .set({ state: "active" })
    .where(({ state }, { eq: is }) => is(state, "opening"))
    .go()
    .catch(ignoreCondition);
  Directory.forget(route.schoolId);
  await onStep("active");

  await asPlatform({ ...route, state: "active" }, () => announce(reservation.openingId));
  await onStep("announced");

  await SlugItem().patch({ slug: input.slug }).set({ state: "open", openedAt: new Date().toISOString() }).go();
  await countSchools(route.cell);
  await onStep("finished");
  const result = opened(route.schoolId);
  log.info({ schoolId: result.schoolId, cell: route.cell, ms: result.ms }, "school opened");
  return result;
}

/** After this time an attempt counts as abandoned, and others may take the address. */
const abandonedMs = 15 * 60_000;
/** Within this time a repeated request returns its school; later the address counts as taken. */
const repeatMs = 60 * 60_000;

type Reservation = NonNullable<Awaited<ReturnType<typeof readSlug>>>;
const readSlug = async (slug: string) => (await SlugItem().get({ slug }).go({ consistent: true })).data;

/**
 * Reserves an address for a request key; the same key gets the same reservation.
 * @throws school.slug_taken, school.slug_lookalike
 */
export async function reserve(slug: string, requestKey: string): Promise<Reservation> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const held = await readSlug(slug);
    if (!held) {
      if (await put(slug, requestKey)) continue;
      const { data: alike } = await SkeletonItem()
        .get({ skeleton: skeletonOf(slug) })
        .go({ consistent: true });
      if (alike && alike.slug !== slug) throw lookalike(slug, alike.slug);
      continue;
    }
    const age = Date.now() - Date.parse(held.openedAt ?? held.reservedAt);
    if (held.requestKey === requestKey && (held.state === "reserved" || age < repeatMs)) return held;
    if (held.state === "open" || age < abandonedMs) throw taken(slug);
    await takeOver(held, requestKey);
  }
  throw taken(slug);
}

/**
 * Gives an abandoned attempt's address to the next request. The school it claimed stays closed until `sweep`. Of two
 * concurrent requests one wins, and both read again.
 */
async function takeOver(held: Reservation, requestKey: string): Promise<void> {
  await SlugItem()
    .patch({ slug: held.slug })
    .set({ requestKey, cell: await chooseCell(), reservedAt: new Date().toISOString(), openingId: createId("run") })
    .remove(["schoolId"])
    .where(({ openingId, state }, { eq: is }) => `${is(openingId, held.openingId)} AND ${is(state, "reserved")}`)
    .go()
    .catch(ignoreCondition);
}

/** Reserves slug and skeleton in one transaction. */
async function put(slug: string, requestKey: string): Promise<boolean> {
  const cell = await chooseCell();
  const reservedAt = new Date().toISOString();
  const done = await Dynamo.transactDirectory([
    Dynamo.put(
      SlugItem().create({ slug, requestKey, cell, reservedAt, openingId: createId("run"), state: "reserved" }),
    ),
    Dynamo.put(SkeletonItem().create({ skeleton: skeletonOf(slug), slug })),
  ]);
  return done === "done";
}

async function chooseCell(): Promise<string> {
  const cell = (await Cell.list()).find(({ state, count, max }) => state === "open" && count < max);
  if (!cell)
    throw new DomainError(
      "unavailable",
      "platform.full",
      "We cannot take new schools right now. Please try again later.",
      undefined,
      600,
    );
  return cell.id;
}

/** Returns the key by which the same request resumes; a digest, so that the directory stores no e-mail address. */
const keyOf = async ({ slug, name, owner }: Input): Promise<string> =>
  createHmac("sha256", await Secrets.get("FinderKey"))
    .update(JSON.stringify(["opening", slug, name, owner.email]))
    .digest("base64url");

async function register(
  input: Input,
  cellId: string,
  claimed: { schoolId: string; schema: string; epoch: number },
): Promise<Route> {
  const known = await Directory.readSchool(claimed.schoolId);
  if (known) return known;
  const cell = await Directory.cell(cellId);
  if (!cell) throw new Error(`there is no cell ${cellId}`);
  const { accent, font, radius } = defaultBrand;
  const { data } = await SchoolItem()
    .put({
      ...claimed,
      slug: input.slug,
      name: input.name,
      brand: { accent, font, radius },
      locale: input.locale,
      zone: input.zone,
      instructorRequests: false,
      state: "opening",
      cell: cellId,
      table: cell.table,
      plan: "free",
      createdAt: new Date().toISOString(),
    })
    .go();
  return Directory.toRoute(data);
}

/** Creates owner and settings in one transaction. */
const makeOwner = ({ owner, locale, zone }: Input): Promise<void> =>
  Db.use(async (tx) => {
    const [known] = await tx
      .select({ userId: roleGrantTable.userId })
      .from(roleGrantTable)
      .where(eq(roleGrantTable.role, "owner"))
      .limit(1);
    if (known) return;
    const { password, emailVerified = password === undefined, ...person } = owner;
    await Identity.createOwner({ ...person, emailVerified, ...(password !== undefined && { password }) });
    await Settings.update({ locale, zone, instructorRequests: false });
  });

/** Publishes `school.created` once per opening, however often this step runs. */
const announce = (openingId: string): Promise<void> =>
  Db.use(async (tx) => {
    const [first] = await tx
      .insert(inboxTable)
      .values({ consumer: "school.open", eventId: openingId })
      .onConflictDoNothing()
      .returning({ at: inboxTable.at });
    if (first) await Events.Created.emit({});
  });

const asPlatform = <T>(school: Route, work: () => Promise<T>): Promise<T> =>
  Actor.withActor(
    {
      type: "system",
      reason: "school.open",
      school,
      requestId: Actor.maybeActor()?.requestId ?? createId("request"),
    },
    work,
  );

export function requireSlug(slug: string): void {
  const verdict = checkSlug(slug);
  if (!verdict.ok) throw new DomainError("invalid", verdict.code, verdict.reason, { slug: verdict.reason });
}

const taken = (slug: string): DomainError => {
  const message = `The address “${slug}” is taken.`;
  return new DomainError("conflict", "school.slug_taken", message, { slug: message });
};

const lookalike = (slug: string, other: string): DomainError => {
  const message = `“${slug}” looks too much like “${other}”, which is another school's address.`;
  return new DomainError("conflict", "school.slug_lookalike", message, { slug: message });
};

/** A failed condition means that another run has done it. */
export function ignoreCondition(error: unknown): void {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at.name === "ConditionalCheckFailedException" || at.message.includes("conditional request failed")) return;
  throw error;
}
