import { setTimeout as sleep } from "node:timers/promises";
import { DeleteCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { Brand } from "@lectern/core/house/brand";
import { Aws } from "@lectern/core/kernel/aws";
import { Progress } from "@lectern/core/learn/progress";
import type { Killable } from "@lectern/local/cloud";
import { asSystem } from "@lectern/tenants/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bearer, type Ground, ground, type Person, patienceMs, type Seen, signedIn } from "./outage.ts";

// Kills each part of a local cloud while people visit, read, learn and enroll. Meanwhile everything that does not need
// it must work, and the rest must be refused with a code and Retry-After. Afterwards nothing may be missing or
// duplicated.

/** Limit for a restarted part and everything that depends on it. */
const recoveryMs = 30_000;
/** Lessons that each learner saves; one stays open, because completion would mail a certificate. */
const savedLessons = 11;
const editionMs = 20 * 60_000;

let on: Ground;
beforeAll(async () => {
  on = await ground({ lessons: savedLessons + 1, savers: 8, newcomers: 40, uploads: 12 });
}, 180_000);
afterAll(() => on?.stop());

/** Checks the answer's content: a wrong page with 200 is an error. */
async function holding(asked: Promise<Seen>, word: string): Promise<Seen> {
  const seen = await asked;
  if (seen.status === 200 && !seen.body.includes(word)) throw new Error(`an answer of 200 that does not say ${word}`);
  return seen;
}

const page = (at: string, by?: Person) => on.ask("GET", at, by ? signedIn(by) : {});
const api = (at: string, by?: Person) => on.ask("GET", `/api/v1${at}`, by ? bearer(by) : {});

const reads = {
  "edge: home": () => holding(on.atEdge("/"), "Tides"),
  "edge: course": () => holding(on.atEdge(`/courses/${on.course.slug}`), "Tides"),
  "platform: home": () => holding(page("platform:/"), "</html>"),
  "platform: pricing": () => holding(page("platform:/pricing"), "</html>"),
  "API: its description": () => holding(api("/openapi.json"), "openapi"),
  "page: catalog": () => holding(page("/courses"), "Tides"),
  "page: course": () => holding(page(`/courses/${on.course.slug}`, on.reader), "Tides"),
  "page: lesson": () => holding(page(`/learn/${on.course.slug}/${on.lessonSlugs[0]}`, on.reader), "Text 1."),
  "page: my progress": () => holding(page(`/learn/${on.course.slug}`, on.reader), "Tides"),
  "page: logo": () => holding(page(Brand.logoPaths(on.school).light ?? "/brand/logo"), "PNG"),
  "API: lesson": () => holding(api(`/courses/${on.course.id}/lessons/${on.course.lessonIds[0]}`, on.reader), "Text 1."),
  "API: picture": () => holding(api(`/assets/${on.pictureId}`, on.reader), "sha256"),
} satisfies Record<string, () => Promise<Seen>>;
type Read = keyof typeof reads;

const acknowledged: { readonly who: Person; readonly lessonId: string }[] = [];
const enrolledNow: Person[] = [];
let saves = 0;

/** One save, repeated until it is acknowledged. */
function aSave(): () => Promise<Seen> {
  const at = saves++;
  const who = on.savers[at % on.savers.length];
  const lessonId = on.course.lessonIds[Math.floor(at / on.savers.length) % savedLessons];
  if (!who || !lessonId) throw new Error("nobody saves");
  return async () => {
    const body = { lessonId, kind: "done" };
    const seen = await on.ask("POST", `/api/v1/courses/${on.course.id}/progress`, bearer(who), body);
    if (seen.status === 200) acknowledged.push({ who, lessonId });
    return seen;
  };
}

function anEnrollment(): () => Promise<Seen> {
  const who = on.newcomers.shift();
  if (!who) throw new Error("there is no newcomer left");
  return async () => {
    const seen = await on.ask("POST", "/api/v1/enrollments", bearer(who), { courseId: on.course.id });
    // When an answer was lost, the repetition returns a conflict.
    const isDone = seen.status === 201 || seen.code === "enrollment.exists";
    if (isDone) enrolledNow.push(who);
    return isDone ? { ...seen, status: 201 } : seen;
  };
}

function aConfirmation(): () => Promise<Seen> {
  const assetId = on.uploads.shift();
  if (!assetId) throw new Error("there is no upload left");
  const at = `/api/v1/courses/${on.course.id}/assets/${assetId}/confirm`;
  return () => on.ask("POST", at, bearer(on.author), { kind: "file" });
}

const writes = { save: aSave, enroll: anEnrollment, upload: aConfirmation } satisfies Record<
  string,
  () => () => Promise<Seen>
>;
type Write = keyof typeof writes;

/** What fails without a part; everything else must work. */
interface Away {
  readonly part: Killable;
  readonly reads: readonly Read[];
  readonly writes: readonly Write[];
}
const direct: readonly Read[] = ["page: catalog", "page: course", "page: lesson", "page: my progress"];
const parts: readonly Away[] = [
  // Content and people are in Postgres; the edge serves public pages.
  { part: "postgres", reads: [...direct, "API: lesson", "API: picture"], writes: ["save", "enroll", "upload"] },
  // Progress is in DynamoDB; enrollments are cached for a while.
  { part: "dynamodb", reads: ["page: my progress"], writes: ["save"] },
  { part: "s3", reads: ["page: logo"], writes: ["upload"] },
  // Events and mails wait.
  { part: "sqs", reads: [], writes: [] },
  { part: "eventbridge", reads: [], writes: [] },
  { part: "ses", reads: [], writes: [] },
  // A queue buffers changes of custom domains and editions; reads continue.
  { part: "cloudfront", reads: [], writes: [] },
  { part: "cloudfrontKvs", reads: [], writes: [] },
  { part: "worker", reads: [], writes: [] },
  { part: "guard", reads: [], writes: [] },
  {
    part: "site",
    reads: (Object.keys(reads) as Read[]).filter((name) => !name.startsWith("edge:")),
    writes: ["save", "enroll", "upload"],
  },
];

function faultOf({ status, retryAfter, code, isApi, ms }: Seen, part: Killable): string | undefined {
  if (ms > patienceMs) return `took ${ms} ms`;
  // Without the site's process, the edge answers 502.
  if (status === 502 && part === "site") return undefined;
  if (status !== 503) return `${status} ${code ?? ""} instead of 503`;
  if (!(Number(retryAfter) >= 1)) return "503 without a time to come back";
  if (isApi && !code?.includes(".")) return "503 without a code";
  return undefined;
}

const isGood = ({ status }: Seen): boolean => status === 200 || status === 201;

/** Kills a part, tests everything during the outage, and restarts the part. */
async function outage({ part, ...broken }: Away): Promise<{ readonly faults: string[]; readonly line: string }> {
  const faults: string[] = [];
  const judge = (name: string, seen: Seen, isBroken: boolean) => {
    if (isGood(seen)) return; // working without need is no fault
    const fault = isBroken ? faultOf(seen, part) : `${seen.status} ${seen.code ?? ""}: it needs no ${part}`;
    if (fault) faults.push(`${part} is away, ${name}: ${fault}`);
  };
  const told = (name: string) => (error: unknown) => void faults.push(`${part} is away, ${name}: ${String(error)}`);
  if (part === "ses" || part === "worker") await mailsAtRest();
  const tries = { save: aSave(), enroll: anEnrollment(), upload: aConfirmation() };
  // These people's sessions are cached already.
  await Promise.all(people().map((who) => api("/me", who)));
  // Expires what the edge has cached.
  on.cdn.now += editionMs;
  load.part = part;
  const hold = Promise.withResolvers<void>();
  const killedAt = performance.now();
  const back = on.cloud.kill(part, { until: hold.promise });
  await sleep(50); // a killed process ends a moment later
  await Promise.all([
    ...Object.entries(reads).map(([name, read]) =>
      read().then((seen) => judge(name, seen, broken.reads.includes(name as Read)), told(name)),
    ),
    ...Object.entries(tries).map(([name, write]) =>
      write().then((seen) => judge(name, seen, broken.writes.includes(name as Write)), told(name)),
    ),
  ]);
  const releasedAt = performance.now();
  hold.resolve();
  const until = async (work: () => Promise<Seen>): Promise<number> => {
    while (performance.now() - releasedAt < recoveryMs) {
      if (isGood(await work().catch(() => ({ status: 0 }) as Seen))) return performance.now() - releasedAt;
      await sleep(25);
    }
    return Number.POSITIVE_INFINITY;
  };
  const needing = <N extends string, T>(of: Record<N, T>, names: readonly string[]) =>
    (Object.entries(of) as [N, T][]).filter(([name]) => names.includes(name)).map(([, each]) => each);
  const [downMs, ...first] = await Promise.all([
    back.then(() => performance.now() - killedAt),
    Promise.all(needing(reads, broken.reads).map(until)).then((all) => Math.max(0, ...all)),
    Promise.all(needing(tries, broken.writes).map(until)).then((all) => Math.max(0, ...all)),
  ]);
  load.part = undefined;
  const [readMs = 0, writeMs = 0] = first;
  if (Math.max(readMs, writeMs) > recoveryMs) faults.push(`${part} is back, and not everything works`);
  const ms = (value: number) => `${Math.round(value)} ms`;
  return {
    faults,
    line: `chaos ${part}: down ${ms(downMs)}, first read after ${ms(readMs)}, first write after ${ms(writeMs)}`,
  };
}

const people = (): Person[] => [on.reader, on.author, ...on.savers, ...on.newcomers.slice(0, 4)];

/** Open-model arrivals: a visitor, a reader, a learner who saves, an API client. */
const load = { part: undefined as Killable | undefined, asked: 0, faults: [] as string[], isOn: true };
async function carryLoad(): Promise<void> {
  const journeys: [string, () => Promise<Seen>][] = [
    ["visitor", reads["edge: course"]],
    ["reader", reads["page: lesson"]],
    ["application", reads["API: lesson"]],
    ["saver", () => aSave()()],
  ];
  const under: Promise<void>[] = [];
  while (load.isOn) {
    const [name, journey] = journeys[load.asked++ % journeys.length] ?? journeys[0] ?? [];
    const before = load.part;
    if (journey)
      under.push(
        journey().then(
          (seen) => {
            const part = before ?? load.part;
            const fault = isGood(seen) ? undefined : part ? faultOf(seen, part) : `${seen.status} with nothing away`;
            if (fault) load.faults.push(`${name}${part ? ` while ${part} was away` : ""}: ${fault}`);
          },
          (error: unknown) => void load.faults.push(`${name}: ${String(error)}`),
        ),
      );
    await sleep(150);
  }
  await Promise.all(under);
}

const mailsTo = async (): Promise<string[]> => {
  const answer = await fetch(`${on.cloud.mailUrl}/mails?limit=1000`);
  return ((await answer.json()) as { to: string[] }[]).flatMap(({ to }) => to);
};
/** Waits until every newcomer has received the mail. */
async function mailsAtRest(withinMs = 60_000): Promise<void> {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(100)) {
    const to = await mailsTo().catch(() => []);
    if (enrolledNow.every(({ email }) => to.some((each) => each.includes(email)))) return;
  }
}

