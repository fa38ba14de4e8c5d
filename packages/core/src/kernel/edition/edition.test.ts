import {
  type CloudFrontKeyValueStoreClient,
  DescribeKeyValueStoreCommand,
  ListKeysCommand,
  PutKeyCommand,
} from "@aws-sdk/client-cloudfront-keyvaluestore";
import { Resource } from "sst";
import { afterEach, describe, expect, test, vi } from "vitest";
import { keyValueStore } from "../aws/key-value-store.ts";
import { createId } from "../id/index.ts";
import { Edition } from "./index.ts";

const KvsARN = Resource.EdgeStore.arn;
const { arn } = Resource.EdgeStore;
afterEach(() => {
  vi.useRealTimers();
  Resource.EdgeStore.arn = arn;
});

/** Every edition of these hosts as the edge would read it. */
async function editions(...hosts: string[]): Promise<(string | undefined)[]> {
  const found = new Map<string | undefined, string | undefined>();
  let NextToken: string | undefined;
  do {
    const page = await keyValueStore().send(new ListKeysCommand({ KvsARN, MaxResults: 50, NextToken }));
    for (const { Key, Value } of page.Items ?? []) found.set(Key, Value);
    NextToken = page.NextToken;
  } while (NextToken);
  return hosts.map((host) => found.get(Edition.keyOf(host)));
}

const newHost = () => `${createId("school").slice(-12)}.example`;

describe("moving", () => {
  test("gives each host a new edition, and no other host", async () => {
    const [a, b, other] = [newHost(), newHost(), newHost()];
    expect(await editions(a, b, other)).toEqual([undefined, undefined, undefined]);
    await Edition.move([a, b]);
    const [first] = await editions(a);
    await Edition.move([a.toUpperCase()]);
    const [now, beside, alone] = await editions(a, b, other);
    expect(now).not.toBe(first);
    expect([beside, alone]).toEqual([first, undefined]);
  });

  test("takes more hosts than the store takes at once", async () => {
    const hosts = Array.from({ length: 120 }, newHost);
    await Edition.move(hosts);
    expect((await editions(...hosts)).every(Boolean)).toBe(true);
  });

  test("goes on when somebody else writes the store all the time", async () => {
    const client: CloudFrontKeyValueStoreClient = keyValueStore();
    let others = 0;
    let isOver = false;
    const other = (async () => {
      while (!isOver) {
        const { ETag } = await client.send(new DescribeKeyValueStoreCommand({ KvsARN }));
        // Now and then it is the other one who comes too late.
        await client.send(new PutKeyCommand({ KvsARN, IfMatch: ETag, Key: "routes", Value: String(others) })).then(
          () => others++,
          () => {},
        );
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
    })();
    const hosts = Array.from({ length: 12 }, newHost);
    try {
      for (const host of hosts) {
        await Edition.move([host]);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    } finally {
      isOver = true;
      await other;
    }
    expect((await editions(...hosts)).every(Boolean)).toBe(true);
    expect(others).toBeGreaterThan(3);
  });
});

/** Replays changes of one school at these seconds, calling each again after the delay it asks for. */
async function play(seconds: readonly number[], isOfRoute: boolean) {
  const from = 1_900_000_000_000;
  vi.useFakeTimers({ toFake: ["Date"] });
  const schoolId = createId("school");
  const host = newHost();
  const moves: number[] = [];
  let calls = 0;
  const waiting = seconds.map((second) => ({ changedAt: from + second * 1000, at: from + second * 1000 + 200 }));
  for (;;) {
    const next = waiting.sort((a, b) => a.at - b.at).shift();
    if (!next) break;
    vi.setSystemTime(next.at);
    const againMs = await Edition.follow({
      schoolId,
      changedAt: next.changedAt,
      isOfRoute,
      hosts: async () => {
        moves.push((next.at - from) / 1000);
        return [host];
      },
    });
    calls++;
    // A queue counts in whole seconds.
    if (againMs > 0) waiting.push({ ...next, at: next.at + Math.ceil(againMs / 1000) * 1000 });
  }
  return { moves, calls, host };
}

describe("following a change", () => {
  test("moves at once, and again when nobody can still know the old route", async () => {
    const { moves, calls } = await play([0], true);
    expect(moves).toHaveLength(2);
    expect(moves[0]).toBeLessThan(1);
    expect(moves[1]).toBeGreaterThan(31);
    expect(moves[1]).toBeLessThan(47);
    expect(calls).toBe(2);
  });

  test("a hundred in a minute are a few moves; each is told within a span, and once more after the memory of routes", async () => {
    const seconds = Array.from({ length: 100 }, (_, at) => at * 0.6);
    const { moves, calls } = await play(seconds, true);
    expect(moves.length).toBeLessThanOrEqual(8);
    for (const second of seconds) {
      expect(moves.some((move) => move >= second && move <= second + 16.5)).toBe(true);
      expect(moves.some((move) => move >= second + 30 && move <= second + 62)).toBe(true);
    }
    // After too many deliveries the queue would move the message to the dead letters.
    expect(calls / seconds.length).toBeLessThanOrEqual(4);
  });

  test("what stands in the database is let go of once, however often it changes", async () => {
    expect(await play([0], false)).toMatchObject({ moves: [0.2], calls: 1 });
    const seconds = Array.from({ length: 100 }, (_, at) => at * 0.6);
    const { moves, calls } = await play(seconds, false);
    expect(moves.length).toBeLessThanOrEqual(6);
    for (const second of seconds) expect(moves.some((move) => move >= second && move <= second + 16.5)).toBe(true);
    expect(calls / seconds.length).toBeLessThanOrEqual(2);
  });

  test("neighbours in one process do not both move", async () => {
    const schoolId = createId("school");
    let moves = 0;
    const hosts = async () => {
      moves++;
      return [newHost()];
    };
    const changedAt = Date.now() - 10;
    await Promise.all(
      Array.from({ length: 10 }, () => Edition.follow({ schoolId, changedAt, isOfRoute: false, hosts })),
    );
    expect(moves).toBe(1);
  });

  test("what the store did not take is not done: the next call moves", async () => {
    const schoolId = createId("school");
    const host = newHost();
    const change = { schoolId, changedAt: Date.now(), isOfRoute: true, hosts: async () => [host] };
    Resource.EdgeStore.arn = arn.replace(/0{12}$/, "999999999999");
    await expect(Edition.follow(change)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    Resource.EdgeStore.arn = arn;
    expect(await Edition.follow(change)).toBeGreaterThan(0);
    expect((await editions(host)).every(Boolean)).toBe(true);
  });

  test("of a school that is gone is nothing to do", async () => {
    expect(
      await Edition.follow({
        schoolId: createId("school"),
        changedAt: Date.now(),
        isOfRoute: true,
        hosts: async () => [],
      }),
    ).toBe(0);
  });
});
