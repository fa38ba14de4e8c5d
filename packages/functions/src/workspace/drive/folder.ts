import { lstat, mkdir, readdir, realpath, rm } from "node:fs/promises";
import path from "node:path";
import { Directory } from "@lectern/core/kernel/directory";
import { idPattern } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { points, release } from "./point.ts";
import { forget, jobs } from "./task.ts";

// The drive as a process sees it: a folder for each school. In a school's task the mount ends there by itself; the service,
// which sees them all, and a developer's machine, where a folder stands in for the drive, keep to it by this.

/** The folder of a school, made if there is none. */
export async function folderOf(drive: string, schoolId: string): Promise<string> {
  if (!idPattern("school").test(schoolId)) throw new Error(`not the id of a school: ${schoolId}`);
  const folder = path.join(drive, schoolId);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!(await lstat(folder)).isDirectory()) throw new Error(`the folder of ${schoolId} is no folder`);
  return folder;
}

/**
 * A path inside a school's folder, as the access point would have it: what climbs out, by name or by a link somewhere on the
 * way, throws. The last part need not exist.
 */
export async function inside(drive: string, schoolId: string, relative: string): Promise<string> {
  const root = await realpath(await folderOf(drive, schoolId));
  const wanted = path.resolve(root, `.${path.sep}${relative}`);
  const isIn = (place: string) => place === root || place.startsWith(`${root}${path.sep}`);
  if (!isIn(wanted) || relative.includes("\0")) throw new Error(`a path leaves the folder of ${schoolId}`);
  // The deepest part that is there decides: a link on the way leads somewhere else.
  for (let at = wanted; ; at = path.dirname(at)) {
    const real = await realpath(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (real === undefined) {
      // A link whose target is missing is followed by whoever writes there.
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
 * Tidies the drive: folders, access points and task definitions of schools that are gone, and what work that was killed has
 * left. Called by the service every hour; a school's erasure is whole by then.
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
