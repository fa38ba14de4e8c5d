import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { Directory } from "@lectern/core/kernel/directory";
import { userTable } from "@lectern/core/people/identity/user.sql";
import { aSchool, asSystem, aUser } from "@lectern/tenants/testing";
import { eq, sql } from "drizzle-orm";
import postgres from "postgres";
import { Resource } from "sst";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let school: Route;
let other: Route;

beforeAll(async () => {
  [school, other] = await Promise.all([aSchool(), aSchool()]);
  await aUser(school, { roles: [], email: "one@school.test" });
  await aUser(other, { roles: [], email: "two@other.test" });
});
afterAll(() => Db.close());

const emails = () =>
  Db.use(async (tx) => (await tx.select({ email: userTable.email }).from(userTable)).map((row) => row.email));
const add = (tx: Db.Tx, id: string) =>
  tx.insert(userTable).values({ id, email: `${id}@school.test`, givenName: "New" });
const has = (id: string) => asSystem(school, () => emails().then((all) => all.includes(`${id}@school.test`)));

describe("a transaction is one school's", () => {
  test("reads the tables of the actor's school", async () => {
    expect(await asSystem(other, emails)).toEqual(["two@other.test"]);
  });

  test("without an actor nothing is opened", async () => {
    await expect(emails()).rejects.toThrow("no actor");
  });

  test("is joined by what runs inside it, and refuses an actor of another school", async () => {
    await asSystem(school, () =>
      Db.use(async (tx) => {
        expect(await Db.use(async (inner) => inner === tx)).toBe(true);
        await expect(asSystem(other, emails)).rejects.toThrow("cannot serve two schools");
      }),
    );
  });

  test("named statements stay each school's own on one connection", async () => {
    const byName = () =>
      Db.use((tx) =>
        tx
          .select({ email: userTable.email })
          .from(userTable)
          .where(eq(userTable.givenName, sql.placeholder("name")))
          .prepare("people_by_name")
          .execute({ name: "Test" }),
      );
    for (let round = 0; round < 4; round++) {
      expect(await asSystem(school, byName)).toEqual([{ email: "one@school.test" }]);
      expect(await asSystem(other, byName)).toEqual([{ email: "two@other.test" }]);
    }
  });

  test("a web request's statements have 5 s, a job's 60 s", async () => {
    const limit = (kind: "web" | "job") =>
      asSystem(school, () =>
        Db.use((tx) => tx.execute(sql`select current_setting('statement_timeout') as limit`), { kind }),
      );
    expect((await limit("web"))[0]).toEqual({ limit: "5s" });
    expect((await limit("job"))[0]).toEqual({ limit: "1min" });
  });
});

describe("the gate", () => {
  const refused = (route: Route) => asSystem(route, emails).catch((error: unknown) => error);

  test("an old epoch fails closed, and the remembered route is dropped", async () => {
    const remembered = await Directory.bySchool(school.schoolId);
    expect(await Directory.bySchool(school.schoolId)).toBe(remembered);
    expect(await refused({ ...school, epoch: school.epoch + 1 })).toMatchObject({
      kind: "unavailable",
      code: "school.moved",
      retryAfter: 1,
    });
    expect(await Directory.bySchool(school.schoolId)).not.toBe(remembered);
  });

  test("an unknown schema is no school", async () => {
    expect(await refused({ ...school, schema: "s_00000000000000000000000000" })).toMatchObject({
      kind: "not_found",
      code: "school.not_found",
    });
  });

  test("work that asks nothing of the database is refused as well", async () => {
    const idle = asSystem({ ...school, epoch: 99 }, () => Db.use(async () => "done"));
    await expect(idle).rejects.toMatchObject({ code: "school.moved" });
  });

  test("an unknown cell is unavailable", async () => {
    expect(await refused({ ...school, cell: "nowhere" })).toMatchObject({ kind: "unavailable", code: "cell.unknown" });
  });
});

