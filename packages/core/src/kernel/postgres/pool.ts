import { drizzle } from "drizzle-orm/postgres-js";
import postgres, { type Sql } from "postgres";
import { DomainError } from "../error/index.ts";

export interface PoolOptions {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  /** A function is asked at each connect: the 15-minute IAM token. */
  readonly password: string | (() => Promise<string>);
  /** Connections at most; also how many transactions run at once. */
  readonly max: number;
  readonly isLocal: boolean;
  /** How long a connection may idle before it is closed; 60 s by default, shorter in tests. */
  readonly idleMs?: number;
  /** Hands out instead of a plain client in tests that plant a fault. */
  readonly wrap?: (client: Sql) => Sql;
}

/** One connection, lent to one transaction at a time. */
export interface Lease {
  readonly client: Sql;
  /** Set once the connection is gone: whatever is still asked of this transaction must fail. */
  lost: boolean;
  readonly bornAt: number;
  lentUntil: number;
  /** When it came back; meaningful while it waits for work. */
  idleSince: number;
}

export interface Pool {
  /** Waits for a connection. DomainError unavailable `database.busy` after `waitMs`; the lease is cut off after `holdMs`. */
  acquire(waitMs: number, holdMs: number): Promise<Lease>;
  /** Takes a lease back. A lost or old connection is not lent again. */
  release(lease: Lease): void;
  /** Ends a connection whose state is in doubt. */
  discard(lease: Lease): void;
  close(): Promise<void>;
}

const lifetimeMs = 15 * 60_000;
const defaultIdleMs = 60_000;

/**
 * A pool of single-connection clients. Unlike the pool of postgres.js, it sends `begin` and the first statements in one
 * round trip and learns at once when a connection is lost: in `sql.begin` a connection that dies between two statements
 * ends the process, or continues outside its transaction. Connections are recycled, because a backend never frees
 * memory and keeps some per school it has touched.
 */
export function createPool(options: PoolOptions): Pool {
  const { idleMs = defaultIdleMs } = options;
  const all = new Set<Lease>();
  const idle: Lease[] = [];
  const waiting: { give(lease: Lease): void; refuse(error: Error): void }[] = [];
  let closed = false;

  const open = (): Lease => {
    const client = postgres({
      host: options.host,
      port: options.port,
      database: options.database,
      username: options.username,
      password: options.password,
      max: 1,
      // When on, it reads every array type of the cluster at connect: seconds and hundreds of megabytes with many
      // schools.
      fetch_types: false,
      // Off, `.prepare(name)` silently does nothing.
      prepare: true,
      connect_timeout: 5,
      // The driver must not close connections. `max_lifetime` would end one between two statements of a transaction.
      // `idle_timeout` notifies the pool only after the socket is closed: work that leases it in between fails with
      // CONNECTION_DESTROYED, and jobs that run every minute would meet a timeout of a minute.
      idle_timeout: 0,
      max_lifetime: null,
      ssl: options.isLocal ? false : { rejectUnauthorized: true },
      onnotice: () => {},
      onclose: () => lose(lease),
    });
    drizzle(client); // sets drizzle's date and JSON handling on the client
    const lease: Lease = {
      client: options.wrap ? options.wrap(client) : client,
      lost: false,
      // Spread, so that a burst of connections does not end as a burst.
      bornAt: Date.now() - Math.random() * lifetimeMs * 0.1,
      lentUntil: 0,
      idleSince: 0,
    };
    all.add(lease);
    return lease;
  };

  const drop = (lease: Lease): void => {
    if (lease.lost) return;
    lease.lost = true;
    all.delete(lease);
    const at = idle.indexOf(lease);
    if (at >= 0) idle.splice(at, 1);
    // Rejects pending queries. The lease is discarded anyway, so a failed close needs no handling.
    lease.client.end({ timeout: 0 }).catch(() => {});
  };

  const lose = (lease: Lease): void => {
    drop(lease);
    serve();
  };

  const isStale = (lease: Lease): boolean => Date.now() - lease.idleSince > idleMs;

  // A function that was frozen wakes up with connections the other end has long given up.
  const free = (): Lease | undefined => {
    for (let lease = idle.pop(); lease; lease = idle.pop()) {
      if (!isStale(lease)) return lease;
      drop(lease);
    }
    return all.size < options.max ? open() : undefined;
  };

  const serve = (): void => {
    while (waiting.length > 0 && !closed) {
      const lease = free();
      if (!lease) return;
      waiting.shift()?.give(lease);
    }
  };

  // A server that neither answers nor hangs up would keep its connections for ever.
  const watch = setInterval(
    () => {
      const now = Date.now();
      for (const lease of all) if (lease.lentUntil > 0 && lease.lentUntil < now) lose(lease);
      for (const lease of idle.filter(isStale)) drop(lease);
    },
    Math.min(1000, idleMs),
  );
  watch.unref();

  return {
    acquire(waitMs, holdMs) {
      if (closed) return Promise.reject(unavailable());
      const lend = (lease: Lease): Lease => {
        lease.lentUntil = Date.now() + holdMs;
        return lease;
      };
      const lease = free();
      if (lease) return Promise.resolve(lend(lease));
      return new Promise<Lease>((resolve, reject) => {
        const entry = {
          give: (given: Lease) => {
            clearTimeout(timer);
            resolve(lend(given));
          },
          refuse: (error: Error) => {
            clearTimeout(timer);
            reject(error);
          },
        };
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(entry), 1);
          reject(new DomainError("unavailable", "database.busy", "We are very busy. Please try again.", undefined, 2));
        }, waitMs);
        waiting.push(entry);
      });
    },
    release(lease) {
      lease.lentUntil = 0;
      if (lease.lost) return;
      if (closed || Date.now() - lease.bornAt > lifetimeMs) return lose(lease);
      const next = waiting.shift();
      if (next) next.give(lease);
      else {
        lease.idleSince = Date.now();
        idle.push(lease);
      }
    },
    discard: lose,
    async close() {
      closed = true;
      clearInterval(watch);
      for (const entry of waiting.splice(0)) entry.refuse(unavailable());
      const ends = [...idle].map((lease) => {
        lease.lost = true;
        all.delete(lease);
        return lease.client.end({ timeout: 1 });
      });
      idle.length = 0;
      await Promise.allSettled(ends);
    },
  };
}

export const unavailable = (): DomainError =>
  new DomainError("unavailable", "database.unavailable", "Please try again in a moment.", undefined, 1);
