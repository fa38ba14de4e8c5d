// The baseline of cold starts: a Hono function with our clients and build options that reads one item and one row and
// answers JSON.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { Hono } from "hono";
import { handle } from "hono/aws-lambda";
import postgres from "postgres";

const { DYNAMODB: endpoint = "", TABLE: TableName = "", DATABASE: database = "" } = process.env;
const credentials = { accessKeyId: "local", secretAccessKey: "local-secret" };

const app = new Hono().get("*", async (c) => {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region: "us-east-1", credentials }));
  const sql = postgres(database, { max: 1, fetch_types: false });
  const { Item } = await client.send(new GetCommand({ TableName, Key: { pk: "bare", sk: "bare" } }));
  const [row] = await sql`select 1 as one`;
  return c.json({ item: Item ?? null, row });
});

export const handler = handle(app);
