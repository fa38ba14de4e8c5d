// The baseline of api.progress: a bare Hono route behind the API's Lambda adapter that writes the same three items in
// one TransactWriteItems. Prints its port on stdout.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { Aws } from "@lectern/core/kernel/aws";
import { createId } from "@lectern/core/kernel/id";
import { applyHead, invoke } from "@lectern/local/lambda";
import { Hono } from "hono";
import { handle } from "hono/aws-lambda";

const table = process.argv[2] ?? "";
const versions = new Map<string, number>();

const app = new Hono().post("/progress/:user/:lesson", async (c) => {
  const { user, lesson } = c.req.param();
  await c.req.json();
  const version = versions.get(user) ?? 0;
  versions.set(user, version + 1);
  const at = Date.now();
  const eventId = createId("event");
  const envelope = JSON.stringify({ id: eventId, type: "lesson.completed", at, data: { user, lesson } });
  await Aws.dynamodb().send(
    new TransactWriteCommand({
      TransactItems: [
        {
          Put: {
            TableName: table,
            Item: { pk: `bare#fact#${user}`, sk: `done#${lesson}`, kind: "done", at, percent: 1, total: 65 },
            ConditionExpression: "attribute_not_exists(pk)",
          },
        },
        {
          Update: {
            TableName: table,
            Key: { pk: `bare#summary#${user}`, sk: "course" },
            UpdateExpression: "SET #v = :next, #d = :done, #p = :percent, #a = :at",
            ConditionExpression: version === 0 ? "attribute_not_exists(#v)" : "#v = :now",
            ExpressionAttributeNames: { "#v": "version", "#d": "done", "#p": "percent", "#a": "at" },
            ExpressionAttributeValues: {
              ":next": version + 1,
              ":done": lesson,
              ":percent": 1,
              ":at": at,
              ...(version > 0 && { ":now": version }),
            },
          },
        },
        {
          Put: {
            TableName: table,
            Item: { pk: `bare#outbox#${eventId}`, sk: "-", outboxpk: "bare", outboxsk: eventId, envelope },
          },
        },
      ],
    }),
  );
  return c.json({ percent: 1, lesson });
});

const handler = handle(app);
const server = createServer((request, response) => {
  request.headers["x-forwarded-host"] = request.headers.host ?? "";
  invoke(handler as Parameters<typeof invoke>[0], request, "bare")
    .then((result) => {
      applyHead(result, response);
      response.setHeader("content-length", result.body.length);
      response.end(result.body);
    })
    .catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      response.destroy();
    });
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.on("disconnect", () => process.exit(0));
