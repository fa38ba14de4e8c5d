import { keys } from "./keys.ts";
import { stageOf } from "./stage.ts";

// Where the workspace's images lie, which operators' commands run in as well (operator.ts). By itself, because the first image
// must be there before the service that runs it (first.ts).
const stage = stageOf($app.stage);

export const workspaceImages = stage.standing && !$dev ? makeImages() : undefined;

function makeImages(): aws.ecr.Repository {
  const images = new aws.ecr.Repository("WorkspaceImages", {
    name: `${$app.name}-${$app.stage}-workspace`,
    imageTagMutability: "IMMUTABLE",
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: keys.storage.arn }],
    forceDelete: stage.removal === "remove",
  });
  new aws.ecr.LifecyclePolicy("WorkspaceImagesKept", {
    repository: images.name,
    policy: JSON.stringify({
      rules: [
        {
          rulePriority: 1,
          description: "the last twenty releases",
          selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 20 },
          action: { type: "expire" },
        },
      ],
    }),
  });
  return images;
}