describe("all or nothing", () => {
  test("text with a NUL is refused, as a parameter, as a value and in JSON", async () => {
    const code = (work: () => Promise<unknown>) =>
      asSystem(school, work).catch((error: { code?: string }) => error.code);
    const find = (text: string) =>
      Db.use((tx) => tx.select({ id: userTable.id }).from(userTable).where(eq(userTable.email, text)));
    expect(await code(() => find("\0"))).toBe("input.invalid");
    expect(await code(() => Db.use((tx) => add(tx, "a\0b")))).toBe("input.invalid");
    const json = JSON.stringify({ q: "\0" });
    expect(await code(() => Db.use((tx) => tx.execute(sql`select ${json}::jsonb`)))).toBe("input.invalid");
  });

  test("what throws keeps nothing", async () => {
    const failing = asSystem(school, () =>
      Db.use(async (tx) => {
        await add(tx, "thrown");
        throw new Error("no");
      }),
    );
    await expect(failing).rejects.toThrow("no");
    expect(await has("thrown")).toBe(false);
  });

  test("inner work that throws takes the outer work with it", async () => {
    const failing = asSystem(school, () =>
      Db.use(async (tx) => {
        await add(tx, "outer");
        await Db.use(async () => Promise.reject(new Error("inner")));
      }),
    );
    await expect(failing).rejects.toThrow("inner");
    expect(await has("outer")).toBe(false);
  });

  test("a failed statement that was swallowed does not pass for a commit", async () => {
    const swallowed = asSystem(school, () =>
      Db.use(async (tx) => {
        await add(tx, "swallowed");
        await tx.execute(sql`select 1 / 0`).catch(() => "ignored");
      }),
    );
    await expect(swallowed).rejects.toThrow(/division by zero|Failed query/);
    expect(await has("swallowed")).toBe(false);
  });

  test("a failure inside a savepoint leaves the rest standing", async () => {
    await asSystem(school, () =>
      Db.use(async (tx) => {
        await add(tx, "kept");
        await tx
          .transaction((inner) => add(inner, "kept"))
          .catch((error: unknown) => {
            expect(Db.isUniqueViolation(error)).toBe(true);
          });
        await tx.transaction((inner) => add(inner, "also-kept"));
      }),
    );
    expect([await has("kept"), await has("also-kept")]).toEqual([true, true]);
  });

  test("afterCommit runs after the commit, and not at all after a rollback", async () => {
    const heard: string[] = [];
    await asSystem(school, () =>
      Db.use(async () => {
        Db.afterCommit(() => heard.push("committed"));
        await Db.use(async () => Db.afterCommit(() => heard.push("joined")));
        heard.push("work done");
      }),
    );
    await asSystem(school, () =>
      Db.use(async () => {
        Db.afterCommit(() => heard.push("never"));
        throw new Error("no");
      }),
    ).catch(() => {});
    expect(heard).toEqual(["work done", "committed", "joined"]);
  });

  // An unawaited promise must not write on a connection that meanwhile serves another school.
  test("a statement after the end is refused", async () => {
    let escaped: Db.Tx | undefined;
    await asSystem(school, () =>
      Db.use(async (tx) => {
        escaped = tx;
      }),
    );
    const error: unknown = await Promise.resolve(escaped && add(escaped, "escaped")).catch((each: unknown) => each);
    // Refused by us, and not by Postgres for want of a search path.
    expect(`${error} ${(error as Error).cause}`).toContain("the transaction has ended");
    expect(await has("escaped")).toBe(false);
  });

  test("what is started inside and runs on afterwards opens a transaction of its own", async () => {
    let later: Promise<string[]> | undefined;
    await asSystem(school, () =>
      Db.use(async () => {
        later = new Promise((resolve) => setTimeout(resolve, 20)).then(emails);
      }),
    );
    expect(await later).toContain("one@school.test");
  });
});

describe("trouble", () => {
  test("a slow statement is a refusal with a time to come back", async () => {
    const slow = asSystem(school, () =>
      Db.use(async (tx) => {
        await tx.execute(sql`select set_config('statement_timeout', '20ms', true)`);
        await tx.execute(sql`select pg_sleep(5)`);
      }),
    );
    await expect(slow).rejects.toMatchObject({ kind: "unavailable", code: "database.timeout" });
    expect(await asSystem(other, emails)).toEqual(["two@other.test"]);
  });

  test("a row somebody else holds is a refusal after a second", async () => {
    const held = Promise.withResolvers<void>();
    const enough = Promise.withResolvers<void>();
    const lock = (then: () => Promise<void>) =>
      asSystem(school, () =>
        Db.use(async (tx) => {
          await tx.select().from(userTable).for("update");
          await then();
        }),
      );
    const holder = lock(async () => {
      held.resolve();
      await enough.promise;
    });
    await held.promise;
    await expect(lock(async () => {})).rejects.toMatchObject({ code: "database.conflict", retryAfter: 1 });
    enough.resolve();
    await holder;
  });

  test("a connection that dies in a transaction is unavailable, and the next call has a new one", async () => {
    const cell = await Directory.cell(school.cell);
    const killer = postgres({
      ...cell?.database,
      username: "lectern_app",
      password: Resource.LocalCloud?.passwords.lectern_app ?? "",
      max: 1,
      fetch_types: false,
    });
    const killed = (when: "idle" | "busy") =>
      asSystem(school, () =>
        Db.use(async (tx) => {
          const [row] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
          const busy = when === "busy" ? tx.execute(sql`select pg_sleep(3)`) : Promise.resolve();
          const noted = Promise.resolve(busy).catch((error: unknown) => error);
          await killer`select pg_terminate_backend(${row?.pid ?? 0})`;
          await new Promise((resolve) => setTimeout(resolve, 30));
          const failure = await noted;
          if (failure instanceof Error) throw failure;
          await add(tx, "lost");
        }),
      );
    for (const when of ["idle", "busy", "idle", "busy"] as const) {
      await expect(killed(when)).rejects.toMatchObject({
        kind: "unavailable",
        code: "database.unavailable",
        retryAfter: 1,
      });
      expect(await asSystem(school, emails)).toContain("one@school.test");
    }
    expect(await has("lost")).toBe(false);
    await killer.end();
  });

  test("waiting for a connection has an end", async () => {
    await Db.close();
    Db.configure({ max: 1 });
    const release = Promise.withResolvers<void>();
    const holder = asSystem(school, () => Db.use(() => release.promise));
    const waiting = asSystem(other, emails);
    await expect(waiting).rejects.toMatchObject({ kind: "unavailable", code: "database.busy" });
    release.resolve();
    await holder.catch(() => {});
    await Db.close();
    Db.configure({ max: 10 });
    expect(await asSystem(other, emails)).toEqual(["two@other.test"]);
  });
});

test("statements are counted per surrounding work", async () => {
  await asSystem(school, () =>
    Db.counted(async () => {
      await Promise.all([emails(), emails()]);
      await Db.use(async (tx) => {
        await tx.execute(sql`select 1`);
        await emails();
      });
      expect(Db.queryCount()).toBe(4);
    }),
  );
  expect(Db.queryCount()).toBe(0);
});
