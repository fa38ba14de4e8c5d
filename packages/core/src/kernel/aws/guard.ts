import { type DynamoDBClient, DynamoDBServiceException } from "@aws-sdk/client-dynamodb";
import { type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { LRUCache } from "lru-cache";
import { Resource } from "sst";
import { compile, type Judge, type Wish } from "./policy.ts";
import { type PolicyDocument, schoolPolicy } from "./wall.ts";
import { bucketArn, dynamodbWishes, postWishes, s3Wishes, tableArn } from "./wishes.ts";

// Local stages only: the parts that stand in for DynamoDB and S3 know no IAM, so the client asks the policy of the
// school's role itself before it sends. On AWS the services ask it.

let document: PolicyDocument | undefined;
const judges = new LRUCache<string, Judge>({ max: 1000 });

function judgeOf(school: string): Judge {
  const known = judges.get(school);
  if (known) return known;
  document ??= schoolPolicy({
    tableArns: (Resource.LocalCloud?.dataTables ?? []).map(tableArn),
    bucketArns: [bucketArn(Resource.MediaBucket.name), bucketArn(Resource.PackagesBucket.name)],
  });
  const judge = compile(document, { "aws:PrincipalTag/school": school });
  judges.set(school, judge);
  return judge;
}

/** Throws when the school's role may not do one of these, in the words of AWS. */
function require(school: string, wishes: readonly Wish[], Denied: new (message: string) => Error): void {
  const judge = judgeOf(school);
  // What names nothing that could be judged is not let through.
  const refused = wishes.length === 0 ? nothing : wishes.find((wish) => !judge(wish));
  if (refused)
    throw new Denied(
      `User: arn:aws:sts::000000000000:assumed-role/lectern-local-school/${school} is not authorized to perform: ${refused.action} on resource: ${refused.resource} because no identity-based policy allows the ${refused.action} action`,
    );
}

const nothing = { action: "(unknown)", resource: "(none)" } as const;

/** As DynamoDB refuses. */
class DynamodbDenied extends DynamoDBServiceException {
  constructor(message: string) {
    super({ name: "AccessDeniedException", $fault: "client", message, $metadata: { httpStatusCode: 400 } });
  }
}

/** As S3 refuses. */
class S3Denied extends S3ServiceException {
  constructor(message: string) {
    super({ name: "AccessDenied", $fault: "client", message, $metadata: { httpStatusCode: 403 } });
  }
}

type Input = Readonly<Record<string, unknown>>;
const place = { step: "serialize", priority: "high", name: "schoolWall" } as const;

/** Makes the client ask the policy, for the school whose work it is at each request. */
export function guardDynamodb(client: DynamoDBClient, schoolOf: () => string): DynamoDBClient {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      // Every command's input is an object of named members.
      require(schoolOf(), dynamodbWishes(String(context.commandName), args.input as unknown as Input), DynamodbDenied);
      return next(args);
    },
    place,
  );
  return client;
}

/** As `guardDynamodb`. A presigned address passes here too, when it is signed. */
export function guardS3(client: S3Client, schoolOf: () => string): S3Client {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      require(schoolOf(), s3Wishes(String(context.commandName), args.input as unknown as Input), S3Denied);
      return next(args);
    },
    place,
  );
  return client;
}

/** A presigned form is signed without a request: S3 asks for these rights when the form comes in. */
export const requirePost = (school: string, bucket: string, key: string, fields: Record<string, string>): void =>
  require(school, postWishes(bucket, key, fields), S3Denied);
