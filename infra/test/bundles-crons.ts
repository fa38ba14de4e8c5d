import { randomUUID } from "node:crypto";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { inboxTable } from "@lectern/core/house/inbox/inbox.sql";
import { Ops } from "@lectern/core/house/ops";
import { Aws } from "@lectern/core/kernel/aws";
import { Db } from "@lectern/core/kernel/db";
import { CellItem, SchoolItem } from "@lectern/core/kernel/directory";
import { Due } from "@lectern/core/kernel/due";
import { createId } from "@lectern/core/kernel/id";
import { Storage } from "@lectern/core/kernel/storage";
import { Certificate } from "@lectern/core/learn/certificate";
import { CourseImport } from "@lectern/core/learn/course-import";
import { importTable } from "@lectern/core/learn/course-import/course-import.sql";
import { Progress } from "@lectern/core/learn/progress";
import { aClass } from "@lectern/core/learn/progress/testing";
import { Identity } from "@lectern/core/people/identity";
import { emailTokenTable } from "@lectern/core/people/identity/identity.sql";
import { Backup } from "@lectern/tenants/backup";
import { Catalog } from "@lectern/tenants/catalog";
import { Domain } from "@lectern/tenants/domain";
import { anAbandonedOpening, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { eq, sql } from "drizzle-orm";
import { expect, vi } from "vitest";
import { RoundItem, VisitItem } from "../../packages/functions/src/cron/round.entity.ts";
import { type VisitName, visitList } from "../../packages/functions/src/cron/visits.list.ts";
import { park } from "../../packages/functions/src/event/parked.ts";
import { depth } from "../../packages/functions/src/event/testing/queues.ts";
import { workQueue } from "../../packages/functions/src/work/queue.list.ts";
import { delivery, errorLine } from "./bundles-calls.ts";
import type { Case, Running } from "./bundles-case.ts";
import { aProvenDomain, uploadPackage } from "./bundles-deeds.ts";
import type { Town } from "./bundles-town.ts";
import { batchOf, onBus, recorded } from "./events/index.ts";

// Runs each schedule and the log reader from its zip twice: the first run does the work, the second must change
// nothing.

const day = 24 * 60 * 60 * 1000;

const turns = (prepare: (town: Town) => Promise<void>, shows: (town: Town) => Promise<void>): Case => ({
  async run(town, fn) {
    await prepare(town);
    for (let turn = 0; turn < 2; turn++) {
      expect(await fn.invoke(recorded("schedule"))).toBeNull();
      await shows(town);
    }
  },
});

const rows = <T>(town: Town, work: (tx: Db.Tx) => Promise<T>): Promise<T> => asSystem(town.school, () => Db.use(work));

/** Shared between `prepare` and `shows`. */
const kept: Record<string, string> = {};
let heard: (() => Promise<string[]>) | undefined;

interface VisitCase {
  readonly prepare: (town: Town) => Promise<void>;
  readonly shows: (town: Town) => Promise<void>;
}
const visit = (prepare: VisitCase["prepare"], shows: VisitCase["shows"]): VisitCase => ({ prepare, shows });

const visitCases: Readonly<Record<VisitName, VisitCase>> = {
  "reconcile-certificates": visit(
    async (town) => {
      const each = await aClass(1, town.school);
      kept.learner = each.learner.userId;
      await each.asLearner(() => Progress.markDone({ courseId: each.courseId, lessonId: each.lesson(0) }));
    },
    async (town) => {
      await asUser(town.school, { roles: ["learner"], userId: kept.learner ?? "" }, async () =>
        expect((await Certificate.mine({})).items).toHaveLength(1),
      );
    },
  ),
  "purge-inbox": visit(
    async (town) => {
      const noted = (days: number) => ({
        consumer: "purged",
        eventId: createId("event"),
        at: new Date(Date.now() - days * day),
      });
      await rows(town, (tx) => tx.insert(inboxTable).values([noted(31), noted(29)]));
    },
    async (town) => expect(await rows(town, (tx) => tx.$count(inboxTable, eq(inboxTable.consumer, "purged")))).toBe(1),
  ),
  "purge-tokens": visit(
    async (town) => {
      const { userId } = await aUser(town.school, { roles: ["learner"] });
      kept.user = userId;
      const token = (days: number) => ({
        ...{ id: createId("token"), userId, purpose: "verify_email" as const },
        expiresAt: new Date(Date.now() + days * day),
      });
      await rows(town, (tx) => tx.insert(emailTokenTable).values([token(-31), token(-29), token(1)]));
    },
    async (town) =>
      expect(await rows(town, (tx) => tx.$count(emailTokenTable, eq(emailTokenTable.userId, kept.user ?? "")))).toBe(2),
  ),
  "sweep-files": visit(sweepable, async (town) =>
    asSystem(town.school, async () => {
      const left = (await Storage.list({ prefix: `${Storage.key("upload")}/` })).map(({ key }) => key);
      expect([left.includes(kept.old ?? ""), left.includes(kept.fresh ?? "")]).toEqual([false, true]);
    }),
  ),
};

/** The timer of an import whose worker died: it is requested once, however often the message comes. */
async function timer(town: Town, fn: Running): Promise<void> {
  const importId = await uploadPackage(town);
  const updatedAt = new Date(Date.now() - 600_000);
  await rows(town, (tx) => tx.update(importTable).set({ updatedAt }).where(eq(importTable.id, importId)));
  const key = `import:${importId}`;
  const when = new Date();
  const { id } = await asSystem(town.school, () => Due.at(when, CourseImport.Check, { id: importId, attempt: 0 }, key));
  const waiting = await town.waiting();
  const body = JSON.stringify({
    ...{ type: "due", schoolId: town.school.schoolId, key, dueId: id, kind: CourseImport.Check.kind },
    ...{ data: JSON.stringify({ id: importId, attempt: 0 }), at: when.toISOString() },
  });
  for (let delivery = 0; delivery < 2; delivery++) {
    expect(await fn.invoke(batchOf(workQueue, [{ id: randomUUID(), body }]))).toEqual({ batchItemFailures: [] });
    expect(await town.waiting()).toBe(waiting + 1);
  }
}

/** Each visit of a round, whose message is delivered twice; a message that is none is answered as failed. */
const schoolWork: Case = {
  async run(town, fn) {
    const { schoolId } = town.school;
    const slot = new Date().toISOString();
    const failed = randomUUID();
    expect(await fn.invoke(batchOf(workQueue, [{ id: failed, body: "{" }]))).toEqual({
      batchItemFailures: [{ itemIdentifier: failed }],
    });
    await timer(town, fn);
    for (const [name, { prepare, shows }] of Object.entries(visitCases)) {
      await prepare(town);
      await VisitItem().put({ visit: name, schoolId, slot }).go();
      const body = JSON.stringify({ type: "visit", schoolId, visit: name, slot });
      for (let delivery = 0; delivery < 2; delivery++) {
        const answer = await fn.invoke(batchOf(workQueue, [{ id: randomUUID(), body }]));
        expect(answer, name).toEqual({ batchItemFailures: [] });
        await shows(town);
      }
      expect((await VisitItem().get({ visit: name, schoolId }).go()).data, name).toBeNull();
    }
  },
};

export const cronCases: Readonly<Record<string, Case>> = {
  CronRelay: turns(
    async (town) => {
      const email = `${createId("run").slice(-8)}@elsewhere.example`;
      await town.asOwner(() => Identity.invite({ email, roles: ["learner"] }));
      expect(await town.waiting()).toBeGreaterThan(0);
    },
    async (town) => {
      expect(await town.waiting()).toBe(0);
      expect(await depth("notifications")).toBeGreaterThan(0);
    },
  ),
  CronDispatch: turns(
    async (town) => {
      await asSystem(town.school, () =>
        Due.at(new Date(), CourseImport.Check, { id: "imp_none", attempt: 0 }, "import:none"),
      );
      for (const { name } of visitList) expect((await RoundItem().get({ visit: name }).go()).data).toBeNull();
    },
    async () => {
      // Two schools' visits, and one timer, once each.
      expect(await depth(workQueue)).toBe(2 * visitList.length + 1);
      for (const { name } of visitList)
        expect((await RoundItem().get({ visit: name }).go()).data).toMatchObject({ isHandedOut: true, handed: 2 });
    },
  ),
  SchoolWork: schoolWork,
  CronUnpark: turns(
    async (town) => {
      const event = { type: "user.registered", schoolId: town.other.schoolId };
      const setState = (state: "active" | "suspended") =>
        SchoolItem().patch({ schoolId: town.other.schoolId }).set({ state }).go();
      await setState("suspended");
      await asSystem(town.other, () => park("halfway", createId("event"), onBus(event)));
      await setState("active");
      kept.depth = String(await depth("notifications"));
    },
    async () => expect(await depth("notifications")).toBe(Number(kept.depth) + 1),
  ),
  CronRefill: turns(
    async () => expect(await readySchools()).toBeLessThan(50),
    async () => expect(await readySchools()).toBe(50),
  ),
  CronAdvanceDomains: turns(
    async (town) => {
      kept.host = await aProvenDomain(town);
    },
    async (town) => {
      const domain = await asSystem(town.school, () => Domain.read(kept.host ?? ""));
      expect(["dns_ok", "cert_issued", "active"]).toContain(domain?.state);
    },
  ),
  CronTellErrors: turns(
    async (town) => {
      heard = await listen(town, "error.group_opened");
      kept.type = `Planted${createId("run").slice(4)}Error`;
      // The bus is unavailable, and the event is older than the relay's limit.
      vi.spyOn(Aws.eventbridge(), "send").mockRejectedValueOnce(new Error("the bus is away"));
      vi.spyOn(Date, "now").mockReturnValue(Date.now() - 120_000);
      await Ops.gather([errorLine(kept.type)]);
      vi.restoreAllMocks();
    },
    async () => expect((await heard?.())?.filter((body) => body.includes(kept.type ?? "-"))).toHaveLength(1),
  ),
  CronPerformanceReport: turns(
    async () => {
      const at = (days: number, ms: number) =>
        JSON.stringify({
          _aws: { Timestamp: Date.now() - days * day, CloudWatchMetrics: [] },
          endpoint: "GET /planted",
          ResponseTime: Array.from({ length: 60 }, () => ms),
        });
      await Ops.gather([at(3, 200), at(4, 200), at(1, 900)]);
    },
    async () => {
      const report = await Ops.lastReport();
      expect(report?.day).toBe(new Date(Date.now() - day).toISOString().slice(0, 10));
      expect(report?.routes.find(({ endpoint }) => endpoint === "GET /planted")).toMatchObject({ isRegression: true });
    },
  ),
  CronDumpSchools: turns(
    async () => {},
    async ({ school }) => {
      const found = await Backup.find(school.schoolId, "latest");
      await Backup.verify(found);
      kept.dump ??= found.folder;
      expect(found.folder).toBe(kept.dump);
    },
  ),
  CronSweepOpenings: turns(
    async (town) => {
      kept.cell = town.school.cell;
      kept.opening = (await anAbandonedOpening(kept.cell)).schoolId;
    },
    async (town) => {
      const known = await Catalog.use(kept.cell ?? "", (tx) =>
        tx.execute<{ id: string }>(sql`
          select id from catalog.school where id in (${kept.opening}, ${town.school.schoolId}, ${town.other.schoolId})`),
      );
      expect(known.map(({ id }) => id).sort()).toEqual([town.school.schoolId, town.other.schoolId].sort());
    },
  ),
  OpsLogs: {
    async run(_, fn) {
      const type = `Planted${createId("run").slice(4)}Error`;
      const event = delivery([errorLine(type)]);
      expect(await fn.invoke(event)).toMatchObject({ errors: 1, opened: [expect.any(String)] });
      // Redelivery must count once.
      expect(await fn.invoke(event)).toMatchObject({ errors: 0, opened: [] });
      const [group] = (await Ops.errors({ limit: 1_000 })).filter((each) => each.type === type);
      expect(group).toMatchObject({ count: 1, severity: "error", endpoint: "GET /courses/:courseSlug" });
      const asked = delivery(["CWL CONTROL MESSAGE: Checking health of destination"], "CONTROL_MESSAGE");
      expect(await fn.invoke(asked)).toBeNull();
      await expect(fn.invoke({ awslogs: { data: "bm90IGd6aXA=" } })).rejects.toThrow(/incorrect header/);
    },
  },
};

const readySchools = async (): Promise<number> => {
  const { data: cells } = await CellItem().query.all({}).go({ pages: "all" });
  const cell = cells.find(({ state }) => state === "open")?.cellId ?? "";
  const [found] = await Catalog.use(cell, (tx) =>
    tx.execute<{ count: string }>(sql`select count(*) from catalog.school where state = 'warm'`),
  );
  return Number(found?.count);
};

/** Two files without a row: one two days old, one that may still be uploading. */
async function sweepable(town: Town): Promise<void> {
  const put = (name: string) =>
    asSystem(town.school, async () => {
      kept[name] = Storage.key("upload", createId("asset"), `${name}.txt`);
      await Storage.put({ key: kept[name], body: Buffer.from(name), contentType: "text/plain" });
    });
  await put("fresh");
  await put("old");
  const storage = new DatabaseSync(path.join(town.cloud.resources.LocalCloud.dataDir, "s3/objects.sqlite"));
  storage.exec("pragma busy_timeout = 5000");
  storage.prepare("update object set modified = modified - ? where key = ?").run(2 * day, kept.old ?? "");
  storage.close();
}

/** Subscribes a queue to the bus, as the operators' topics are; returns a reader. */
async function listen({ cloud }: Town, detailType: string): Promise<() => Promise<string[]>> {
  const { endpoints } = cloud.resources.LocalCloud;
  const as = (endpoint: string) => ({
    ...{ endpoint, region: "us-east-1" },
    credentials: { accessKeyId: "local", secretAccessKey: "local-secret" },
  });
  const name = `heard-${createId("run").slice(-12)}`;
  const sqs = new SQSClient(as(endpoints.sqs));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const bus = new EventBridgeClient(as(endpoints.eventbridge));
  const rule = { EventBusName: cloud.resources.Bus.name, Name: name };
  await bus.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ "detail-type": [detailType] }) }));
  const Targets = [{ Id: "queue", Arn: `arn:aws:sqs:us-east-1:000000000000:${name}` }];
  await bus.send(new PutTargetsCommand({ EventBusName: rule.EventBusName, Rule: name, Targets }));
  const all: string[] = [];
  return async () => {
    for (let more = true; more; ) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      all.push(...Messages.map(({ Body = "" }) => Body));
      more = Messages.length > 0;
    }
    return all;
  };
}
