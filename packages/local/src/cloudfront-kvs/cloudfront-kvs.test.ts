import { Agent } from "node:http";
import {
  CloudFrontKeyValueStoreClient,
  ConflictException,
  DeleteKeyCommand,
  DescribeKeyValueStoreCommand,
  GetKeyCommand,
  ListKeysCommand,
  PutKeyCommand,
  ResourceNotFoundException,
  UpdateKeysCommand,
} from "@aws-sdk/client-cloudfront-keyvaluestore";
import "@aws-sdk/signature-v4a";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientOptions, tempDir } from "../testing/index.ts";
import { type KeyValueStore, start } from "./index.ts";

const KvsARN = "arn:aws:cloudfront::000000000000:key-value-store/0d1f2e3a-0000-4000-8000-000000000000";
const dir = tempDir();
let store: KeyValueStore;
let client: CloudFrontKeyValueStoreClient;
const open = async (port = 0) => {
  store = await start({ dataDir: dir.path, port, stores: [KvsARN] });
  client = clientOf();
};
beforeAll(() => open());
afterAll(async () => {
  await store.stop();
  dir.remove();
});
const httpAgent = new Agent({ lookup: (_, { all }, done) => done(null, all ? [here] : here.address, 4) });
const here = { address: "127.0.0.1", family: 4 };
const clientOf = (over = {}) =>
  new CloudFrontKeyValueStoreClient({
    ...{ ...clientOptions(store.endpoint), maxAttempts: 1, requestHandler: { httpAgent } },
    ...over,
  });
const version = async () => (await client.send(new DescribeKeyValueStoreCommand({ KvsARN }))).ETag;

describe("the unmodified client", () => {
  test("puts, gets, lists, changes several and deletes, each upon the version it has seen", async () => {
    const first = await version();
    const put = await client.send(new PutKeyCommand({ KvsARN, IfMatch: first, Key: "edition:a.example", Value: "1" }));
    expect(put).toMatchObject({ ItemCount: 1, TotalSizeInBytes: 18 });
    expect(put.ETag).not.toBe(first);
    const several = await client.send(
      new UpdateKeysCommand({
        KvsARN,
        IfMatch: put.ETag,
        Puts: [
          { Key: "edition:b.example", Value: "2" },
          { Key: "odd /?#ü", Value: "3" },
        ],
        Deletes: [{ Key: "edition:a.example" }],
      }),
    );
    expect(several.ItemCount).toBe(2);
    expect((await client.send(new GetKeyCommand({ KvsARN, Key: "odd /?#ü" }))).Value).toBe("3");
    const { Items } = await client.send(new ListKeysCommand({ KvsARN, MaxResults: 50 }));
    expect(Items).toEqual([
      { Key: "edition:b.example", Value: "2" },
      { Key: "odd /?#ü", Value: "3" },
    ]);
    await client.send(new DeleteKeyCommand({ KvsARN, IfMatch: several.ETag, Key: "odd /?#ü" }));
    await expect(client.send(new GetKeyCommand({ KvsARN, Key: "odd /?#ü" }))).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
    expect(store.valuesOf(KvsARN)).toEqual(new Map([["edition:b.example", "2"]]));
  });

  test("is refused upon a version that has passed, and nothing of its change is written", async () => {
    const seen = await version();
    const change = (Key: string) =>
      client.send(new UpdateKeysCommand({ KvsARN, IfMatch: seen, Puts: [{ Key, Value: "1" }] }));
    await change("first");
    await expect(change("second")).rejects.toBeInstanceOf(ConflictException);
    expect(store.valuesOf(KvsARN).has("second")).toBe(false);
  });

  test.each([
    ["a value that is too long", { Puts: [{ Key: "k", Value: "x".repeat(1_025) }] }],
    ["a key that is too long", { Puts: [{ Key: "k".repeat(513), Value: "1" }] }],
    ["too many at once", { Puts: Array.from({ length: 51 }, (_, at) => ({ Key: `k${at}`, Value: "1" })) }],
    ["nothing to do", {}],
  ])("is refused: %s", async (_, change) => {
    const IfMatch = await version();
    await expect(client.send(new UpdateKeysCommand({ KvsARN, IfMatch, ...change }))).rejects.toMatchObject({
      name: "ValidationException",
    });
    expect(await version()).toBe(IfMatch);
  });

  test("finds no store by another name", async () => {
    await expect(client.send(new DescribeKeyValueStoreCommand({ KvsARN: `${KvsARN}1` }))).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
  });

  test("is refused with another secret: the signature is checked", async () => {
    const credentials = { accessKeyId: "local", secretAccessKey: "another" };
    const other = clientOf({ credentials });
    await expect(other.send(new DescribeKeyValueStoreCommand({ KvsARN }))).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
  });
});

test("what was written outlives the process, with its version", async () => {
  const { port } = store;
  const [before, etag] = [new Map(store.valuesOf(KvsARN)), await version()];
  await store.stop();
  await open(port);
  expect(store.valuesOf(KvsARN)).toEqual(before);
  expect(await version()).toBe(etag);
});
