import { account, partition, region } from "../account.ts";
import type { Permission } from "../functions.ts";

// What the parts of the workspace share.
export const name = `${$app.name}-${$app.stage}-workspace`;
/** Nobody in the image is root; the drive belongs to this user. */
export const owner = { uid: 1000, gid: 1000 };

export const pointsOfAccount = $interpolate`arn:${partition}:elasticfilesystem:${region}:${account}:access-point/*`;

export function roleOf(title: string, service: string, permissions: readonly Permission[]): aws.iam.Role {
  const role = new aws.iam.Role(title, {
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
      statements: [{ actions: ["sts:AssumeRole"], principals: [{ type: "Service", identifiers: [service] }] }],
    }).json,
  });
  if (permissions.length > 0) {
    new aws.iam.RolePolicy(`${title}Policy`, {
      role: role.name,
      policy: aws.iam.getPolicyDocumentOutput({
        statements: permissions.map(({ effect, actions, resources, conditions }) => ({
          effect: effect === "deny" ? "Deny" : "Allow",
          actions,
          resources,
          ...(conditions && { conditions }),
        })),
      }).json,
    });
  }
  return role;
}
