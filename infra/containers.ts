import { afterMigration, type Link, type Permission } from "./functions.ts";

// What all containers share: roles from their uses, this release's image, and `Resource` as functions read it.

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

/** ECS uses this role to pull the image and write logs; the container does not get it. */
export const executionRole = (title: string, images: aws.ecr.Repository, logs: aws.cloudwatch.LogGroup): aws.iam.Role =>
  roleOf(title, "ecs-tasks.amazonaws.com", [
    { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${logs.arn}:*`] },
    {
      actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      resources: [images.arn],
    },
    // A registry sign-in covers the whole account.
    { actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
  ]);

export const imageOf = (images: aws.ecr.Repository): $util.Output<string> =>
  $interpolate`${images.repositoryUrl}:${process.env.LECTERN_RELEASE ?? "first"}`;

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
