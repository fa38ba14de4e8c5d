import { AwsJsonError, awsJson } from "../util/aws-json.ts";

const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: "S" });
const keys = (pk: string, sk: string) => [
  { AttributeName: pk, KeyType: "HASH" },
  { AttributeName: sk, KeyType: "RANGE" },
];

export interface Table {
  name: string;
  indexes: readonly string[];
  /** Attribute with the expiry in epoch seconds. */
  ttl?: string;
}

/** The three kinds of table, with the same keys as on AWS. `outbox` is sparse: unpublished and parked events, and timers. */
export const tables = {
  directory: (name: string): Table => ({ name, indexes: ["gsi1"], ttl: "expiresAt" }),
  auth: (name: string): Table => ({ name, indexes: [], ttl: "expiry" }),
  data: (name: string): Table => ({ name, indexes: ["gsi1", "gsi2", "outbox"], ttl: "expiresAt" }),
};

const call = (endpoint: string, operation: string, body: unknown) =>
  awsJson(endpoint, `DynamoDB_20120810.${operation}`, body);

/** Creates missing tables; existing ones stay as they are. */
export async function createTables(endpoint: string, wanted: readonly Table[]): Promise<void> {
  const { TableNames } = await call(endpoint, "ListTables", {});
  const present = new Set(Array.isArray(TableNames) ? TableNames : []);
  for (const table of wanted) {
    if (present.has(table.name)) continue;
    const names = ["pk", "sk", ...table.indexes.flatMap((index) => [`${index}pk`, `${index}sk`])];
    try {
      await call(endpoint, "CreateTable", {
        TableName: table.name,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: names.map(attribute),
        KeySchema: keys("pk", "sk"),
        ...(table.indexes.length > 0 && {
          GlobalSecondaryIndexes: table.indexes.map((index) => ({
            IndexName: index,
            KeySchema: keys(`${index}pk`, `${index}sk`),
            Projection: { ProjectionType: "ALL" },
          })),
        }),
      });
    } catch (error) {
      if (!(error instanceof AwsJsonError && error.type === "ResourceInUseException")) throw error;
    }
    if (table.ttl) {
      await call(endpoint, "UpdateTimeToLive", {
        TableName: table.name,
        TimeToLiveSpecification: { AttributeName: table.ttl, Enabled: true },
      });
    }
  }
}
