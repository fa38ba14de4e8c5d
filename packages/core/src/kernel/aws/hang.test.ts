import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { refusalIn } from "../error/index.ts";

import { options } from "./options.ts";

test("a DynamoDB that takes the call and never answers is away after some seconds, not for ever", async () => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({ ...options("dynamodb"), endpoint, maxAttempts: 1 });
  const from = performance.now();
  const call = client.send(new GetItemCommand({ TableName: "t", Key: { pk: { S: "x" } } }));
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(refusalIn(error)).toMatchObject({ kind: "unavailable" });
  expect(performance.now() - from).toBeLessThan(10_000);
  client.destroy();
  silent.close();
}, 20_000);
