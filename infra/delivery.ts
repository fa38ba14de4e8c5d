import { account, partition, region } from "./account.ts";
import { asked, handedOn } from "./asked.ts";
import services from "./delivery/rights.json" with { type: "json" };
import { actionsOf } from "./delivery/rights.ts";
import { isShifted } from "./delivery/shift.ts";
import { allFunctions } from "./functions.ts";
import { keys } from "./keys.ts";
import { topics } from "./messaging.ts";
import { releaseHealth } from "./observability.ts";
import { stageOf } from "./stage.ts";

// The delivery pipeline, its roles and its rollback. Production and staging have separate accounts; the pipeline runs
// in production's (docs/deploy.md).
const stage = stageOf($app.stage);
const prefix = `${$app.name}-${$app.stage}`;
const repository = asked("LECTERN_REPOSITORY") ?? "lectern/lectern";
/** The account whose pipeline deploys this stage. */
const tools = asked("LECTERN_TOOLS_ACCOUNT") ?? account;

type Statement = aws.types.input.iam.GetPolicyDocumentStatementArgs;
const document = (...statements: Statement[]) => aws.iam.getPolicyDocumentOutput({ statements }).json;
const trusting = (service: string) =>
  document({
    actions: ["sts:AssumeRole"],
    principals: [{ type: "Service", identifiers: [service] }],
    conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [account] }],
  });

if (stage.standing && !$dev) {
  const deployer = makeDeployer();
  makeShifts();
  if (stage.kind === "production") makePipeline(deployer);
}

