import { aSchool, asSystem } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import { Storage } from "./index.ts";

test("an object is written, read, copied, listed and deleted under the school", async () => {
  await asSystem(await aSchool(), async () => {
    const key = Storage.key("course", "crs_x", "ä file +&.txt");
    await Storage.put({ key, body: "hello", contentType: "text/plain" });
    expect(await Storage.head({ key })).toMatchObject({ bytes: 5, contentType: "text/plain" });
    const whole = await Storage.get({ key });
    expect(Buffer.from(whole?.body ?? []).toString()).toBe("hello");
    const part = await Storage.stream({ key, range: "bytes=1-2" });
    expect(part).toMatchObject({ bytes: 2, contentRange: "bytes 1-2/5" });
    const pieces = [];
    for await (const piece of part?.body ?? []) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toBe("el");
    const copied = Storage.key("course", "crs_x", "copy.txt");
    await Storage.copy({ key, etag: whole?.etag ?? "" }, { key: copied, contentType: "text/markdown" });
    expect(await Storage.head({ key: copied })).toMatchObject({ bytes: 5, contentType: "text/markdown" });
    expect(await Storage.list({ prefix: Storage.key("course") })).toHaveLength(2);
    const [first] = await Storage.list({ prefix: Storage.key("course"), limit: 1 });
    const rest = await Storage.list({ prefix: Storage.key("course"), after: first?.key ?? "" });
    expect([first, ...rest].map((each) => each?.key)).toEqual([copied, key]);
    await Storage.delete({ key: copied });
    await Storage.delete({ key: copied });
    expect(await Storage.deletePrefix({ prefix: Storage.key("course") })).toBe(1);
    expect(await Storage.get({ key })).toBeUndefined();
    expect(await Storage.head({ key })).toBeUndefined();
  });
});

test("a copy of a version that is gone fails", async () => {
  await asSystem(await aSchool(), async () => {
    const key = Storage.key("a");
    await Storage.put({ key, body: "one", contentType: "text/plain" });
    const { etag } = (await Storage.head({ key })) ?? { etag: "" };
    await Storage.put({ key, body: "two", contentType: "text/plain" });
    await expect(Storage.copy({ key, etag }, { key: Storage.key("b"), contentType: "text/plain" })).rejects.toThrow();
  });
});

test("no function reaches another school's key", async () => {
  const [one, two] = [await aSchool(), await aSchool()];
  const key = await asSystem(one, async () => {
    const mine = Storage.key("secret.txt");
    await Storage.put({ key: mine, body: "secret", contentType: "text/plain" });
    return mine;
  });
  await asSystem(two, async () => {
    const climbing = `${two.schoolId}/../${key}`;
    for (const foreign of [key, climbing, "", "/"]) {
      await expect(Storage.get({ key: foreign })).rejects.toThrow(/does not belong/);
      await expect(Storage.head({ key: foreign })).rejects.toThrow(/does not belong/);
      await expect(Storage.delete({ key: foreign })).rejects.toThrow(/does not belong/);
      await expect(Storage.deletePrefix({ prefix: foreign })).rejects.toThrow(/does not belong/);
      await expect(Storage.put({ key: foreign, body: "", contentType: "a/b" })).rejects.toThrow(/does not belong/);
      await expect(
        Storage.presignUpload({ bucket: "media", keyPrefix: foreign, contentTypes: ["a/b"], maxBytes: 1 }),
      ).rejects.toThrow(/does not belong/);
      await expect(Storage.presignGet(foreign, { fileName: "a", contentType: "a/b" })).rejects.toThrow(
        /does not belong/,
      );
    }
  });
  await asSystem(one, async () => expect((await Storage.get({ key }))?.bytes).toBe(6));
});

test("key parts and file names from outside stay in their place", async () => {
  await asSystem(await aSchool(), async () => {
    for (const part of ["", ".", "..", "a/b", "a\\b", "a\nb"]) expect(() => Storage.key("course", part)).toThrow();
  });
  expect(Storage.safeFileName("../../etc/passwd")).toBe("passwd");
  expect(Storage.safeFileName("C:\\temp\\Plan\u202e.pdf\u0000")).toBe("Plan.pdf");
  expect(Storage.safeFileName("..")).toBe("file");
  expect(Buffer.byteLength(Storage.safeFileName(`${"ü".repeat(400)}.markdown`))).toBeLessThanOrEqual(200);
  expect(Storage.safeFileName(`${"ü".repeat(400)}.markdown`)).toMatch(/ü\.markdown$/);
});
