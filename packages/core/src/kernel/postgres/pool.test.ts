import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Directory } from "@lectern/core/kernel/directory";
import { aSchool } from "@lectern/tenants/testing";
import { sql } from "drizzle-orm";
import { Resource } from "sst";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPool, type Pool } from "./pool.ts";
import { transact } from "./transaction.ts";

// An idle connection is closed by somebody at some time. Work that arrives in that moment must not be given it.

/** How long the network needs to bring the server's farewell: on loopback the window is too small to hit by chance. */
const farewellMs = 400;
const relayed = new Set<Socket>();
let relay: Server;
let pool: Pool;

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
  pool = createPool({
    host: "127.0.0.1",
    port: (relay.address() as AddressInfo).port,
    database: database.database,
    username: "lectern_platform",
    password: Resource.LocalCloud.passwords.lectern_platform,
    max: 2,
    isLocal: true,
    idleMs: 200,
  });
});
afterAll(async () => {
  await pool.close();
  for (const socket of relayed) socket.destroy();
  relay.close();
});

const pidOf = () =>
  transact(pool, { waitMs: 5_000, holdMs: 30_000 }, async (tx) => {
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

test("an idle connection is given back to the server", async () => {
  const first = await pidOf();
  await pause(1_500);
  expect(await pidOf()).not.toBe(first);
});
