import { keys } from "./keys.ts";
import { stageOf } from "./stage.ts";

// The registry for the workspace and operators' commands (operator.ts). A separate module, because the first image must
// exist before the service (first.ts).
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