/** Lists acknowledged writes that are missing, and duplicates. */
async function wrong(): Promise<string[]> {
  const found: string[] = [];
  const to = await mailsTo();
  for (const { email } of enrolledNow) {
    const count = to.filter((each) => each.includes(email)).length;
    if (count !== 1) found.push(`${count} mails to ${email}`);
  }
  const facts = await doneFacts();
  for (const who of on.savers) {
    const place = { courseId: on.course.id, userId: who.userId };
    const { agreed, summary } = await asSystem(on.school, () => Progress.recompute(place));
    if (!agreed) found.push(`the facts and the summary of ${who.email} disagree`);
    for (const { lessonId } of acknowledged.filter((each) => each.who === who)) {
      const kept = facts.filter(({ userId, subject }) => userId === who.userId && subject === lessonId).length;
      if (kept !== 1) found.push(`${lessonId} of ${who.email} was acknowledged and is there ${kept} times`);
      if (!summary.doneLessonIds.includes(lessonId)) found.push(`${lessonId} of ${who.email} does not count`);
    }
  }
  return found;
}

describe("a part that is killed under load", () => {
  test("takes down only what needs it, and comes back with everything", { timeout: 300_000 }, async () => {
    for (const read of Object.values(reads)) expect(await read()).toMatchObject({ status: 200 });
    const loaded = carryLoad();
    const faults: string[] = [];
    try {
      for (const away of parts) {
        const seen = await outage(away);
        process.stdout.write(`${seen.line}\n`);
        faults.push(...seen.faults);
        await sleep(300);
      }
    } finally {
      load.isOn = false;
      await loaded;
    }
    expect([...faults, ...load.faults]).toEqual([]);
    expect(load.asked).toBeGreaterThan(parts.length * 4);
    await mailsAtRest();
    await sleep(2_500); // time for duplicates to appear
    expect(await wrong()).toEqual([]);
    expect(enrolledNow.length).toBe(parts.length);
    expect(acknowledged.length).toBeGreaterThan(30);
  });

  test("and the test finds a broken promise", { timeout: 60_000 }, async () => {
    const { faults } = await outage({ part: "postgres", reads: ["API: lesson"], writes: [] });
    expect(faults).toContainEqual(expect.stringContaining("page: catalog: 503"));
    // Not a save: cached enrollments let recent learners save.
    expect(faults).toContainEqual(expect.stringContaining("enroll: 503"));
    expect(faults.some((fault) => fault.includes("API: lesson") || fault.includes("edge:"))).toBe(false);
  });

  test("and the test finds a refusal without a code or Retry-After", () => {
    const refusal = { status: 503, retryAfter: "1", code: "database.unavailable", isApi: true, body: "", ms: 10 };
    expect(faultOf(refusal, "postgres")).toBeUndefined();
    for (const planted of [{ status: 500 }, { retryAfter: undefined }, { code: undefined }, { ms: patienceMs + 1 }])
      expect(faultOf({ ...refusal, ...planted }, "postgres")).toBeDefined();
    expect(faultOf({ ...refusal, status: 502 }, "postgres")).toBeDefined();
  });

  test("and the test finds a lost save", async () => {
    const [{ who, lessonId } = { who: on.reader, lessonId: "" }] = acknowledged;
    expect(await wrong()).toEqual([]);
    await forget(who, lessonId);
    expect(await wrong()).toContainEqual(`${lessonId} of ${who.email} was acknowledged and is there 0 times`);
  });
});

interface Kept {
  readonly pk: string;
  readonly sk: string;
  readonly userId: string;
  readonly subject: string;
}

async function doneFacts(): Promise<Kept[]> {
  const { Items, LastEvaluatedKey } = await Aws.dynamodb().send(
    new ScanCommand({
      TableName: on.school.table,
      ConsistentRead: true,
      FilterExpression: "#entity = :fact and #kind = :done",
      ExpressionAttributeNames: { "#entity": "__edb_e__", "#kind": "kind" },
      ExpressionAttributeValues: { ":fact": "fact", ":done": "done" },
    }),
  );
  if (LastEvaluatedKey) throw new Error("the table is larger than one answer");
  return (Items ?? []) as Kept[];
}

/** Deletes one fact, like a store that loses acknowledged writes. */
async function forget({ userId }: Person, lessonId: string): Promise<void> {
  const fact = (await doneFacts()).find((each) => each.userId === userId && each.subject === lessonId);
  if (!fact) throw new Error("there is no such fact to lose");
  const { pk, sk } = fact;
  await Aws.dynamodb().send(new DeleteCommand({ TableName: on.school.table, Key: { pk, sk } }));
}
