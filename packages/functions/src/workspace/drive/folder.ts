import { lstat, mkdir, readdir, realpath, rm } from "node:fs/promises";
import path from "node:path";
import { Directory } from "@lectern/core/kernel/directory";
import { idPattern } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { points, release } from "./point.ts";
import { forget, jobs } from "./task.ts";

// The drive has a folder for each school. In a school's task, the mount's root is that folder. The service sees all
// folders, and a developer's machine uses a plain folder, so both confine paths here.

/** Returns a school's folder and creates it if missing. */
export async function folderOf(drive: string, schoolId: string): Promise<string> {
  if (!idPattern("school").test(schoolId)) throw new Error(`not the id of a school: ${schoolId}`);
  const folder = path.join(drive, schoolId);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!(await lstat(folder)).isDirectory()) throw new Error(`the folder of ${schoolId} is no folder`);
  return folder;
}

/**
 * Resolves a path inside a school's folder. Throws if it leaves the folder by name or through a link. The last part
 * need not exist.
 */
export async function inside(drive: string, schoolId: string, relative: string): Promise<string> {
  const root = await realpath(await folderOf(drive, schoolId));
  const wanted = path.resolve(root, `.${path.sep}${relative}`);
  const isIn = (place: string) => place === root || place.startsWith(`${root}${path.sep}`);
  if (!isIn(wanted) || relative.includes("\0")) throw new Error(`a path leaves the folder of ${schoolId}`);
  // The deepest existing part decides, because a link in the path may lead elsewhere.
  for (let at = wanted; ; at = path.dirname(at)) {
    const real = await realpath(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (real === undefined) {
      // A write would follow a link whose target is missing.
      if (await isLink(at)) throw new Error(`a path leaves the folder of ${schoolId}`);
      continue;
    }
    if (!isIn(real)) throw new Error(`a path leaves the folder of ${schoolId}`);
    return wanted;
  }
}

const isLink = (place: string): Promise<boolean> =>
  lstat(place).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );

const day = 24 * 60 * 60_000;

/**
 * Deletes folders, access points and task definitions of erased schools, and leftovers of killed work. The service runs
 * it hourly.
 */
export async function sweep(drive: string, now = Date.now()): Promise<{ folders: string[]; points: string[] }> {
  const swept = { folders: [] as string[], points: [] as string[] };
  const isGone = async (schoolId: string) => (await Directory.readSchool(schoolId)) === undefined;
  const tasks = jobs();
  if (tasks)
    for await (const { pointId, schoolId } of points(tasks.fileSystemId)) {
      if (!(await isGone(schoolId))) continue;
      await forget(tasks.template, schoolId);
      await release(pointId);
      swept.points.push(pointId);
    }
  for (const entry of await readdir(drive, { withFileTypes: true })) {
    if (!entry.isDirectory() || !idPattern("school").test(entry.name)) continue;
    const folder = path.join(drive, entry.name);
    if (await isGone(entry.name)) {
      await rm(folder, { recursive: true, force: true });
      swept.folders.push(entry.name);
      continue;
    }
    for (const name of await readdir(folder)) {
      if (!name.startsWith("lectern-import-")) continue;
      const left = path.join(folder, name);
      if ((await lstat(left)).mtimeMs < now - day) await rm(left, { recursive: true, force: true });
    }
  }
  log.info({ folders: swept.folders.length, points: swept.points.length }, "drive swept");
  return swept;
}
