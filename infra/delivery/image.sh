#!/usr/bin/env bash
# Builds the workspace's image of this release and puts it into the stage's registry. `image.sh staging`
set -euo pipefail
stage=$1
release=${LECTERN_RELEASE:-$(git rev-parse --short=12 HEAD)}
region=${AWS_REGION:-us-east-1}
account=$(aws sts get-caller-identity --query Account --output text)
registry=$account.dkr.ecr.$region.amazonaws.com
image=$registry/lectern-$stage-workspace:$release
# Built before the stage's rights were at hand, where the release says so.
[ -d packages/functions/build/workspace ] || node --import tsx scripts/build-workspace.ts
# Tags cannot be written over: a release that was built before is there already.
if aws ecr describe-images --region "$region" --repository-name "lectern-$stage-workspace" --image-ids "imageTag=$release" >/dev/null 2>&1; then
  exit 0
fi
aws ecr get-login-password --region "$region" | docker login --username AWS --password-stdin "$registry"
docker build --platform linux/arm64 --tag "$image" packages/functions/build/workspace
docker push "$image"
