import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { clientOptions, tempDir } from "../testing/index.ts";
import { isAlive } from "../util/processes.ts";
import { start, tables } from "./index.ts";

// After kill -9 of the supervisor and its guard, the program still holds its file.
test("a server that outlived its supervisor is ended by the next start, and its tables are there", async () => {
  const dir = tempDir();
  const left = await start({ dataDir: dir.path, tables: [tables.directory("kept")] });
  const next = await start({ dataDir: dir.path, tables: [] });
  try {
    expect(isAlive(left.pid)).toBe(false);
    expect(isAlive(next.pid)).toBe(true);
    const client = new DynamoDBClient(clientOptions(next.endpoint));
    expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual(["kept"]);
  } finally {
    await next.stop();
    await left.stop();
    dir.remove();
  }
});