/** The deployment role, which GitHub, the pipeline and one user may assume; it cannot extend its own rights. */
function makeDeployer(): aws.iam.Role {
  const boundary = new aws.iam.Policy("DeployBoundary", {
    name: `${prefix}-deploy-boundary`,
    description: "The most that deploying can ever do, whatever its own policies say",
    policy: document(
      { sid: "Everything", actions: ["*"], resources: ["*"] },
      {
        sid: "ButNotPeople",
        effect: "Deny",
        actions: [
          "iam:CreateUser",
          "iam:CreateAccessKey",
          "iam:CreateLoginProfile",
          "iam:UpdateLoginProfile",
          "organizations:*",
          "account:*",
        ],
        resources: ["*"],
      },
      {
        sid: "NorItself",
        effect: "Deny",
        actions: [
          "iam:DeleteRolePermissionsBoundary",
          "iam:PutRolePermissionsBoundary",
          "iam:CreatePolicyVersion",
          "iam:SetDefaultPolicyVersion",
        ],
        resources: [
          $interpolate`arn:${partition}:iam::${account}:role/${prefix}-deploy`,
          $interpolate`arn:${partition}:iam::${account}:policy/${prefix}-deploy-boundary`,
        ],
      },
      {
        sid: "NorWhatSchoolsKeep",
        effect: "Deny",
        actions: [
          "dynamodb:GetItem",
          "dynamodb:Query",
          "dynamodb:Scan",
          "rds-db:connect",
          "secretsmanager:GetSecretValue",
          "ssm:StartSession",
          // Operators' commands use all of these.
          "ecs:ExecuteCommand",
          "ecs:RunTask",
          "ecs:StartTask",
        ],
        resources: ["*"],
      },
      {
        sid: "NorTheTraces",
        effect: "Deny",
        actions: [
          "cloudtrail:StopLogging",
          "cloudtrail:DeleteTrail",
          "backup:DeleteRecoveryPoint",
          "kms:ScheduleKeyDeletion",
          "s3:BypassGovernanceRetention",
        ],
        resources: ["*"],
      },
    ),
  });
  const github = new aws.iam.OpenIdConnectProvider("GithubIdentities", {
    url: "https://token.actions.githubusercontent.com",
    clientIdLists: ["sts.amazonaws.com"],
  });
  const user = new aws.iam.User("DeployUser", { name: `${prefix}-deploy`, path: "/lectern/" });
  const role = new aws.iam.Role("DeployRole", {
    name: `${prefix}-deploy`,
    description: "Deploys this stage",
    maxSessionDuration: 7_200,
    permissionsBoundary: boundary.arn,
    assumeRolePolicy: document(
      {
        sid: "GitHub",
        actions: ["sts:AssumeRoleWithWebIdentity"],
        principals: [{ type: "Federated", identifiers: [github.arn] }],
        conditions: [
          { test: "StringEquals", variable: "token.actions.githubusercontent.com:aud", values: ["sts.amazonaws.com"] },
          // Only from the protected environment, never from a branch or a pull request.
          {
            test: "StringEquals",
            variable: "token.actions.githubusercontent.com:sub",
            values: [`repo:${repository}:environment:${$app.stage}`],
          },
        ],
      },
      {
        sid: "Pipeline",
        actions: ["sts:AssumeRole"],
        principals: [{ type: "AWS", identifiers: [$interpolate`arn:${partition}:iam::${tools}:root`] }],
        conditions: [
          {
            test: "ArnLike",
            variable: "aws:PrincipalArn",
            values: [$interpolate`arn:${partition}:iam::${tools}:role/${$app.name}-production-build`],
          },
        ],
      },
      { sid: "User", actions: ["sts:AssumeRole"], principals: [{ type: "AWS", identifiers: [user.arn] }] },
    ),
  });
  // No console login and no key: the user has rights only in a session with a second factor (docs/deploy.md).
  new aws.iam.UserPolicy("DeployUserPolicy", {
    user: user.name,
    policy: document({ actions: ["sts:AssumeRole"], resources: [role.arn] }),
  });
  // A policy is limited to about 6,000 characters, so split the services.
  for (const [at, part] of inParts(services, 6).entries())
    attach(role, `Services${at + 1}`, { actions: part.flatMap(actionsOf), resources: ["*"] });
  attach(
    role,
    "Careful",
    {
      sid: "RolesOfOurs",
      actions: [
        ...["iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy"],
        ...["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole"],
        ...[
          "iam:ListRolePolicies",
          "iam:PassRole",
          "iam:PutRolePolicy",
          "iam:TagRole",
          "iam:UpdateAssumeRolePolicy",
          "iam:UpdateRole",
        ],
        ...[
          "iam:AddRoleToInstanceProfile",
          "iam:CreateInstanceProfile",
          "iam:DeleteInstanceProfile",
          "iam:GetInstanceProfile",
        ],
        ...["iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile"],
      ],
      resources: [
        $interpolate`arn:${partition}:iam::${account}:role/${prefix}-*`,
        $interpolate`arn:${partition}:iam::${account}:instance-profile/${prefix}-*`,
      ],
    },
    {
      sid: "KeysAndSecretsWithoutTheirContents",
      actions: [
        ...[
          "kms:CreateAlias",
          "kms:CreateGrant",
          "kms:CreateKey",
          "kms:Decrypt",
          "kms:DeleteAlias",
          "kms:DescribeKey",
          "kms:EnableKeyRotation",
        ],
        ...["kms:Encrypt", "kms:GenerateDataKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases"],
        ...[
          "kms:ListResourceTags",
          "kms:PutKeyPolicy",
          "kms:ReplicateKey",
          "kms:TagResource",
          "kms:UpdateAlias",
          "kms:UpdateKeyDescription",
        ],
        ...["secretsmanager:CreateSecret", "secretsmanager:DeleteSecret", "secretsmanager:DescribeSecret"],
        ...["secretsmanager:GetResourcePolicy", "secretsmanager:PutSecretValue", "secretsmanager:RotateSecret"],
        ...["secretsmanager:TagResource", "secretsmanager:UpdateSecret"],
      ],
      resources: ["*"],
    },
    { sid: "ServicesOwnRoles", actions: ["iam:CreateServiceLinkedRole"], resources: ["*"] },
    {
      sid: "FirstDeployment",
      actions: ["lambda:InvokeFunction"],
      resources: [$interpolate`arn:${partition}:lambda:${region}:${account}:function:${prefix}-*`],
    },
  );
  return role;
}

