import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from "@aws-sdk/client-s3";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  ExecuteStatementCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { aSchool, asSystem } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { beforeAll, describe, expect, test } from "vitest";
import { SummaryItem } from "../../learn/progress/progress.entity.ts";
import { UnreadItem } from "../../talk/notify/notify.entity.ts";
import type { Route } from "../actor/index.ts";
import { dataEntity, key } from "../dynamo/index.ts";
import { Storage } from "../storage/index.ts";
import { Aws } from "./index.ts";
import { dataServices } from "./wall.ts";

// Two schools with an item and an object each. School A's work reaches its own; the policy, not our code, refuses B's.

let a: Route;
let b: Route;
const keyOf = (school: Route, at = 1) => ({ pk: `$notify#schoolId_${school.schoolId}#userId_u${at}`, sk: "$unread_1" });
const item = (school: Route, at = 1) => ({ ...keyOf(school, at), schoolId: school.schoolId });
const object = (school: Route) => `${school.schoolId}/wall/one.txt`;
const inA = <T>(work: () => Promise<T>): Promise<T> => asSystem(a, work);
const table = () => a.table;
const media = () => Resource.MediaBucket.name;

beforeAll(async () => {
  [a, b] = await Promise.all([aSchool(), aSchool()]);
  expect(a.table).toBe(b.table);
  for (const school of [a, b])
    await asSystem(school, async () => {
      for (const at of [1, 2])
        await Aws.schoolDynamodb().send(new PutCommand({ TableName: table(), Item: item(school, at) }));
      await Storage.put({ key: object(school), body: school.schoolId, contentType: "text/plain" });
    });
});

const denied = { name: "AccessDeniedException", $metadata: { httpStatusCode: 400 } };
// The SDK types each command separately; here they are in lists.
const dynamo = { send: (command: object) => Aws.schoolDynamodb().send(command as GetCommand) };

/** Each operation, on a school's items. */
const operations: readonly [string, (of: Route) => object][] = [
  ["Get", (of) => new GetCommand({ TableName: table(), Key: keyOf(of) })],
  ["Put", (of) => new PutCommand({ TableName: table(), Item: item(of) })],
  [
    "Update",
    (of) =>
      new UpdateCommand({
        TableName: table(),
        Key: keyOf(of),
        UpdateExpression: "SET seen = :s",
        ExpressionAttributeValues: { ":s": 1 },
      }),
  ],
  ["Delete", (of) => new DeleteCommand({ TableName: table(), Key: keyOf(of, 3) })],
  [
    "Query",
    (of) =>
      new QueryCommand({
        TableName: table(),
        KeyConditionExpression: "#pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeNames: { "#pk": "pk" },
        ExpressionAttributeValues: { ":pk": keyOf(of).pk, ":sk": "$" },
      }),
  ],
  [
    "Query of the index",
    (of) =>
      new QueryCommand({
        TableName: table(),
        IndexName: "gsi1",
        KeyConditionExpression: "gsi1pk = :pk",
        ExpressionAttributeValues: { ":pk": `$learning#schoolId_${of.schoolId}#courseId_c` },
      }),
  ],
  [
    "BatchGet, one of two",
    (of) => new BatchGetCommand({ RequestItems: { [table()]: { Keys: [keyOf(a), keyOf(of, 2)] } } }),
  ],
  [
    "BatchWrite with a put, one of two",
    (of) =>
      new BatchWriteCommand({
        RequestItems: { [table()]: [{ PutRequest: { Item: item(a) } }, { PutRequest: { Item: item(of, 2) } }] },
      }),
  ],
  [
    "BatchWrite with a deletion",
    (of) => new BatchWriteCommand({ RequestItems: { [table()]: [{ DeleteRequest: { Key: keyOf(of, 3) } }] } }),
  ],
  ["TransactGet", (of) => new TransactGetCommand({ TransactItems: [{ Get: { TableName: table(), Key: keyOf(of) } }] })],
  [
    "TransactWrite with a put behind an own one",
    (of) =>
      new TransactWriteCommand({
        TransactItems: [
          { Put: { TableName: table(), Item: item(a) } },
          { Put: { TableName: table(), Item: item(of, 2) } },
        ],
      }),
  ],
  [
    "TransactWrite with an update",
    (of) =>
      new TransactWriteCommand({
        TransactItems: [
          {
            Update: {
              TableName: table(),
              Key: keyOf(of),
              UpdateExpression: "SET seen = :s",
              ExpressionAttributeValues: { ":s": 2 },
            },
          },
        ],
      }),
  ],
  [
    "TransactWrite with a deletion",
    (of) => new TransactWriteCommand({ TransactItems: [{ Delete: { TableName: table(), Key: keyOf(of, 3) } }] }),
  ],
  [
    "TransactWrite with a check",
    (of) =>
      new TransactWriteCommand({
        TransactItems: [
          { ConditionCheck: { TableName: table(), Key: keyOf(of), ConditionExpression: "attribute_exists(pk)" } },
        ],
      }),
  ],
];

