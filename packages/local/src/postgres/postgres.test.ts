import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { tempDir } from "../testing/index.ts";
import { type Postgres, removeData, start } from "./index.ts";

vi.setConfig({ testTimeout: 60_000 });

let dir: ReturnType<typeof tempDir>;
let server: Postgres | undefined;
const open = async () => {
  server = await start({ dataDir: dir.path, password: "it's / a @ secret" });
  return server;
};
const close = async () => {
  await server?.stop();
  server = undefined;
};
beforeEach(() => {
  dir = tempDir();
});
afterEach(async () => {
  await close();
  removeData(dir.path);
  dir.remove();
});

test("is durable, asks for passwords, and speaks Unicode", async () => {
  const { superuserUrl, port } = await open();
  const sql = postgres(superuserUrl, { fetch_types: false, max: 1 });
  const [row] = await sql`select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
    current_setting('max_connections') as connections, lower('ÄÉ') as lower, current_setting('server_version') as version`;
  expect(row).toMatchObject({ fsync: "on", commit: "on", connections: "300", lower: "äé" });
  expect(row?.version).toMatch(/^17\./);
  await sql.end();
  const stranger = postgres({ host: "127.0.0.1", port, username: "postgres", password: "guess", max: 1 });
  await expect(stranger`select 1`).rejects.toThrow(/password authentication failed/);
  await stranger.end();
});

test("starts in spite of a lock file that names another process", async () => {
  const file = join(dir.path, "postgres", "postmaster.pid");
  await open();
  await close();
  writeFileSync(file, [String(process.pid), join(dir.path, "postgres"), "0", "1", "", "", "", ""].join("\n"));
  await open();
  expect(Number(readFileSync(file, "utf8").split("\n")[0])).toBe(server?.pid);
});

test("says what to do about data of another version, and starts anew where its making was cut short", async () => {
  await open();
  await close();
  writeFileSync(join(dir.path, "postgres", "PG_VERSION"), "16\n");
  await expect(open()).rejects.toThrow(/another Postgres version.*--reset/);
  rmSync(join(dir.path, "postgres", "lectern.complete"));
  await open();
  await close();
  removeData(dir.path);
  expect(existsSync(join(dir.path, "postgres"))).toBe(false);
});
