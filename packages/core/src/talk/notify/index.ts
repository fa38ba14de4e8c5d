import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { mine, readItem } from "../../kernel/dynamo/index.ts";
import { put, transact, update } from "../../kernel/dynamo/transact.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { idBody, idPattern } from "../../kernel/id/index.ts";
import { fromCursor, pageInput, toCursor } from "../../util/cursor.ts";
import { NotificationItem, UnreadItem } from "./notify.entity.ts";

const Id = z.string().regex(idPattern("notification"), "That is not the id of a notification.");

export const Info = z.object({
  id: z.string(),
  /** What it is about, such as `certificate.issued`. */
  type: z.string(),
  title: z.string(),
  body: z.string(),
  /** A path on the school's own host. */
  href: z.string(),
  /** ISO. */
  at: z.string(),
  readAt: z.string().nullable(),
});
export type Info = z.infer<typeof Info>;

const keepReadForMs = 180 * 24 * 60 * 60 * 1000;
/** A transaction takes 100 items, one of them the counter. */
const perTransaction = 50;

/** The signed-in person's notifications, newest first, and how many are unread. */
export const feed = fn.self(
  "profile.manage",
  z.object(pageInput).prefault({}),
  async ({ userId }, { cursor, limit }) => {
    const [before] = cursor === undefined ? [] : fromCursor(cursor, z.tuple([Id]));
    const query = NotificationItem().query.byUser({ ...mine(), userId });
    const [{ data }, unreadCount] = await Promise.all([
      (before === undefined ? query : query.lt({ notificationId: before })).go({ order: "desc", limit: limit + 1 }),
      readUnread(userId),
    ]);
    const page = data.slice(0, limit);
    const last = page.at(-1);
    const nextCursor = data.length > limit && last ? toCursor([last.notificationId]) : null;
    return { items: page.map(toInfo), nextCursor, unread: unreadCount };
  },
);

/** The number on the bell: one read of one small item. */
export const unread = fn.self("profile.manage", z.object({}).prefault({}), (me) => readUnread(me.userId));

/** Marks notifications read, by id or all of them. A repetition changes nothing. */
export const markRead = fn.self(
  "profile.manage",
  z.union([z.object({ ids: z.array(Id).min(1).max(100) }), z.object({ all: z.literal(true) })]),
  async ({ userId }, which): Promise<{ unread: number }> => {
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const open = "ids" in which ? await unreadOf(userId, which.ids) : await unreadOf(userId);
      if (open.length === 0) return { unread: await readUnread(userId) };
      for (let i = 0; i < open.length; i += perTransaction) {
        const outcome = await read(userId, open.slice(i, i + perTransaction));
        // Another tab was faster with one of them: look again at what is left.
        if (outcome === "refused") break;
      }
      if (attempt > 0) await sleep(Math.random() * 10 * 2 ** attempt);
    }
    throw new DomainError("unavailable", "notification.busy", "Please try that again in a moment.", undefined, 1);
  },
);

export const Push = z.object({
  /** The event behind it. Pushing again for the same event and person yields the same notification. */
  eventId: z.string(),
  userId: z.string(),
  type: z.string(),
  title: z.string().min(1).max(200),
  body: z.string().max(1000).default(""),
  href: z.string().startsWith("/").max(500),
  /** Epoch ms of the event. */
  at: z.number(),
});

/** Adds a notification to someone's feed, once per event and person. For consumers, as the system. */
export const push = fn.system(
  "only consumers of events call it, as the system",
  Push,
  async ({ eventId, userId, ...content }): Promise<{ isNew: boolean }> => {
    const notificationId = `ntf_${idBody(eventId)}`;
    const { data: known } = await NotificationItem()
      .get({ ...mine(), userId, notificationId })
      .go({ consistent: true });
    if (known) return { isNew: false };
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const outcome = await transact([
        put(NotificationItem().create({ ...mine(), userId, notificationId, ...content })),
        update(counted(userId, 1)),
      ]);
      if (outcome === "done") return { isNew: true };
      // Refused: it is there, or another notification was being counted at the same moment.
      const again = await NotificationItem()
        .get({ ...mine(), userId, notificationId })
        .go({ consistent: true });
      if (again.data) return { isNew: false };
      await sleep(Math.random() * 10 * 2 ** attempt);
    }
    throw new DomainError("unavailable", "notification.busy", "Please try that again in a moment.", undefined, 1);
  },
);

const counted = (userId: string, by: number) =>
  UnreadItem()
    .update({ ...mine(), userId })
    .add({ count: by });

async function readUnread(userId: string): Promise<number> {
  const unread = UnreadItem();
  const data = await readItem(unread, unread.get({ ...mine(), userId }), { patient: true });
  return Math.max(0, data?.count ?? 0);
}

async function unreadOf(userId: string, ids?: readonly string[]): Promise<string[]> {
  if (ids) {
    const { data } = await NotificationItem()
      .get([...new Set(ids)].map((notificationId) => ({ ...mine(), userId, notificationId })))
      .go({ consistent: true });
    return data.filter((each) => each.readAt === undefined).map((each) => each.notificationId);
  }
  const { data } = await NotificationItem()
    .query.byUser({ ...mine(), userId })
    .where((attribute, is) => is.notExists(attribute.readAt))
    .go({ consistent: true, pages: "all" });
  return data.map((each) => each.notificationId);
}

function read(userId: string, ids: readonly string[]): Promise<"done" | "refused"> {
  const readAt = Date.now();
  const expiresAt = Math.floor((readAt + keepReadForMs) / 1000);
  return transact([
    ...ids.map((notificationId) =>
      update(
        NotificationItem()
          .patch({ ...mine(), userId, notificationId })
          .set({ readAt, expiresAt })
          .where((attribute, is) => is.notExists(attribute.readAt)),
      ),
    ),
    update(counted(userId, -ids.length)),
  ]);
}

type Data = NonNullable<Awaited<ReturnType<ReturnType<ReturnType<typeof NotificationItem>["get"]>["go"]>>["data"]>;

const toInfo = (data: Data): Info => ({
  id: data.notificationId,
  type: data.type,
  title: data.title,
  body: data.body,
  href: data.href,
  at: new Date(data.at).toISOString(),
  readAt: data.readAt === undefined ? null : new Date(data.readAt).toISOString(),
});

export {
  type Addressee,
  defineNotification,
  type MailClass,
  type Message,
  mailClasses,
  type Notification,
} from "./define.ts";
export * as Notify from "./index.ts";
export { MailLedger } from "./ledger.ts";
