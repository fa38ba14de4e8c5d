import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { Hono } from "hono";
import { handle } from "hono/aws-lambda";
import postgres from "postgres";

const { DYNAMODB = "", SES = "", TABLE: TableName = "", DATABASE: database = "" } = process.env;
const options = { region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local-secret" } };

const app = new Hono().get("*", async (c) => {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ ...options, endpoint: DYNAMODB }));
  const ses = new SESv2Client({ ...options, endpoint: SES });
  const sql = postgres(database, { max: 1, fetch_types: false });
  const { Item } = await client.send(new GetCommand({ TableName, Key: { pk: "bare", sk: "bare" } }));
  const [row] = await sql`select 1 as one`;
  const { MessageId } = await ses.send(
    new SendEmailCommand({
      FromEmailAddress: "no-reply@lectern.localhost",
      Destination: { ToAddresses: ["bare@example.test"] },
      Content: { Simple: { Subject: { Data: "Bare" }, Body: { Text: { Data: "Nothing but a mail." } } } },
    }),
  );
  return c.json({ item: Item ?? null, row, MessageId });
});

export const handler = handle(app);
