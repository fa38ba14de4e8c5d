import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { DomainError } from "@lectern/core/kernel/error";
import { codeOf } from "@lectern/core/kernel/postgres";
import { userTable } from "@lectern/core/people/identity/user.sql";
import { aSchool, asSystem, aUser } from "@lectern/tenants/testing";
import { sql } from "drizzle-orm";
import type { Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// 10,000 requests of 20 schools on pools of 1 and 2 connections, with every failure of a request: it stops in the
// middle, leaves statements running, times out, loses its connection, or (a bug) does not enter its school. No school
// may ever see another school's row.

const seed = Date.now() % 1_000_000;
let schools: Route[];

beforeAll(async () => {
  schools = await Promise.all(Array.from({ length: 20 }, () => aSchool()));
  await Promise.all(schools.map((school) => aUser(school, { roles: [], email: emailOf(school) })));
});
afterAll(async () => {
  await Db.close();
  Db.configure({ max: 10 });
});

const emailOf = (school: Route) => `${school.schoolId}@own.test`;

interface Tally {
  requests: number;
  own: number;
  foreign: number;
  aborted: number;
  timedOut: number;
  lost: number;
  /** Requests that never entered their school, and were refused. */
  forgotten: number;
}

const read = (tx: Db.Tx) => tx.select({ email: userTable.email }).from(userTable);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function storm(options: { max: number; requests: number; wrap: (client: Sql) => Sql }): Promise<Tally> {
  const next = random(seed);
  const tally: Tally = { requests: 0, own: 0, foreign: 0, aborted: 0, timedOut: 0, lost: 0, forgotten: 0 };
  await Db.close();
  Db.configure(options);
  const note = (school: Route, rows: { email: string }[]) => {
    for (const { email } of rows) email === emailOf(school) ? tally.own++ : tally.foreign++;
  };

  const request = (school: Route, kind: number): Promise<void> =>
    asSystem(school, () =>
      Db.use(async (tx) => {
        note(school, await read(tx));
        if (kind < 0.1) throw new Abort();
        if (kind < 0.15) {
          // Given up on: statements are still under way when the work throws.
          for (let i = 0; i < 3; i++)
            void read(tx).then(
              (rows) => note(school, rows),
              () => {},
            );
          throw new Abort();
        }
        if (kind < 0.17) {
          await tx.execute(sql`select set_config('statement_timeout', '2ms', true)`);
          await tx.execute(sql`select pg_sleep(1)`);
        }
        if (kind < 0.18) {
          await tx.execute(sql`select set_config('idle_in_transaction_session_timeout', '1ms', true)`);
          await pause(10);
        }
        const all = await Promise.all([
          read(tx),
          read(tx),
          tx.insert(userTable).values(newcomer(school)).onConflictDoNothing(),
        ]);
        note(school, all[0]);
        note(school, all[1]);
      }),
    );

  await Promise.all(
    Array.from({ length: 40 }, async () => {
      while (tally.requests < options.requests) {
        tally.requests++;
        const school = schools[Math.floor(next() * schools.length)];
        if (!school) throw new Error("no school");
        await request(school, next()).catch((error: unknown) => {
          if (error instanceof Abort) tally.aborted++;
          else if (error instanceof DomainError && error.code === "database.timeout") tally.timedOut++;
          else if (error instanceof DomainError && error.code === "database.unavailable") tally.lost++;
          else if (["42501", "42P01"].includes(codeOf(error) ?? "")) tally.forgotten++;
          else throw error;
        });
      }
    }),
  );
  return tally;
}

class Abort extends Error {}

const newcomer = (school: Route) => ({ id: "usr_second", email: emailOf(school), givenName: "Never" });

function random(from: number): () => number {
  let state = from;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

type Tag = (client: Sql, schema: string, enter: () => Promise<unknown>) => Promise<unknown>;

/** A client on which `instead` runs in place of `select catalog.enter(...)`. */
const replacingEnter =
  (instead: Tag) =>
  (client: Sql): Sql =>
    new Proxy(client, {
      apply: (target, self, args: Parameters<Sql>) => {
        if (!String(args[0]).includes("catalog.enter")) return Reflect.apply(target, self, args);
        const promise = () => instead(client, String(args[1]), () => Reflect.apply(target, self, args).execute());
        return { execute: promise };
      },
    });

const forgetSome = random(seed + 1);
const forgets = () => forgetSome() < 0.02;

/** As the product has it, but that some requests forget to enter. */
const forgetful = replacingEnter((client, _schema, enter) => (forgets() ? client.unsafe("select 1") : enter()));

/** Planted: somebody sets role and path for the session instead of the transaction. */
const sticky = replacingEnter(async (client, schema, enter) => {
  if (forgets()) return client.unsafe("select 1");
  await enter();
  await client`select set_config('search_path', ${`${schema},ext`}, false), set_config('role', ${schema}, false)`;
});

describe(`no request sees another school's rows (seed ${seed})`, () => {
  test.each([
    { max: 1, requests: 5_000 },
    { max: 2, requests: 5_000 },
  ])("$requests requests on $max connection(s)", { timeout: 120_000 }, async (options) => {
    const tally = await storm({ ...options, wrap: forgetful });
    expect(tally).toMatchObject({ foreign: 0 });
    for (const key of ["own", "aborted", "timedOut", "lost", "forgotten"] as const)
      expect(tally[key], key).toBeGreaterThan(10);
  });

  test("a session-level SET is found out", { timeout: 60_000 }, async () => {
    const tally = await storm({ max: 1, requests: 500, wrap: sticky });
    expect(tally.foreign).toBeGreaterThan(0);
  });
});
