import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { SESv2Client } from "@aws-sdk/client-sesv2";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Resource } from "sst";

// The only place that constructs AWS clients. On a local stage each gets its part's endpoint; nothing else differs.
type Part = keyof NonNullable<Resource["LocalCloud"]>["endpoints"];

/** Local stages only: where the parts listen. Undefined on AWS. */
export function localCloud(): Resource["LocalCloud"] {
  // A missing resource throws in sst, so the stage is asked first.
  return Resource.App.stage === "local" ? Resource.LocalCloud : undefined;
}

function options(part: Part) {
  const local = localCloud();
  if (!local) return { maxAttempts: 4 };
  return {
    endpoint: local.endpoints[part],
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local-secret" },
    maxAttempts: 4,
  };
}

const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

export const dynamodb = once(() =>
  DynamoDBDocumentClient.from(new DynamoDBClient(options("dynamodb")), {
    marshallOptions: { removeUndefinedValues: true },
  }),
);
export const s3 = once(
  () =>
    new S3Client({
      ...options("s3"),
      forcePathStyle: localCloud() !== undefined,
      // s3rver does not know the newer checksum trailers.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    }),
);
export const sqs = once(() => new SQSClient(options("sqs")));
export const eventbridge = once(() => new EventBridgeClient(options("eventbridge")));
// Sending a mail cannot be repeated safely: who sends decides (functions/src/mail/send.ts), not the client.
export const ses = once(() => new SESv2Client({ ...options("ses"), maxAttempts: 1 }));

export * as Aws from "./index.ts";
