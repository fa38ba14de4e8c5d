import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

// These parts of fauxqs are private; package.json pins the version. Its public `startFauxqs` listens on all interfaces,
// syncs the disk on every message, and its SQLite layer has two faults that this file repairs.

interface SqliteDatabase {
  exec(sql: string): void;
  prepare(sql: string): { run(...values: (string | number | null)[]): unknown };
}
export interface Persistence {
  db: SqliteDatabase;
  transaction(work: () => void): void;
  updateMessageReady(messageId: string): void;
  loadSqsAndSns(sqs: QueueStore, sns: object): void;
  close(): void;
}
export interface Queue {
  name: string;
  url: string;
  arn: string;
  attributes: Record<string, string>;
  persistence?: Persistence;
  inflightMessages: Map<string, unknown>;
  changeVisibility(receiptHandle: string, seconds: number): void;
  dequeue(...args: unknown[]): unknown[];
  setAttributes(attributes: Record<string, string>): void;
  cancelWaiters(): void;
}
export interface QueueStore {
  host: string;
  persistence?: Persistence;
  createQueue(name: string, url: string, arn: string, attributes?: Record<string, string>): Queue;
  getQueueByName(name: string): Queue | undefined;
  allQueues(): Iterable<Queue>;
}

export interface Stores {
  sqsStore: QueueStore;
  snsStore: object & { persistence?: Persistence };
  s3Store: object;
  persistence: Persistence;
}

/**
 * Opens queues and topics with their messages from `<folder>/fauxqs.db`; `urlOf(name)` gives their addresses.
 * SQLite commits every change before the caller gets an answer.
 */
export async function openStores(folder: string, urlOf: (name: string) => string): Promise<Stores> {
  const [{ PersistenceManager }, { SqsStore }, { SnsStore }, { S3Store }] = await Promise.all([
    inside<{ PersistenceManager: new (folder: string) => Persistence }>("persistence.js"),
    inside<{ SqsStore: new () => QueueStore }>("sqs/sqsStore.js"),
    inside<{ SnsStore: new () => Stores["snsStore"] }>("sns/snsStore.js"),
    inside<{ S3Store: new () => object }>("s3/s3Store.js"),
  ]);
  const persistence = new PersistenceManager(folder);
  // Commits survive a killed process without an fsync; only a power failure can lose the last ones.
  persistence.db.exec("PRAGMA synchronous = NORMAL");
  persistence.db.exec("PRAGMA busy_timeout = 5000");
  mendReturnToQueue(persistence);

  const sqsStore = new SqsStore();
  sqsStore.host = ""; // with an empty host, queue addresses use the request's host, 127.0.0.1
  mendMoveToDeadLetters(sqsStore, persistence);
  const url = persistence.db.prepare("UPDATE sqs_queues SET url = ? || name");
  url.run(urlOf(""));
  const snsStore = new SnsStore();
  persistence.loadSqsAndSns(sqsStore, snsStore);
  sqsStore.persistence = persistence;
  snsStore.persistence = persistence;
  for (const queue of sqsStore.allQueues()) queue.persistence = persistence;
  return { sqsStore, snsStore, s3Store: new S3Store(), persistence };
}

/**
 * Unpatched, a visibility timeout of 0 sets the receive count to NULL, which the table refuses, and the message is
 * lost.
 */
function mendReturnToQueue(persistence: Persistence): void {
  const ready = persistence.db.prepare(
    "UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?",
  );
  persistence.updateMessageReady = (messageId) => {
    ready.run(messageId);
  };
}

/** Unpatched, a move to the dead-letter queue takes two commits; a kill between them loses the message. */
function mendMoveToDeadLetters(store: QueueStore, persistence: Persistence): void {
  const create = store.createQueue.bind(store);
  store.createQueue = (...args) => {
    const queue = create(...args);
    const dequeue = queue.dequeue.bind(queue);
    queue.dequeue = (...wanted) => {
      let messages: unknown[] = [];
      persistence.transaction(() => {
        messages = dequeue(...wanted);
      });
      return messages;
    };
    return queue;
  };
}

async function inside<T>(file: string): Promise<T> {
  const manifest = findPackageJSON("fauxqs", import.meta.url);
  if (!manifest) throw new Error("fauxqs is not installed. Run `npm install`.");
  return import(pathToFileURL(join(dirname(manifest), "dist", file)).href);
}
