import { aSchool, asPublic } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { afterEach, expect, test, vi } from "vitest";
import { RateLimit } from "./index.ts";
import { RateWindow } from "./rate-limit.entity.ts";

afterEach(() => void vi.useRealTimers());

const wanted = (max: number, key = "someone") => ({ bucket: "test", key, max, perSeconds: 3600 });
const takeMany = async (n: number, max: number): Promise<number> => {
  let allowed = 0;
  for (let i = 0; i < n; i++) if ((await RateLimit.take(wanted(max))).allowed) allowed++;
  return allowed;
};

test("a small limit is exact, also when calls come at once", async () => {
  await asPublic(await aSchool(), async () => {
    const taken = await Promise.all(Array.from({ length: 40 }, () => RateLimit.take(wanted(5))));
    expect(taken.filter(({ allowed }) => allowed).length).toBe(5);
    const refused = await RateLimit.take(wanted(5));
    expect(refused).toMatchObject({ allowed: false, limit: 5, remaining: 0 });
    expect(refused.retryAfter).toBeGreaterThan(0);
    await expect(RateLimit.require(wanted(5))).rejects.toMatchObject({
      kind: "rate_limited",
      code: "rate_limit.exceeded",
    });
  });
});

test("a small limit holds over processes, exactly", async () => {
  await asPublic(await aSchool(), async () => {
    expect(await takeMany(3, 5)).toBe(3);
    RateLimit.forget(); // what another process knows: nothing
    expect(await takeMany(10, 5)).toBe(2);
    RateLimit.forget();
    expect(await takeMany(1, 5)).toBe(0);
  });
});

test("a large limit holds over processes within an eighth each", async () => {
  await asPublic(await aSchool(), async () => {
    let allowed = 0;
    for (let process = 0; process < 6; process++) {
      RateLimit.forget();
      allowed += await takeMany(120, 320);
      await RateLimit.flush();
    }
    expect(allowed).toBeGreaterThanOrEqual(300);
    expect(allowed).toBeLessThanOrEqual(320 + (6 * 320) / 8);
  });
});

test("what is far below the limit waits for nobody", async () => {
  await asPublic(await aSchool(), async () => {
    await RateLimit.take(wanted(100_000));
    // Any wait for the network lets the event loop run other work.
    let hasWaited = false;
    setImmediate(() => {
      hasWaited = true;
    });
    for (let i = 0; i < 2000; i++) await RateLimit.take(wanted(100_000));
    expect(hasWaited).toBe(false);
  });
});

test("what was counted is told to the table, and expires there", async () => {
  const school = await aSchool();
  await asPublic(school, async () => {
    await takeMany(4, 20);
    await RateLimit.flush();
    const window = String(Math.floor(Date.now() / 3_600_000)).padStart(10, "0");
    const { data } = await RateWindow()
      .get({ schoolId: school.schoolId, bucket: "test", key: "someone", window })
      .go({ consistent: true });
    expect(data?.count).toBe(4);
    expect(data?.expiresAt).toBeGreaterThan(Date.now() / 1000);
  });
});

test("one school's calls take nothing from another's, nor one person's from another's", async () => {
  const [one, other] = await Promise.all([aSchool(), aSchool()]);
  await asPublic(one, () => takeMany(5, 5));
  await asPublic(other, async () => expect(await takeMany(5, 5)).toBe(5));
  await asPublic(one, async () => {
    expect((await RateLimit.take(wanted(5, "someone else"))).allowed).toBe(true);
    expect((await RateLimit.take(wanted(5))).allowed).toBe(false);
  });
});

test("what was used late in a window still counts early in the next, here and in another process", async () => {
  const begin = Math.ceil(Date.now() / 60_000) * 60_000;
  vi.useFakeTimers({ toFake: ["Date"], now: begin + 59_000 });
  await asPublic(await aSchool(), async () => {
    const take = async () => (await RateLimit.take({ bucket: "late", key: "someone", max: 4, perSeconds: 60 })).allowed;
    for (let i = 0; i < 4; i++) expect(await take()).toBe(true);
    vi.setSystemTime(begin + 61_000);
    expect(await take()).toBe(false);
    RateLimit.forget();
    expect(await take()).toBe(false);
    // The call refused after its report stays counted: 1 + 4 / 2.
    vi.setSystemTime(begin + 90_000);
    expect([await take(), await take()]).toEqual([true, false]);
  });
});

test("capacity comes back as the window slides", async () => {
  await asPublic(await aSchool(), async () => {
    const short = { bucket: "slide", key: "someone", max: 4, perSeconds: 1 };
    const began = Date.now();
    let allowed = 0;
    while (Date.now() - began < 3000) {
      if ((await RateLimit.take(short)).allowed) allowed++;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // 4 a second for 3 seconds, and what one window may hold besides.
    expect(allowed).toBeGreaterThanOrEqual(7);
    expect(allowed).toBeLessThanOrEqual(17);
  });
});

test("a test names a bucket of its own by the stage's key; any other value is nobody", async () => {
  const school = await aSchool();
  const key = Resource.LocalCloud?.localKey ?? "";
  await asPublic(school, async () => {
    await takeMany(5, 5);
    expect((await RateLimit.take({ ...wanted(5), local: `${key}:bench` })).limit).toBe(5000);
    for (const local of ["", "guess", `${key}x`, undefined]) {
      expect((await RateLimit.take({ ...wanted(5), local })).allowed).toBe(false);
    }
  });
});

test("work without a school counts for the platform", async () => {
  const key = `platform-${Date.now()}`;
  const taken = [];
  for (let i = 0; i < 4; i++) taken.push(await RateLimit.take({ bucket: "test", key, max: 3, perSeconds: 3600 }));
  expect(taken.map(({ allowed }) => allowed)).toEqual([true, true, true, false]);
});
