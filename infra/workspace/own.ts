import { account, partition, region } from "../account.ts";

export const name = `${$app.name}-${$app.stage}-workspace`;
/** The image has no root user; the drive belongs to this one. */
export const owner = { uid: 1000, gid: 1000 };

export const pointsOfAccount = $interpolate`arn:${partition}:elasticfilesystem:${region}:${account}:access-point/*`;