describe("DynamoDB", () => {
  test.each(operations)("%s: the school's own goes through, another school's is refused", async (_, of) => {
    await inA(() => dynamo.send(of(a)));
    await expect(inA(() => dynamo.send(of(b)))).rejects.toMatchObject(denied);
  });

  test("what was refused has not happened", async () => {
    await asSystem(b, async () => {
      const { Items = [] } = await Aws.schoolDynamodb().send(
        new QueryCommand({
          TableName: table(),
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": keyOf(b).pk },
        }),
      );
      expect(Items).toEqual([item(b)]);
    });
  });

  test("an entity with another school's id is refused, read or written", async () => {
    const foreign = { schoolId: b.schoolId, userId: "u1" };
    await inA(async () => {
      const message = expect.stringMatching(/not authorized to perform: dynamodb:/);
      await expect(UnreadItem().get(foreign).go()).rejects.toMatchObject({ message });
      await expect(
        UnreadItem()
          .put({ ...foreign, count: 7 })
          .go(),
      ).rejects.toMatchObject({ message });
      await expect(
        SummaryItem().query.byCourse({ schoolId: b.schoolId, courseId: "crs_x" }).go(),
      ).rejects.toMatchObject({ message });
      await UnreadItem()
        .get({ ...foreign, schoolId: a.schoolId })
        .go();
    });
  });

  test.each([
    ["ours further behind", () => `$limits#schoolId_${b.schoolId}#scope_#schoolId_${a.schoolId}#x`],
    ["ours with more letters", () => `$notify#schoolId_${a.schoolId}x`],
    ["ours cut short", () => `$notify#schoolId_${a.schoolId.slice(0, -1)}`],
    ["ours in capitals", () => `$notify#schoolId_${a.schoolId.toUpperCase()}#userId_u`],
    ["another label", () => `$notify#otherid_${a.schoolId}#userId_u`],
    ["a service nobody named", () => `$finder#schoolId_${a.schoolId}#userId_u`],
    ["a star", () => "$notify#schoolId_*"],
    ["nothing", () => ""],
  ])("a key with %s is not ours", async (_, pk) => {
    const read = new GetCommand({ TableName: table(), Key: { pk: pk(), sk: "x" } });
    await expect(inA(() => dynamo.send(read))).rejects.toMatchObject(denied);
  });

  test.each(dataServices)("items of %s are ours, with the school alone as their key and with more", async (service) => {
    for (const pk of [`$${service}#schoolId_${a.schoolId}`, `$${service}#schoolId_${a.schoolId}#userId_u`])
      await inA(() => dynamo.send(new GetCommand({ TableName: table(), Key: { pk, sk: "x" } })));
  });

  const query = (IndexName: string | undefined, KeyConditionExpression: string, ExpressionAttributeValues: object) =>
    new QueryCommand({
      TableName: table(),
      KeyConditionExpression,
      ExpressionAttributeValues: { ...ExpressionAttributeValues },
      ...(IndexName && { IndexName }),
    });
  test.each([
    ["a scan", () => new ScanCommand({ TableName: table() })],
    ["a scan of the index", () => new ScanCommand({ TableName: table(), IndexName: "gsi1" })],
    ["the relay's index", () => query("outbox", "outboxpk = :p", { ":p": "$bus#shard_0" })],
    ["ours as the key of the relay's index", () => query("outbox", "outboxpk = :p", { ":p": keyOf(a).pk })],
    ["ours as a sort key", () => query(undefined, "pk = :b AND sk = :a", { ":a": keyOf(a).pk, ":b": keyOf(b).pk })],
    ["both at once", () => query(undefined, "pk = :a AND pk = :b", { ":a": keyOf(a).pk, ":b": keyOf(b).pk })],
    ["a range of keys", () => query(undefined, "pk > :a", { ":a": keyOf(a).pk })],
    ["a range beside ours", () => query(undefined, "pk > :b AND sk = :a", { ":a": keyOf(a).pk, ":b": keyOf(b).pk })],
    ["an index that is not there", () => query("gsi9", "pk = :a", { ":a": keyOf(a).pk })],
    [
      "a statement",
      () => new ExecuteStatementCommand({ Statement: `SELECT * FROM "${table()}" WHERE pk = '${keyOf(a).pk}'` }),
    ],
    ["the directory", () => new GetCommand({ TableName: Resource.DirectoryTable.name, Key: keyOf(a) })],
    ["the sign-in storage", () => new GetCommand({ TableName: Resource.AuthTable.name, Key: keyOf(a) })],
    [
      "the directory in a transaction",
      () =>
        new TransactWriteCommand({
          TransactItems: [
            { Put: { TableName: table(), Item: item(a) } },
            { Put: { TableName: Resource.DirectoryTable.name, Item: item(a) } },
          ],
        }),
    ],
    [
      "the directory in a batch",
      () => new BatchGetCommand({ RequestItems: { [Resource.DirectoryTable.name]: { Keys: [keyOf(a)] } } }),
    ],
    ["an empty batch", () => new BatchGetCommand({ RequestItems: {} })],
  ] as const)("%s is refused", async (_, command) => {
    await expect(inA(() => dynamo.send(command()))).rejects.toMatchObject(denied);
  });

  test("an entity of a service that the wall does not name does not compile", () => {
    const indexes = { byId: { pk: key("pk", ["schoolId"]), sk: key("sk", []) } };
    const attributes = { schoolId: { type: "string" } } as const;
    // @ts-expect-error: there is no such service in `dataServices`.
    expect(dataEntity({ model: { service: "finder", entity: "e", version: "1" }, attributes, indexes })).toBeTypeOf(
      "function",
    );
  });

  test("outside an actor there is no school to be", async () => {
    await expect(dynamo.send(new GetCommand({ TableName: table(), Key: keyOf(a) }))).rejects.toThrow(/no actor/);
  });

  test("the platform's own client crosses schools", async () => {
    const { Item } = await Aws.dynamodb().send(new GetCommand({ TableName: table(), Key: keyOf(b) }));
    expect(Item).toEqual(item(b));
  });
});

