import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Directory } from "@lectern/core/kernel/directory";
import { aSchool } from "@lectern/tenants/testing";
import { sql } from "drizzle-orm";
import { Resource } from "sst";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createPool, type Pool, type PoolOptions } from "./pool.ts";
import { transact } from "./transaction.ts";

// The server may close an idle connection at any time. New work at that moment must not get it.

/** Network delay of the server's close: on loopback the window is too small to hit by chance. */
const farewellMs = 400;
const relayed = new Set<Socket>();
let relay: Server;
let pool: Pool;
let options: PoolOptions;

beforeAll(async () => {
  const cell = await Directory.cell((await aSchool()).cell);
  if (!cell || !Resource.LocalCloud) throw new Error("no local cell");
  const { database } = cell;
  relay = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ host: database.host, port: database.port, allowHalfOpen: true });
    for (const socket of [client, server]) {
      relayed.add(socket);
      socket.on("error", () => {});
    }
    client.on("data", (bytes) => server.write(bytes));
    server.on("data", (bytes) => client.write(bytes));
    client.on("end", () => server.end());
    server.on("end", () => setTimeout(() => client.end(), farewellMs));
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  options = {
    host: "127.0.0.1",
    port: (relay.address() as AddressInfo).port,
    database: database.database,
    username: "lectern_platform",
    password: Resource.LocalCloud.passwords.lectern_platform,
    max: 2,
    isLocal: true,
    idleMs: 200,
  };
  pool = createPool(options);
});
afterAll(async () => {
  await pool.close();
  for (const socket of relayed) socket.destroy();
  relay.close();
});

const pidOf = (of: Pool = pool) =>
  transact(of, { waitMs: 5_000, holdMs: 30_000 }, async (tx) => {
    const [row] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
    return row?.pid;
  });

test("work that arrives while an idle connection is being closed gets another one", async () => {
  const first = await pidOf();
  expect(await pidOf()).toBe(first);
  // Before, at and after the moment at which it has been idle for long enough.
  for (const afterMs of [190, 210, 250, 300, 350, 450]) {
    await pidOf();
    await pause(afterMs);
    const both = await Promise.all([pidOf(), pidOf()]);
    expect(new Set(both).size).toBe(2);
  }
});

test("a function that was frozen does not use a connection from before", async () => {
  const patient = createPool({ ...options, idleMs: 60_000 });
  try {
    const first = await pidOf(patient);
    expect(await pidOf(patient)).toBe(first);
    // No timer has run when the first request after the freeze comes.
    const later = Date.now() + 61_000;
    vi.spyOn(Date, "now").mockReturnValue(later);
    expect(await pidOf(patient)).not.toBe(first);
  } finally {
    vi.restoreAllMocks();
    await patient.close();
  }
});

test("an idle connection is given back to the server", async () => {
  const first = await pidOf();
  await pause(1_500);
  expect(await pidOf()).not.toBe(first);
});
