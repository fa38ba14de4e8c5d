import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createId } from "@lectern/core/kernel/id";
import { aSchool } from "@lectern/tenants/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { folderOf, inside, sweep } from "./folder.ts";

describe("a folder for each school", () => {
  let drive: string;
  beforeEach(async () => {
    drive = await mkdtemp(path.join(tmpdir(), "lectern-drive-"));
  });
  afterEach(() => rm(drive, { recursive: true, force: true }));

  test("contains its own paths and no others, by any name or link", async () => {
    const [one, two] = [createId("school"), createId("school")];
    const mine = await folderOf(drive, one);
    await writeFile(path.join(await folderOf(drive, two), "secret"), "x");
    expect(await inside(drive, one, "a/b.txt")).toBe(path.join(mine, "a/b.txt"));
    // An absolute path starts at the school's root, as with an access point.
    expect(await inside(drive, one, "/a")).toBe(path.join(mine, "a"));
    await symlink(path.join(drive, two), path.join(mine, "other"));
    await symlink(path.join(drive, "nowhere"), path.join(mine, "dangling"));
    await mkdir(path.join(mine, "deep"));
    await symlink("../..", path.join(mine, "deep/up"));
    const climbing = [`../${two}/secret`, "a/../../x", "other/secret", "other", "dangling", "deep/up/x", "a\0b"];
    for (const wanted of climbing) await expect(inside(drive, one, wanted), wanted).rejects.toThrow();
    await expect(folderOf(drive, "../x")).rejects.toThrow(/not the id/);
  });

  test("is deleted with its school, and so are leftovers of killed work", async () => {
    const { schoolId } = await aSchool();
    const gone = createId("school");
    for (const each of [schoolId, gone]) {
      const left = path.join(await folderOf(drive, each), "lectern-import-abc");
      await mkdir(left);
      const long = new Date(Date.now() - 25 * 60 * 60_000);
      await utimes(left, long, long);
    }
    await mkdir(path.join(drive, schoolId, "lectern-import-now"));
    await writeFile(path.join(drive, schoolId, "kept.txt"), "kept");
    await mkdir(path.join(drive, ".health"));
    expect(await sweep(drive)).toEqual({ folders: [gone], points: [] });
    expect((await readdir(drive)).sort()).toEqual([".health", schoolId].sort());
    expect((await readdir(path.join(drive, schoolId))).sort()).toEqual(["kept.txt", "lectern-import-now"]);
  });
});
