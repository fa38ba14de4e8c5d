import { Directory } from "../../kernel/directory/index.ts";
import { log } from "../../kernel/log/index.ts";
import { tellOpened } from "./alert.ts";
import { type Grouped, group } from "./fingerprint.ts";
import { dayOf, type FoundError, type FoundSlow, type FoundTimes, read } from "./lines.ts";
import {
  BatchItem,
  ErrorGroupItem,
  RouteTimeItem,
  SchoolDayItem,
  SchoolErrorItem,
  SlowRouteItem,
} from "./ops.entity.ts";

const daySeconds = 24 * 60 * 60;
/** A group that was not seen for this long expires and counts as new when it returns. */
const groupDays = 90;
const schoolDays = 35;
/** Two weeks are compared; a few days more let somebody look back. */
const timeDays = 21;
const inDays = (days: number): number => Math.floor(Date.now() / 1000) + days * daySeconds;

export interface Gathered {
  readonly errors: number;
  readonly slow: number;
  readonly requests: number;
  /** Fingerprints seen for the first time. */
  readonly opened: readonly string[];
}

/**
 * Processes logged lines: groups errors, counts them per school, adds up response times. `batchId` deduplicates a
 * redelivered batch.
 */
export async function gather(lines: Iterable<string>, batchId?: string): Promise<Gathered> {
  if (batchId !== undefined && (await BatchItem().get({ batchId }).go({ consistent: true })).data) {
    return { errors: 0, slow: 0, requests: 0, opened: [] };
  }
  const { errors, slow, times } = read(lines);
  const isThere = knownSchools();
  const opened = await gatherErrors(errors, isThere);
  await gatherSlow(slow, isThere);
  const requests = await gatherTimes(times);
  if (batchId !== undefined)
    await BatchItem()
      .put({ batchId, expiresAt: inDays(2) })
      .go();
  return { errors: errors.length, slow: slow.length, requests, opened };
}

/** Checks each school in the directory once: a removed school leaves no trace, late lines included. */
function knownSchools(): (schoolId: string) => Promise<boolean> {
  const asked = new Map<string, Promise<boolean>>();
  return (schoolId) => {
    let answer = asked.get(schoolId);
    if (!answer) {
      answer = Directory.readSchool(schoolId).then((school) => school !== undefined && school.state !== "deleting");
      asked.set(schoolId, answer);
    }
    return answer;
  };
}

type IsThere = (schoolId: string) => Promise<boolean>;

interface Same extends Grouped {
  readonly all: FoundError[];
}

async function gatherErrors(errors: readonly FoundError[], isThere: IsThere): Promise<string[]> {
  const groups = new Map<string, Same>();
  for (const error of errors) {
    const grouped = group(error);
    const known = groups.get(grouped.fingerprint);
    if (known) known.all.push(error);
    else groups.set(grouped.fingerprint, { ...grouped, all: [error] });
  }
  const opened: string[] = [];
  for (const same of groups.values()) if (await gatherGroup(same, isThere)) opened.push(same.fingerprint);
  return opened;
}

/** Answers whether the group is new. */
async function gatherGroup({ fingerprint, message, frame, all }: Same, isThere: IsThere): Promise<boolean> {
  const sorted = [...all].sort((a, b) => a.at.localeCompare(b.at));
  const [first] = sorted;
  const last = sorted.at(-1);
  if (!first || !last) return false;
  let newSchools = 0;
  for (const [schoolId, some] of Map.groupBy(sorted, (error) => error.schoolId)) {
    if (schoolId === undefined || !(await isThere(schoolId))) continue;
    if (await gatherAtSchool(fingerprint, schoolId, some)) newSchools += 1;
  }
  const isCritical = sorted.some(({ severity }) => severity === "critical");
  // One atomic write, so concurrent functions lose none of each other's counts.
  const seen = ErrorGroupItem()
    .upsert({ fingerprint, lastSeen: last.at, lastRelease: last.release, expiresAt: inDays(groupDays) })
    .set(last.requestId === undefined ? {} : { lastRequestId: last.requestId })
    .add({ count: sorted.length, schoolCount: newSchools })
    .ifNotExists({
      type: first.type,
      message,
      frame,
      endpoint: first.endpoint,
      firstSeen: first.at,
      firstRelease: first.release,
    });
  const { data } = isCritical
    ? await seen.set({ severity: "critical" }).go({ response: "all_new" })
    : await seen.ifNotExists({ severity: "error" }).go({ response: "all_new" });
  try {
    await tellOpened(data);
  } catch (err) {
    // The counts are saved; `tellUntold` retries the alert.
    log.warn({ err, fingerprint }, "no alert went out for an error group");
  }
  return data.count === sorted.length;
}

/** Answers whether the school had not met the group before. */
async function gatherAtSchool(fingerprint: string, schoolId: string, some: readonly FoundError[]): Promise<boolean> {
  const [first] = some;
  const last = some.at(-1);
  if (!first || !last) return false;
  const { data } = await SchoolErrorItem()
    .upsert({ fingerprint, schoolId, lastSeen: last.at, endpoint: last.endpoint, expiresAt: inDays(schoolDays) })
    .set(last.requestId === undefined ? {} : { lastRequestId: last.requestId })
    .add({ count: some.length })
    .ifNotExists({ firstSeen: first.at })
    .go({ response: "all_new" });
  for (const [day, { length }] of Map.groupBy(some, ({ at }) => dayOf(Date.parse(at)))) {
    await SchoolDayItem()
      .upsert({ schoolId, day, expiresAt: inDays(schoolDays) })
      .add({ errors: length })
      .go();
  }
  return data.count === some.length;
}

async function gatherSlow(slow: readonly FoundSlow[], isThere: IsThere): Promise<void> {
  const routes = Map.groupBy(slow, ({ schoolId, endpoint, at }) =>
    JSON.stringify([schoolId, dayOf(Date.parse(at)), endpoint]),
  );
  for (const some of routes.values()) {
    const last = some.at(-1);
    if (!last || !(await isThere(last.schoolId))) continue;
    await SlowRouteItem()
      .upsert({
        schoolId: last.schoolId,
        day: dayOf(Date.parse(last.at)),
        endpoint: last.endpoint,
        lastSeen: last.at,
        expiresAt: inDays(schoolDays),
      })
      .add({ count: some.length, totalMs: some.reduce((sum, { ms }) => sum + ms, 0) })
      .go();
  }
}

const atOnce = 10;

async function gatherTimes(times: readonly FoundTimes[]): Promise<number> {
  const sums = new Map<string, { day: string; endpoint: string; bucket: number; count: number }>();
  let requests = 0;
  for (const { day, endpoint, buckets } of times) {
    for (const [bucket, count] of buckets) {
      requests += count;
      const name = `${day} ${bucket} ${endpoint}`;
      const known = sums.get(name);
      if (known) known.count += count;
      else sums.set(name, { day, endpoint, bucket, count });
    }
  }
  const all = [...sums.values()];
  for (let i = 0; i < all.length; i += atOnce) {
    await Promise.all(
      all.slice(i, i + atOnce).map(({ count, ...where }) =>
        RouteTimeItem()
          .upsert({ ...where, expiresAt: inDays(timeDays) })
          .add({ count })
          .go(),
      ),
    );
  }
  return requests;
}
