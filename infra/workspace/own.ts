import { account, partition, region } from "../account.ts";

// What the parts of the workspace share.
export const name = `${$app.name}-${$app.stage}-workspace`;
/** Nobody in the image is root; the drive belongs to this user. */
export const owner = { uid: 1000, gid: 1000 };

export const pointsOfAccount = $interpolate`arn:${partition}:elasticfilesystem:${region}:${account}:access-point/*`;
