import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { SESv2Client } from "@aws-sdk/client-sesv2";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { PresignedPostOptions } from "@aws-sdk/s3-presigned-post";
import { Resource } from "sst";
import { useSchool } from "../actor/index.ts";
import { onAws } from "./client/index.ts";
import { guardDynamodb, guardShared } from "./guard.ts";
import { localCloud, once, options, type Part } from "./options.ts";
import { assumeFor, credentialsBySchool } from "./school.ts";

export { asDoor } from "./guard.ts";
export { localCloud } from "./options.ts";

// The only place that constructs AWS clients (with key-value-store.ts, which few bundles need).

/** Which school's work this is; throws outside an actor. */
const schoolOf = (): string => useSchool().schoolId;

// Renewed per school, shared by both clients.
const schoolCredentials = once(() =>
  credentialsBySchool(schoolOf, (school) => assumeFor(school, Resource.SchoolRole.arn)),
);

function schoolOptions(part: Part) {
  const usual = options(part);
  return localCloud() ? usual : { ...usual, credentials: schoolCredentials() };
}

const documents = (client: DynamoDBClient): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

/**
 * Returns a client that loads on first use, so a cold start reads only what its function uses. Callers import the
 * commands; these are small.
 */
const lazily = <C extends { send: (...args: never[]) => Promise<unknown> }>(load: () => Promise<C>) => {
  const made = once(load);
  const send = async (...args: Parameters<C["send"]>) => (await made()).send(...args);
  // The client's own `send` answers each command with its own output; so does this.
  return { send: send as unknown as C["send"] };
};

/**
 * DynamoDB with the function's own role: directory, sign-in storage, and the platform's work across schools (relay,
 * parked events, erasing). One school's data goes through `schoolDynamodb`.
 */
export const dynamodb = once(() => {
  const client = new DynamoDBClient(options("dynamodb"));
  return documents(localCloud() ? guardShared(client) : client);
});

/**
 * DynamoDB as the actor's school: signs each request with credentials of a role that sees only the school's items
 * (`wall.ts`). Locally the client evaluates the same policy.
 */
export const schoolDynamodb = once(() => {
  const client = new DynamoDBClient(schoolOptions("dynamodb"));
  return documents(localCloud() ? guardDynamodb(client, schoolOf) : client);
});

const s3Part = once(() => import("./s3.ts"));

/**
 * S3 with the function's own role, for health checks and the backups bucket, which no school's role reaches. Reading a
 * dump pauses while the database writes, hence the long limit.
 */
export const s3 = once(() => lazily<S3Client>(async () => (await s3Part()).makeS3(options("s3", [60_000]))));

const schoolS3Client = once(async () => {
  const { makeS3, guardS3 } = await s3Part();
  const client = makeS3(schoolOptions("s3"));
  return localCloud() ? guardS3(client, schoolOf) : client;
});

/** S3 as the actor's school, as `schoolDynamodb`. */
export const schoolS3 = once(() => lazily<S3Client>(schoolS3Client));

/** A form that uploads into a bucket, signed as the actor's school. */
export async function presignPost(options: PresignedPostOptions) {
  const { createPresignedPost, requirePost } = await s3Part();
  if (localCloud()) requirePost(schoolOf(), options.Bucket, options.Key, options.Fields ?? {});
  return createPresignedPost(await schoolS3Client(), options);
}

/** An address that hands an object out, signed as the actor's school. */
export async function presignGet(command: GetObjectCommand, expiresIn = 300): Promise<string> {
  const { getSignedUrl } = await s3Part();
  return getSignedUrl(await schoolS3Client(), command, { expiresIn });
}

// These are asked seldom or on AWS only, so they are loaded when they are first used.

/** Secrets Manager, for `kernel/secret` and who turns secrets. */
export const secretsManager = once(async () => {
  const { SecretsManagerClient, GetSecretValueCommand } = await import("./parts/secrets-manager.ts");
  return { client: new SecretsManagerClient(onAws(3_000)), GetSecretValueCommand };
});

/** Parameter Store, for `kernel/secret`. */
export const ssm = once(async () => {
  const { SSMClient, GetParametersByPathCommand } = await import("./parts/ssm.ts");
  return { client: new SSMClient(onAws(3_000)), GetParametersByPathCommand };
});

/** CloudFront, for schools' own domains (packages/tenants/src/domain). */
export const cloudfront = once(async () => {
  const sdk = await import("./parts/cloudfront.ts");
  return {
    client: new sdk.CloudFrontClient(options("cloudfront")),
    CreateDistributionTenantCommand: sdk.CreateDistributionTenantCommand,
    DeleteDistributionTenantCommand: sdk.DeleteDistributionTenantCommand,
    GetDistributionTenantCommand: sdk.GetDistributionTenantCommand,
    GetManagedCertificateDetailsCommand: sdk.GetManagedCertificateDetailsCommand,
    UpdateDistributionTenantCommand: sdk.UpdateDistributionTenantCommand,
  };
});

/** Returns an IAM token for the database, which replaces a password for 15 minutes. */
export async function databaseToken(at: { host: string; port: number; username: string }): Promise<string> {
  const { Signer } = await import("@aws-sdk/rds-signer");
  return new Signer({ ...onAws(3_000), hostname: at.host, port: at.port, username: at.username }).getAuthToken();
}

export const sqs = once(() =>
  lazily<SQSClient>(async () => {
    const { SQSClient } = await import("./parts/sqs.ts");
    return new SQSClient(options("sqs"));
  }),
);
export const eventbridge = once(() =>
  lazily<EventBridgeClient>(async () => {
    const { EventBridgeClient } = await import("./parts/eventbridge.ts");
    return new EventBridgeClient(options("eventbridge"));
  }),
);
export const lambda = once(() =>
  lazily<LambdaClient>(async () => {
    const { LambdaClient } = await import("./parts/lambda.ts");
    return new LambdaClient(options("lambda"));
  }),
);
// Sending a mail cannot be repeated safely: who sends decides (functions/src/mail/send.ts), not the client.
export const ses = once(() =>
  lazily<SESv2Client>(async () => {
    const { SESv2Client } = await import("./parts/ses.ts");
    return new SESv2Client({ ...options("ses"), maxAttempts: 1 });
  }),
);

export * as Aws from "./index.ts";
