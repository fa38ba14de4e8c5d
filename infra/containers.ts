import { afterMigration, type Link, type Permission } from "./functions.ts";

// What all our containers have: roles with the rights of their uses, an image of this release, and `Resource` as functions
// read it.

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

/** By which ECS fetches an image and writes what a container says; the container itself does not have it. */
export const executionRole = (title: string, images: aws.ecr.Repository, logs: aws.cloudwatch.LogGroup): aws.iam.Role =>
  roleOf(title, "ecs-tasks.amazonaws.com", [
    { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${logs.arn}:*`] },
    {
      actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      resources: [images.arn],
    },
    // A sign-in to the registry is for the account, not for one repository.
    { actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
  ]);

/** The image of this release. */
export const imageOf = (images: aws.ecr.Repository): $util.Output<string> =>
  $interpolate`${images.repositoryUrl}:${process.env.LECTERN_RELEASE ?? "first"}`;

/** A container's variables, with what `Resource` reads as SST puts it into a function. */
export function environmentOf(
  links: readonly Link[],
  more: Record<string, $util.Input<string>>,
): $util.Output<{ name: string; value: string }[]> {
  const variables = links.map(
    (link) => [`SST_RESOURCE_${link.name}`, $output(link.properties).apply((each) => JSON.stringify(each))] as const,
  );
  const all: Record<string, $util.Input<string>> = {
    ...Object.fromEntries(variables),
    SST_RESOURCE_App: JSON.stringify({ name: $app.name, stage: $app.stage }),
    LECTERN_RELEASE: process.env.LECTERN_RELEASE ?? "unreleased",
    ...afterMigration,
    ...more,
  };
  return $util.output(all).apply((each) => Object.entries(each).map(([name, value]) => ({ name, value })));
}
