import { Directory, SchoolItem } from "@lectern/core/kernel/directory";
import { conditionHolds } from "@lectern/core/kernel/dynamo";
import { log } from "@lectern/core/kernel/log";
import { reached } from "../event/steps.ts";
import { sendWork } from "../work/send.ts";
import { RoundItem, VisitItem } from "./round.entity.ts";
import { type Visit, visitList } from "./visits.list.ts";

// A round visits every active school once. The dispatcher hands out one message per school, page by page, and keeps its
// place after each page: a run that is killed repeats at most one page. A worker deletes the school's item when its visit
// is done, so what is left of a round is what it has not reached.

const minute = 60_000;
const page = 100;
/** A round is judged after this long: by then the queue has given up on what fails (event/consumer.ts). */
const judgedAfterMs = 3 * 60 * minute;

export interface Report {
  readonly visit: string;
  readonly slot: string;
  readonly handed: number;
  /** Schools that were not reached, with the error of the last attempt where there was one. */
  readonly missed: readonly { readonly schoolId: string; readonly error: string | null }[];
}

export interface HandOut {
  /** The present time, epoch ms. */
  readonly now?: number;
  /** Epoch ms: after it no second page is begun; the next run goes on. */
  readonly until?: number;
  readonly visits?: readonly Visit[];
}

/** Begins the rounds that are due and hands out their messages. Answers the reports of rounds that have ended. */
export async function handOutRounds(options: HandOut = {}): Promise<Report[]> {
  const { now = Date.now(), until = Number.POSITIVE_INFINITY, visits = visitList } = options;
  const outcomes = await Promise.allSettled(visits.map((visit) => handOut(visit, now, until)));
  const failed = outcomes.filter((each) => each.status === "rejected").map((each): unknown => each.reason);
  if (failed.length > 0) throw new AggregateError(failed, "some rounds could not be handed out");
  return outcomes.flatMap((each) => (each.status === "fulfilled" && each.value ? [each.value] : []));
}

async function handOut(visit: Visit, now: number, until: number): Promise<Report | undefined> {
  const slot = slotOf(visit, now);
  let round = await read(visit.name);
  let report: Report | undefined;
  if (round && !round.isReported && (isNext(round.slot, slot, visit) || now - round.startedAt > judgedAfterMs))
    report = await judge(round);
  if (!round || isNext(round.slot, slot, visit)) round = await begin(visit.name, slot, now, round?.slot);
  while (round && !round.isHandedOut) {
    round = await handOutPage(round);
    if (Date.now() >= until) break;
  }
  return report;
}

/** When the latest round of a visit was due. */
export function slotOf({ everyMinutes, at }: Visit, now: number): string {
  const every = everyMinutes * minute;
  return new Date(Math.floor((now - at * minute) / every) * every + at * minute).toISOString();
}

/** A slot far ahead comes from a machine whose clock was wrong; waiting for it would stop the visits. */
const isNext = (present: string, slot: string, { everyMinutes }: Visit): boolean =>
  slot > present || Date.parse(present) > Date.parse(slot) + everyMinutes * minute;

async function read(visit: string) {
  const { data } = await RoundItem().get({ visit }).go({ consistent: true });
  return data ?? undefined;
}
type Round = NonNullable<Awaited<ReturnType<typeof read>>>;

/** Begins a round, unless another run has done so. */
async function begin(visit: string, slot: string, now: number, before: string | undefined): Promise<Round | undefined> {
  await forgetSchools(visit);
  const fresh = { visit, slot, startedAt: now, isHandedOut: false, handed: 0, isReported: false };
  const put = RoundItem()
    .put(fresh)
    .where((item, { eq, notExists }) => (before === undefined ? notExists(item.slot) : eq(item.slot, before)));
  return (await conditionHolds(put.go())) ? fresh : undefined;
}

async function handOutPage(round: Round): Promise<Round | undefined> {
  const { visit, slot, cursor = null, handed } = round;
  const { data, cursor: next } = await SchoolItem().query.bySlug({}).go({ limit: page, cursor });
  const schools = data.map(Directory.toRoute).filter(({ state }) => state === "active");
  if (schools.length > 0) {
    const { unprocessed } = await VisitItem()
      .put(schools.map(({ schoolId }) => ({ visit, schoolId, slot })))
      .go({ concurrency: 4 });
    if (unprocessed.length > 0) throw new Error("the directory did not take all schools of a page");
    await reached("rounds: noted");
    await sendWork(schools.map(({ schoolId }) => ({ type: "visit", schoolId, visit, slot })));
    await reached("rounds: sent");
  }
  const after = { handed: handed + schools.length, isHandedOut: next === null };
  const patch = RoundItem().patch({ visit }).set(after);
  const kept = (next === null ? patch.remove(["cursor"]) : patch.set({ cursor: next })).where(
    (item, { eq }) => `${eq(item.slot, slot)} AND ${eq(item.handed, handed)}`,
  );
  // Another run is at this round as well, and further.
  if (!(await conditionHolds(kept.go()))) return undefined;
  await reached("rounds: paged");
  const { cursor: _, ...rest } = round;
  return { ...rest, ...after, ...(next !== null && { cursor: next }) };
}

/** Says which schools a round has not reached: as an error, so that the alarm of failed jobs sounds. */
async function judge({ visit, slot, handed }: Round): Promise<Report> {
  const missed = (await unvisited(visit))
    .filter((each) => each.slot === slot)
    .map(({ schoolId, error }) => ({ schoolId, error: error ?? null }));
  const report = { visit, slot, handed, missed };
  // The log takes some lines' worth; the items themselves stay until the next round begins.
  const about = { visit, slot, handed, missed: missed.length, schools: missed.slice(0, 100) };
  if (missed.length > 0) log.error(about, "a round did not reach every school");
  else log.info(about, "a round reached every school");
  const reported = RoundItem().patch({ visit }).set({ isReported: true });
  await conditionHolds(reported.where((item, { eq }) => eq(item.slot, slot)).go());
  return report;
}

const unvisited = async (visit: string) => {
  const { data } = await VisitItem().query.bySchool({ visit }).go({ pages: "all", consistent: true });
  return data;
};

async function forgetSchools(visit: string): Promise<void> {
  const left = await unvisited(visit);
  if (left.length > 0)
    await VisitItem()
      .delete(left.map(({ schoolId }) => ({ visit, schoolId })))
      .go({ concurrency: 4 });
}
