import { Directory, HostItem, SchoolItem } from "@lectern/core/kernel/directory";
import { aSchool } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { describe, expect, test } from "vitest";
import { cache } from "./cache.ts";

describe("what is remembered", () => {
  const counting = (answer: () => { v: number } | undefined) => {
    let reads = 0;
    const known = cache(30_000, async () => {
      reads++;
      const found = answer();
      await new Promise((resolve) => setTimeout(resolve, 5));
      return found;
    });
    return { known, reads: () => reads };
  };

  test("a hit is read once, also by those who ask at once", async () => {
    const { known, reads } = counting(() => ({ v: 1 }));
    await Promise.all(Array.from({ length: 50 }, () => known.get("a")));
    await known.get("a");
    expect(reads()).toBe(1);
  });

  test("a miss is asked for again each time", async () => {
    let there = false;
    const { known, reads } = counting(() => (there ? { v: 1 } : undefined));
    expect(await known.get("a")).toBeUndefined();
    there = true;
    expect(await known.get("a")).toEqual({ v: 1 });
    expect(reads()).toBe(2);
  });

  test("a failure is not remembered", async () => {
    let fails = true;
    const known = cache(30_000, async () => (fails ? Promise.reject(new Error("away")) : { v: 1 }));
    await expect(known.get("a")).rejects.toThrow("away");
    fails = false;
    expect(await known.get("a")).toEqual({ v: 1 });
  });

  test("an answer that was on its way when it was forgotten does not come back", async () => {
    let value = 1;
    const { known } = counting(() => ({ v: value }));
    const early = known.get("a");
    known.forget(() => true);
    value = 2;
    await early;
    expect(await known.get("a")).toEqual({ v: 2 });
  });

  test("an entry ends with its time", async () => {
    let reads = 0;
    const short = cache(20, async () => ({ v: ++reads }));
    await short.get("a");
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(await short.get("a")).toEqual({ v: 2 });
  });
});

describe("a host", () => {
  test("of a school is found whatever its case, port and final dot", async () => {
    const school = await aSchool();
    const [domain] = Resource.Platform.domain.split(":");
    for (const host of [
      `${school.slug}.${domain}`,
      `${school.slug}.${domain}:3000`,
      `${school.slug.toUpperCase()}.${domain}`,
      `${school.slug}.${domain}.`,
    ])
      expect(await Directory.byHost(host)).toEqual(school);
  });

  test.each([
    "localhost",
    "auth.localhost",
    "nobody-here.localhost",
    "a.b.localhost",
    ".localhost",
    "localhost.evil.test",
    "evil.test",
    "",
    " ",
    "x y.localhost",
    "..",
    "[::1]",
    "127.0.0.1",
    `${"x".repeat(300)}.localhost`,
    "s_%00.localhost",
  ])("%j is no school's", async (host) => {
    expect(await Directory.byHost(host)).toBeUndefined();
  });

  test("is found at once after it was asked for in vain", async () => {
    const slug = `late-${Date.now()}`;
    expect(await Directory.byHost(`${slug}.localhost`)).toBeUndefined();
    const school = await aSchool({ slug });
    expect(await Directory.byHost(`${slug}.localhost`)).toEqual(school);
  });
});

describe("a host of a school's own", () => {
  test("is found as its school from the moment it is one, and not a moment longer than it is remembered", async () => {
    const { schoolId } = await aSchool();
    const host = `learn.d-${Date.now()}.edu`;
    expect(await Directory.byHost(host)).toBeUndefined();
    await HostItem().put({ host, schoolId }).go();
    for (const written of [host, host.toUpperCase(), `${host}.`, `${host}:3000`])
      expect((await Directory.byHost(written))?.schoolId).toBe(schoolId);
    await HostItem().delete({ host }).go();
    Directory.forget(schoolId);
    expect(await Directory.byHost(host)).toBeUndefined();
  });

  test.each([
    ["learn.example.edu", true],
    ["example.edu:443", true],
    ["learn.harbour.localhost", true],
    ["notlocalhost", true],
    ["localhost", false],
    ["harbour.localhost", false],
    ["HARBOUR.localhost.:3000", false],
    ["auth.localhost", false],
    ["", false],
    ["a b", false],
  ])("%j is no address below the platform's: %s", (host, isOwn) => expect(Directory.isOwn(host)).toBe(isOwn));

  test("is told to insist on https for itself alone", () => {
    expect(Directory.strictTransport("learn.example.edu")).not.toMatch(/includeSubDomains/i);
    expect(Directory.strictTransport("harbour.localhost")).toMatch(/includeSubDomains/);
  });
});

describe("a route", () => {
  test("is remembered until it is forgotten", async () => {
    const { schoolId } = await aSchool();
    await Directory.bySchool(schoolId);
    await SchoolItem().patch({ schoolId }).set({ name: "Renamed" }).go();
    expect((await Directory.bySchool(schoolId))?.name).toBe("Test School");
    Directory.forget(schoolId);
    expect((await Directory.bySchool(schoolId))?.name).toBe("Renamed");
  });

  test.each([
    ["suspended", "suspended", "school.suspended"],
    ["opening", "unavailable", "school.opening"],
    ["deleting", "not_found", "school.not_found"],
  ] as const)("that is %s is refused", async (state, kind, code) => {
    const school = await aSchool();
    expect(Directory.requireActive(school)).toBe(school);
    expect(() => Directory.requireActive({ ...school, state })).toThrow(expect.objectContaining({ kind, code }));
  });
});
