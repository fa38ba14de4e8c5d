import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { CellItem, Directory } from "@lectern/core/kernel/directory";
import { type Envelope, OutboxItem, outboxShards } from "@lectern/core/kernel/event";
import { aClass, type Class } from "@lectern/core/learn/progress/testing";
import { Recipients } from "@lectern/core/people/identity";
import { Catalog } from "@lectern/tenants/catalog";
import { Provision } from "@lectern/tenants/provision";
import { School } from "@lectern/tenants/school";
import { aSchool, asSystem, asUser } from "@lectern/tenants/testing";
import { sql } from "drizzle-orm";
import { type InboxMail, ownCloud } from "../../packages/functions/src/event/testing/own-cloud.ts";

/** A local cloud with a school and no worker: tests make every call. */
export interface Town {
  readonly cloud: Awaited<ReturnType<typeof ownCloud>>;
  readonly school: Route;
  readonly other: Route;
  readonly owner: { readonly userId: string; readonly email: string };
  readonly ownerPassword: string;
  readonly class: Class;
  readonly asOwner: <T>(work: () => Promise<T>) => Promise<T>;
  /** The newest event of that type in the school's outboxes. */
  told(type: string): Promise<Envelope>;
  waiting(): Promise<number>;
  mailsTo(email: string): Promise<InboxMail[]>;
  stop(): Promise<void>;
}

export async function openTown(): Promise<Town> {
  const cloud = await ownCloud({ "mail/settle-seconds": "2" });
  await Provision.refill({ target: 2 });
  const ownerEmail = "owner@riverside.example";
  const ownerPassword = "four plain unrelated words";
  const opened = await School.open({
    slug: "riverside",
    name: "Riverside School",
    owner: { email: ownerEmail, givenName: "Olga", familyName: "Owens", password: ownerPassword, emailVerified: true },
  });
  const school = await Directory.readSchool(opened.schoolId);
  if (!school) throw new Error("the school was opened and is not in the directory");
  const other = await aSchool({ name: "Hillside School" });
  const made = await aClass(7, school);
  const userId = await ownerIdOf(school, ownerEmail);
  const asOwner = <T>(work: () => Promise<T>) => asUser(school, { roles: ["owner"], userId }, work);
  return {
    ...{ cloud, school, other, ownerPassword, asOwner },
    owner: { userId, email: ownerEmail },
    class: made,
    async told(type) {
      const found = (await outbox()).filter((each) => each.type === type && each.schoolId === school.schoolId);
      const newest = found.sort((a, b) => a.id.localeCompare(b.id)).at(-1);
      if (!newest) throw new Error(`nothing of type ${type} was told`);
      return newest;
    },
    waiting: async () => (await outbox()).length,
    mailsTo: async (email) => (await cloud.mails()).filter(({ to }) => to.some((each) => each.includes(email))),
    async stop() {
      await Promise.all([Db.close(), Catalog.close()]);
      await cloud.stop();
    },
  };
}

/** Unpublished events: rows of the cell and items of its table. */
async function outbox(): Promise<Envelope[]> {
  const { data: cells } = await CellItem().query.all({}).go({ pages: "all" });
  const found: Envelope[] = [];
  for (const { cellId, table } of cells) {
    const rows = await Catalog.use(cellId, (tx) =>
      tx.execute<{ envelope: string }>(sql`select envelope::text as envelope from bus.outbox`),
    );
    found.push(...rows.map(({ envelope }): Envelope => JSON.parse(envelope)));
    for (const shard of outboxShards) {
      const { data } = await OutboxItem.asPlatform(table).query.unpublished({ shard }).go({ pages: "all" });
      found.push(...data.map(({ envelope }): Envelope => JSON.parse(envelope)));
    }
  }
  return found;
}

async function ownerIdOf(school: Route, email: string): Promise<string> {
  const owners = await asSystem(school, () => Recipients.owners({}));
  const [owner] = owners.filter((each) => each.email === email);
  if (!owner) throw new Error("the school has no owner");
  return owner.userId;
}
