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

// A school's EFS access point, whose root is the school's folder. It is created on first use and deleted when the
// school is erased or others need the room; a new one leads to the same folder. Tags record its school and the day of
// its last use.

/** No process in the image runs as root; the drive belongs to this user (infra/workspace/own.ts). */
const owner = { Uid: 1000, Gid: 1000 };
/** A task may still use a point that was used within this time. */
const busyMs = 2 * 24 * 60 * 60_000;
/** Points to free at once when the file system has reached its limit. */
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

/**
 * Returns the school's access point on this file system and creates it if missing. Concurrent calls get the same one.
 */
export async function pointOf(fileSystemId: string, schoolId: string): Promise<string> {
  if (!idPattern("school").test(schoolId)) throw new Error(`not the id of a school: ${schoolId}`);
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const { AccessPointId = "" } = await client().send(
        new CreateAccessPointCommand({
          // EFS returns the same point for the same token while it exists.
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

/** Yields the schools' access points on this file system. */
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

/** Deletes an access point but not its folder. Idempotent. */
export async function release(pointId: string): Promise<void> {
  try {
    await client().send(new DeleteAccessPointCommand({ AccessPointId: pointId }));
  } catch (error) {
    if (!(error instanceof AccessPointNotFound)) throw error;
  }
}

/** Deletes the least recently used points, except those that may be in use. */
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

/** Waits until a new point is available, a few seconds after creation. */
async function available(pointId: string): Promise<string> {
  for (let attempt = 0; attempt < 30; attempt++) {
    const { AccessPoints = [] } = await client().send(new DescribeAccessPointsCommand({ AccessPointId: pointId }));
    if (AccessPoints[0]?.LifeCycleState === "available") return pointId;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  throw new DomainError("unavailable", "drive.busy", "The drive is not ready yet.", undefined, 30);
}
