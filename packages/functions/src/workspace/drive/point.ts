import {
  AccessPointAlreadyExists,
  AccessPointLimitExceeded,
  AccessPointNotFound,
  CreateAccessPointCommand,
  DeleteAccessPointCommand,
  DescribeAccessPointsCommand,
  EFSClient,
  TagResourceCommand,
} from "@aws-sdk/client-efs";
import { onAws } from "@lectern/core/kernel/aws/client";
import { DomainError } from "@lectern/core/kernel/error";
import { idPattern } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";

// A school's way onto the drive: an access point whose root is the school's own folder. Made when it is first needed, taken
// away when the school is gone or when others need the room; the folder is the school's either way, and a new point leads
// to the same one. EFS itself remembers them: each carries its school and the day it was used last as tags.

/** Nobody in the image is root; the drive belongs to this user (infra/workspace/own.ts). */
const owner = { Uid: 1000, Gid: 1000 };
/** A point that was used within it may have a task behind it. */
const busyMs = 2 * 24 * 60 * 60_000;
/** Freed at a time when there is no room left: a file system has so many points and no more. */
const freed = 10;

let made: EFSClient | undefined;
const client = (): EFSClient => {
  made ??= new EFSClient(onAws(10_000));
  return made;
};

export interface Point {
  readonly pointId: string;
  readonly schoolId: string;
  /** "2025-03-31". */
  readonly usedOn: string;
}

const today = (): string => new Date().toISOString().slice(0, 10);

/** The school's access point on this file system, made if it has none. Asked twice at once, it is one. */
export async function pointOf(fileSystemId: string, schoolId: string): Promise<string> {
  if (!idPattern("school").test(schoolId)) throw new Error(`not the id of a school: ${schoolId}`);
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const { AccessPointId = "" } = await client().send(
        new CreateAccessPointCommand({
          // The same token is the same point, for as long as there is one.
          ClientToken: schoolId,
          FileSystemId: fileSystemId,
          PosixUser: owner,
          RootDirectory: {
            Path: `/schools/${schoolId}`,
            CreationInfo: { OwnerUid: owner.Uid, OwnerGid: owner.Gid, Permissions: "0700" },
          },
          Tags: [
            { Key: "school", Value: schoolId },
            { Key: "used", Value: today() },
          ],
        }),
      );
      log.info({ schoolId, pointId: AccessPointId }, "access point made");
      return await available(AccessPointId);
    } catch (error) {
      if (error instanceof AccessPointAlreadyExists) return await used(error.AccessPointId ?? "");
      if (!(error instanceof AccessPointLimitExceeded)) throw error;
      if ((await makeRoom(fileSystemId)) === 0) break;
    }
  }
  throw new DomainError("unavailable", "drive.full", "The drive takes no more schools at the moment.", undefined, 3600);
}

/** Every access point of a school on this file system. */
export async function* points(fileSystemId: string): AsyncIterable<Point> {
  let NextToken: string | undefined;
  do {
    const page = await client().send(
      new DescribeAccessPointsCommand({ FileSystemId: fileSystemId, MaxResults: 100, NextToken }),
    );
    for (const { AccessPointId, Tags = [] } of page.AccessPoints ?? []) {
      const tag = (name: string) => Tags.find(({ Key }) => Key === name)?.Value ?? "";
      // The service's own point has no school.
      if (AccessPointId && idPattern("school").test(tag("school")))
        yield { pointId: AccessPointId, schoolId: tag("school"), usedOn: tag("used") };
    }
    NextToken = page.NextToken;
  } while (NextToken);
}

/** Takes an access point away; the folder behind it stays. One that is gone is as good. */
export async function release(pointId: string): Promise<void> {
  try {
    await client().send(new DeleteAccessPointCommand({ AccessPointId: pointId }));
  } catch (error) {
    if (!(error instanceof AccessPointNotFound)) throw error;
  }
}

/** Frees the points that were used longest ago, and none that may be in use. */
async function makeRoom(fileSystemId: string): Promise<number> {
  const idle: Point[] = [];
  for await (const point of points(fileSystemId))
    if (Date.parse(point.usedOn || "2000-01-01") < Date.now() - busyMs) idle.push(point);
  idle.sort((a, b) => a.usedOn.localeCompare(b.usedOn));
  for (const { pointId, schoolId } of idle.slice(0, freed)) {
    await release(pointId);
    log.info({ schoolId, pointId }, "access point released: others need the room");
  }
  return Math.min(freed, idle.length);
}

async function used(pointId: string): Promise<string> {
  await client().send(new TagResourceCommand({ ResourceId: pointId, Tags: [{ Key: "used", Value: today() }] }));
  return available(pointId);
}

/** A point is of use a few seconds after it was made. */
async function available(pointId: string): Promise<string> {
  for (let attempt = 0; attempt < 30; attempt++) {
    const { AccessPoints = [] } = await client().send(new DescribeAccessPointsCommand({ AccessPointId: pointId }));
    if (AccessPoints[0]?.LifeCycleState === "available") return pointId;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  throw new DomainError("unavailable", "drive.busy", "The drive is not ready yet.", undefined, 30);
}