describe("S3", () => {
  const refused = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } };
  const send = (command: object) => inA(() => Aws.schoolS3().send(command as GetObjectCommand));
  const at = (of: Route) => ({ Bucket: media(), Key: object(of) });

  test.each<[string, (of: Route) => object]>([
    ["Put", (of) => new PutObjectCommand({ ...at(of), Body: "x" })],
    ["Get", (of) => new GetObjectCommand(at(of))],
    [
      "Tag",
      (of) => new PutObjectTaggingCommand({ ...at(of), Tagging: { TagSet: [{ Key: "kind", Value: "original" }] } }),
    ],
    ["Head", (of) => new HeadObjectCommand(at(of))],
    ["List", (of) => new ListObjectsV2Command({ Bucket: media(), Prefix: `${of.schoolId}/` })],
    [
      "Copy from",
      (of) => new CopyObjectCommand({ ...at(a), Key: `${object(a)}2`, CopySource: `${media()}/${object(of)}` }),
    ],
    [
      "Copy to",
      (of) => new CopyObjectCommand({ ...at(of), Key: `${object(of)}3`, CopySource: `${media()}/${object(a)}` }),
    ],
    ["Delete", (of) => new DeleteObjectCommand({ ...at(of), Key: `${object(of)}2` })],
    [
      "Delete several, one of two",
      (of) =>
        new DeleteObjectsCommand({
          Bucket: media(),
          Delete: { Objects: [{ Key: `${object(a)}2` }, { Key: `${object(of)}3` }] },
        }),
    ],
  ])("%s: the school's own goes through, another school's is refused", async (_, of) => {
    await send(of(a));
    await expect(send(of(b))).rejects.toMatchObject(refused);
  });

  test("what was refused has not happened", async () => {
    await asSystem(b, async () => {
      expect(await Storage.list({ prefix: `${b.schoolId}/` })).toHaveLength(1);
      const { body } = (await Storage.get({ key: object(b) })) ?? {};
      expect(Buffer.from(body ?? []).toString()).toBe(b.schoolId);
    });
  });

  test.each<[string, () => object]>([
    ["a list of everything", () => new ListObjectsV2Command({ Bucket: media() })],
    ["a list of all schools", () => new ListObjectsV2Command({ Bucket: media(), Prefix: "sch_" })],
    ["a list of ours and what begins like it", () => new ListObjectsV2Command({ Bucket: media(), Prefix: a.schoolId })],
    ["an object beside the schools", () => new GetObjectCommand({ Bucket: media(), Key: "index.html" })],
    ["an object that begins like ours", () => new GetObjectCommand({ Bucket: media(), Key: `${a.schoolId}x/y` })],
    ["another bucket", () => new GetObjectCommand({ ...at(a), Bucket: "lectern-local-logs" })],
    ["an old version", () => new GetObjectCommand({ ...at(a), VersionId: "1" })],
    ["an access list", () => new PutObjectCommand({ ...at(a), Body: "", ACL: "public-read" })],
    ["an operation nobody named", () => new GetObjectTaggingCommand(at(a))],
    ["the bucket", () => new HeadBucketCommand({ Bucket: media() })],
    [
      "a copy with an encoded source",
      () => new CopyObjectCommand({ ...at(a), CopySource: `/${media()}/${object(b).replaceAll("_", "%5F")}` }),
    ],
  ])("%s is refused", async (_, command) => {
    await expect(send(command())).rejects.toMatchObject(refused);
  });

  test("an address or a form is signed for the school's own objects only", async () => {
    const sign = (of: Route) => inA(() => Aws.presignGet(new GetObjectCommand(at(of))));
    const form = (of: Route, Fields = {}) => inA(() => Aws.presignPost({ ...at(of), Fields }));
    expect(await sign(a)).toContain(a.schoolId);
    expect((await form(a, { tagging: "<Tagging/>" })).fields.key).toBe(object(a));
    await expect(sign(b)).rejects.toMatchObject(refused);
    await expect(form(b)).rejects.toMatchObject(refused);
    await expect(form(a, { acl: "public-read" })).rejects.toMatchObject(refused);
  });
});
