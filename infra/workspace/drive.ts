import { account, partition } from "../account.ts";
import type { Permission } from "../functions.ts";
import { keys } from "../keys.ts";
import { dataSubnets, groups } from "../network.ts";
import { name, owner, pointsOfAccount } from "./own.ts";

export interface Drive {
  readonly files: aws.efs.FileSystem;
  readonly point: aws.efs.AccessPoint;
  /** One in each zone; without it, tasks there cannot mount the drive. */
  readonly targets: readonly aws.efs.MountTarget[];
}

/** Creates the encrypted drive; containers reach it through access points only. */
export function makeDrive(): Drive {
  const files = new aws.efs.FileSystem("WorkspaceDrive", {
    encrypted: true,
    kmsKeyId: keys.data.arn,
    throughputMode: "elastic",
    lifecyclePolicies: [{ transitionToIa: "AFTER_30_DAYS" }, { transitionToPrimaryStorageClass: "AFTER_1_ACCESS" }],
    protection: { replicationOverwrite: "ENABLED" },
    tags: { Name: name, backup: "weekly" },
  });
  const targets = dataSubnets.map(
    (subnetId, at) =>
      new aws.efs.MountTarget(`WorkspaceDriveZone${at + 1}`, {
        fileSystemId: files.id,
        subnetId,
        securityGroups: [groups.files.id],
      }),
  );
  // The service's access point sees all schools' folders; a school's task uses that school's.
  const point = new aws.efs.AccessPoint("WorkspaceDriveService", {
    fileSystemId: files.id,
    posixUser: owner,
    rootDirectory: {
      path: "/schools",
      creationInfo: { ownerUid: owner.uid, ownerGid: owner.gid, permissions: "0700" },
    },
    tags: { Name: "service" },
  });
  // Schools' access points are created on demand (packages/functions/src/workspace/drive, docs/adr/0013).
  new aws.efs.FileSystemPolicy("WorkspaceDrivePolicy", {
    fileSystemId: files.id,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          sid: "TlsOnly",
          effect: "Deny",
          principals: [{ type: "*", identifiers: ["*"] }],
          actions: ["*"],
          resources: [files.arn],
          conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
        },
        {
          sid: "ByAccessPointOnly",
          principals: [{ type: "AWS", identifiers: [$interpolate`arn:${partition}:iam::${account}:root`] }],
          actions: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
          resources: [files.arn],
          conditions: [
            {
              test: "StringLike",
              variable: "elasticfilesystem:AccessPointArn",
              values: [pointsOfAccount],
            },
          ],
        },
      ],
    }).json,
  });
  return { files, point, targets };
}

/** Creates and deletes schools' access points; the service's has no school tag and is protected. */
export function makesPoints(drive: Drive): Permission[] {
  return [
    {
      actions: ["elasticfilesystem:CreateAccessPoint", "elasticfilesystem:DescribeAccessPoints"],
      resources: [drive.files.arn],
    },
    { actions: ["elasticfilesystem:DescribeAccessPoints"], resources: [pointsOfAccount] },
    {
      actions: ["elasticfilesystem:TagResource"],
      resources: [pointsOfAccount],
      conditions: [{ test: "ForAllValues:StringEquals", variable: "aws:TagKeys", values: ["school", "used"] }],
    },
    {
      actions: ["elasticfilesystem:DeleteAccessPoint"],
      resources: [pointsOfAccount],
      conditions: [{ test: "StringLike", variable: "aws:ResourceTag/school", values: ["sch_*"] }],
    },
  ];
}