function attach(role: aws.iam.Role, title: string, ...statements: Statement[]): void {
  const policy = new aws.iam.Policy(`Deploy${title}`, {
    name: `${prefix}-deploy-${title.toLowerCase()}`,
    policy: document(...statements),
  });
  new aws.iam.RolePolicyAttachment(`Deploy${title}Attached`, { role: role.name, policyArn: policy.arn });
}

function inParts<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}

/** Shifts 10 % of calls for five minutes, then the rest; rolls back on an alarm of `release-health`. */
function makeShifts(): void {
  const application = new aws.codedeploy.Application("Shifts", { name: prefix, computePlatform: "Lambda" });
  const role = new aws.iam.Role("ShiftRole", { assumeRolePolicy: trusting("codedeploy.amazonaws.com") });
  const rights = new aws.iam.RolePolicyAttachment("ShiftRights", {
    role: role.name,
    policyArn: $interpolate`arn:${partition}:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited`,
  });
  for (const { name } of allFunctions.filter((each) => isShifted(each.name)))
    new aws.codedeploy.DeploymentGroup(
      `Shift${name}`,
      {
        appName: application.name,
        deploymentGroupName: name,
        serviceRoleArn: role.arn,
        deploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
        deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
        ...(releaseHealth && { alarmConfiguration: { enabled: true, alarms: [releaseHealth.name] } }),
        autoRollbackConfiguration: {
          enabled: true,
          events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
      },
      { dependsOn: [rights, ...(releaseHealth ? [releaseHealth.resource] : [])] },
    );
}

function makePipeline(deployer: aws.iam.Role): void {
  const artifacts = new sst.aws.Bucket("PipelineArtifacts", { versioning: true, cors: false });
  new aws.s3.BucketServerSideEncryptionConfiguration("PipelineArtifactsEncryption", {
    bucket: artifacts.name,
    rules: [
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keys.storage.arn },
        bucketKeyEnabled: true,
      },
    ],
  });
  new aws.s3.BucketLifecycleConfiguration("PipelineArtifactsGone", {
    bucket: artifacts.name,
    rules: [
      {
        id: "gone",
        status: "Enabled",
        filter: {},
        expiration: { days: 30 },
        noncurrentVersionExpiration: { noncurrentDays: 1 },
      },
    ],
  });
  const logs = new aws.cloudwatch.LogGroup("PipelineLogs", {
    name: `/lectern/${$app.stage}/pipeline`,
    retentionInDays: 3,
    kmsKeyId: keys.logs.arn,
  });
  const connection = new aws.codestarconnections.Connection("Repository", { name: $app.name, providerType: "GitHub" });
  const files: Statement = {
    actions: ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:GetBucketVersioning", "s3:GetBucketLocation"],
    resources: [artifacts.arn, $interpolate`${artifacts.arn}/*`],
  };
  const key: Statement = { actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [keys.storage.arn] };
  const build = new aws.iam.Role("BuildRole", {
    name: `${prefix}-build`,
    assumeRolePolicy: trusting("codebuild.amazonaws.com"),
  });
  new aws.iam.RolePolicy("BuildPolicy", {
    role: build.name,
    policy: document(
      files,
      key,
      { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${logs.arn}:*`] },
      {
        actions: ["sts:AssumeRole"],
        resources: [deployer.arn, asked("LECTERN_STAGING_ROLE") ?? []].flat(),
      },
      // Each build clones the source with this connection.
      { actions: ["codestar-connections:UseConnection"], resources: [connection.arn] },
      // Only the load test learner's password.
      {
        actions: ["secretsmanager:GetSecretValue"],
        resources: [$interpolate`arn:${partition}:secretsmanager:${region}:${account}:secret:${$app.name}/load-*`],
      },
    ),
  });
  const projects = Object.fromEntries(
    ["build", "test", "staging", "load", "production"].map((step) => [step, project(step, build, logs)] as const),
  );
  const role = new aws.iam.Role("PipelineRole", { assumeRolePolicy: trusting("codepipeline.amazonaws.com") });
  new aws.iam.RolePolicy("PipelinePolicy", {
    role: role.name,
    policy: document(
      files,
      key,
      {
        actions: ["codebuild:BatchGetBuilds", "codebuild:StartBuild"],
        resources: Object.values(projects).map(({ arn }) => arn),
      },
      { actions: ["codestar-connections:UseConnection"], resources: [connection.arn] },
      // The topic for approvals is encrypted.
      { actions: ["sns:Publish"], resources: [topics.performance.arn] },
      { actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [keys.messaging.arn] },
    ),
  });
  const action = (step: string) => ({
    name: step,
    category: "Build",
    owner: "AWS",
    provider: "CodeBuild",
    version: "1",
    inputArtifacts: ["source"],
    configuration: { ProjectName: projects[step]?.name ?? "" },
  });
  const goesBack = { result: "ROLLBACK" };
  new aws.codepipeline.Pipeline("Pipeline", {
    name: $app.name,
    pipelineType: "V2",
    executionMode: "QUEUED",
    roleArn: role.arn,
    artifactStores: [{ type: "S3", location: artifacts.name, encryptionKey: { id: keys.storage.arn, type: "KMS" } }],
    stages: [
      {
        name: "Source",
        actions: [
          {
            name: "main",
            category: "Source",
            owner: "AWS",
            provider: "CodeStarSourceConnection",
            version: "1",
            outputArtifacts: ["source"],
            configuration: {
              ConnectionArn: connection.arn,
              FullRepositoryId: repository,
              BranchName: "main",
              OutputArtifactFormat: "CODEBUILD_CLONE_REF",
            },
          },
        ],
      },
      { name: "Build", actions: [action("build")] },
      { name: "Test", actions: [action("test")] },
      { name: "Staging", actions: [action("staging")], onFailure: goesBack },
      { name: "Load", actions: [action("load")] },
      {
        name: "Approval",
        actions: [
          {
            name: "person",
            category: "Approval",
            owner: "AWS",
            provider: "Manual",
            version: "1",
            configuration: {
              NotificationArn: topics.performance.arn,
              CustomData: "Staging has passed its checks and its load. Look at its dashboards, then let it go on.",
            },
          },
        ],
      },
      { name: "Production", actions: [action("production")], onFailure: goesBack },
    ],
  });
}

function project(step: string, role: aws.iam.Role, logs: aws.cloudwatch.LogGroup): aws.codebuild.Project {
  const deploys = step === "staging" || step === "production";
  return new aws.codebuild.Project(`Project${step.charAt(0).toUpperCase()}${step.slice(1)}`, {
    name: `${prefix}-${step}`,
    serviceRole: role.arn,
    buildTimeout: 60,
    encryptionKey: keys.storage.arn,
    artifacts: { type: "CODEPIPELINE" },
    source: { type: "CODEPIPELINE", buildspec: `infra/delivery/buildspec/${deploys ? "deploy" : step}.yml` },
    environment: {
      type: "ARM_CONTAINER",
      computeType: "BUILD_GENERAL1_SMALL",
      image: "aws/codebuild/amazonlinux-aarch64-standard:3.0",
      // Docker builds the workspace's image.
      privilegedMode: deploys,
      environmentVariables: $output(account).apply((own) =>
        Object.entries({ ...(deploys && { STAGE: step }), ...handedOn(step, own) }).map(([name, value]) => ({
          name,
          value,
        })),
      ),
    },
    logsConfig: { cloudwatchLogs: { groupName: logs.name, streamName: step } },
  });
}
