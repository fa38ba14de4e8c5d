import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { privateFolder } from "../util/files.ts";

export interface Target {
  Id: string;
  Arn: string;
  DeadLetterConfig?: { Arn?: string };
  RetryPolicy?: { MaximumRetryAttempts?: number; MaximumEventAgeInSeconds?: number };
}
export interface Rule {
  bus: string;
  name: string;
  pattern: string;
  state: "ENABLED" | "DISABLED";
  description: string;
  targets: Target[];
}
export interface Delivery {
  id: number;
  bus: string;
  rule: string;
  target: Target;
  event: string;
  attempts: number;
  createdAt: number;
  nextAt: number;
  /** The last error as `[code, message]`; set when the event goes to the dead-letter queue. */
  failure: [string, string] | undefined;
}
export type NewDelivery = Pick<Delivery, "bus" | "rule" | "target" | "event">;

export class EventStore {
  readonly #db: DatabaseSync;

  constructor(dataDir: string) {
    const folder = join(dataDir, "eventbridge");
    privateFolder(folder);
    this.#db = new DatabaseSync(join(folder, "eventbridge.sqlite"));
    this.#db.exec(`
      PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;
      CREATE TABLE IF NOT EXISTS bus (name TEXT PRIMARY KEY);
      CREATE TABLE IF NOT EXISTS rule (bus TEXT, name TEXT, pattern TEXT NOT NULL, state TEXT NOT NULL,
        description TEXT NOT NULL, PRIMARY KEY (bus, name));
      CREATE TABLE IF NOT EXISTS target (bus TEXT, rule TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (bus, rule, id));
      CREATE TABLE IF NOT EXISTS delivery (id INTEGER PRIMARY KEY AUTOINCREMENT, bus TEXT NOT NULL, rule TEXT NOT NULL,
        target TEXT NOT NULL, event TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL,
        next_at INTEGER NOT NULL, failure TEXT);
      CREATE INDEX IF NOT EXISTS delivery_next ON delivery (next_at, id);
      INSERT OR IGNORE INTO bus VALUES ('default');`);
  }

  buses(): string[] {
    return this.#db
      .prepare("SELECT name FROM bus ORDER BY name")
      .all()
      .map((row) => String(row.name));
  }

  addBus(name: string): void {
    this.#db.prepare("INSERT OR IGNORE INTO bus VALUES (?)").run(name);
  }

  removeBus(name: string): void {
    this.#db.prepare("DELETE FROM bus WHERE name = ?").run(name);
  }

  rules(): Rule[] {
    const targets = this.#db.prepare("SELECT body FROM target WHERE bus = ? AND rule = ? ORDER BY id");
    return this.#db
      .prepare("SELECT * FROM rule ORDER BY bus, name")
      .all()
      .map((row) => ({
        bus: String(row.bus),
        name: String(row.name),
        pattern: String(row.pattern),
        state: row.state === "DISABLED" ? "DISABLED" : "ENABLED",
        description: String(row.description),
        targets: targets.all(String(row.bus), String(row.name)).map((each): Target => JSON.parse(String(each.body))),
      }));
  }

  putRule(rule: Omit<Rule, "targets">): void {
    this.#db
      .prepare("INSERT OR REPLACE INTO rule VALUES (?, ?, ?, ?, ?)")
      .run(rule.bus, rule.name, rule.pattern, rule.state, rule.description);
  }

  removeRule(bus: string, name: string): void {
    this.#db.prepare("DELETE FROM rule WHERE bus = ? AND name = ?").run(bus, name);
  }

  putTargets(bus: string, rule: string, targets: readonly Target[]): void {
    const put = this.#db.prepare("INSERT OR REPLACE INTO target VALUES (?, ?, ?, ?)");
    this.#transaction(() => {
      for (const target of targets) put.run(bus, rule, target.Id, JSON.stringify(target));
    });
  }

  removeTargets(bus: string, rule: string, ids: readonly string[]): void {
    const remove = this.#db.prepare("DELETE FROM target WHERE bus = ? AND rule = ? AND id = ?");
    this.#transaction(() => {
      for (const id of ids) remove.run(bus, rule, id);
    });
  }

  /** Stores all or none; they are on disk when it returns. */
  addDeliveries(deliveries: readonly NewDelivery[]): void {
    const now = Date.now();
    const add = this.#db.prepare(
      "INSERT INTO delivery (bus, rule, target, event, created_at, next_at) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#transaction(() => {
      for (const { bus, rule, target, event } of deliveries)
        add.run(bus, rule, JSON.stringify(target), event, now, now);
    });
  }

  /** Returns up to `count` due deliveries, oldest first, without those in progress. */
  due(count: number, except: ReadonlySet<number>): Delivery[] {
    return this.#db
      .prepare("SELECT * FROM delivery WHERE next_at <= ? ORDER BY next_at, id LIMIT ?")
      .all(Date.now(), count + except.size)
      .filter((row) => !except.has(Number(row.id)))
      .slice(0, count)
      .map((row) => ({
        id: Number(row.id),
        bus: String(row.bus),
        rule: String(row.rule),
        target: JSON.parse(String(row.target)),
        event: String(row.event),
        attempts: Number(row.attempts),
        createdAt: Number(row.created_at),
        nextAt: Number(row.next_at),
        failure: row.failure === null ? undefined : JSON.parse(String(row.failure)),
      }));
  }

  /** Returns when the next delivery is due (epoch ms); undefined when none remains. */
  nextAt(): number | undefined {
    const row = this.#db.prepare("SELECT min(next_at) AS next FROM delivery").get();
    return row?.next === null || row?.next === undefined ? undefined : Number(row.next);
  }

  done(ids: readonly number[]): void {
    const remove = this.#db.prepare("DELETE FROM delivery WHERE id = ?");
    this.#transaction(() => {
      for (const id of ids) remove.run(id);
    });
  }

  postpone(id: number, attempts: number, nextAt: number, failure?: [string, string]): void {
    this.#db
      .prepare("UPDATE delivery SET attempts = ?, next_at = ?, failure = ? WHERE id = ?")
      .run(attempts, nextAt, failure ? JSON.stringify(failure) : null, id);
  }

  close(): void {
    this.#db.close();
  }

  #transaction(work: () => void): void {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }
}
