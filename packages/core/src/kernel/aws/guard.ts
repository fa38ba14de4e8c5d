import { AsyncLocalStorage } from "node:async_hooks";
import { type DynamoDBClient, DynamoDBServiceException } from "@aws-sdk/client-dynamodb";
import { LRUCache } from "lru-cache";
import { Resource } from "sst";
import { compile, type Judge, type Wish } from "./policy.ts";
import { type Door, doorPolicy } from "./shared-tables.ts";
import { type PolicyDocument, schoolPolicy } from "./wall.ts";
import { bucketArn, dynamodbWishes, tableArn } from "./wishes.ts";

// Local stages only: the replacements of DynamoDB and S3 know no IAM, so the client checks the policy of the school's
// role before it sends. On AWS the services check it.

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
export const require = (school: string, wishes: readonly Wish[], Denied: new (message: string) => Error): void =>
  judged(judgeOf(school), `lectern-local-school/${school}`, wishes, Denied);

function judged(
  judge: Judge,
  principal: string,
  wishes: readonly Wish[],
  Denied: new (message: string) => Error,
): void {
  // What names nothing that could be judged is not let through.
  const refused = wishes.length === 0 ? nothing : wishes.find((wish) => !judge(wish));
  if (refused)
    throw new Denied(
      `User: arn:aws:sts::000000000000:assumed-role/${principal} is not authorized to perform: ${refused.action} on resource: ${refused.resource} because no identity-based policy allows the ${refused.action} action`,
    );
}

const nothing = { action: "(unknown)", resource: "(none)" } as const;

/** As DynamoDB refuses. */
class DynamodbDenied extends DynamoDBServiceException {
  constructor(message: string) {
    super({ name: "AccessDeniedException", $fault: "client", message, $metadata: { httpStatusCode: 400 } });
  }
}

export type Input = Readonly<Record<string, unknown>>;
/** Where in a request the policy is asked. */
export const place = { step: "serialize", priority: "high", name: "schoolWall" } as const;

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

/** One per process: the built pages bring a copy of this module with them. */
const shared = globalThis as { lecternDoors?: AsyncLocalStorage<Door | undefined> };
const doors = shared.lecternDoors ?? new AsyncLocalStorage<Door | undefined>();
shared.lecternDoors = doors;

/**
 * Local stages only: runs work with the rights of this door's function on AWS. `undefined` lifts them for work that a
 * request started but does not own.
 */
export const asDoor = <T>(door: Door | undefined, work: () => T): T => doors.run(door, work);

const doorJudges = new Map<Door, Judge>();

function doorJudgeOf(door: Door): Judge {
  const known = doorJudges.get(door);
  if (known) return known;
  const judge = compile(doorPolicy(door, sharedArns()), {});
  doorJudges.set(door, judge);
  return judge;
}

function sharedArns() {
  const { auth = "", directory = "" } = Resource.LocalCloud?.sharedTables ?? {};
  return { auth: tableArn(auth), directory: tableArn(directory) };
}

/** Makes the function's own client check the function's policy for the directory and auth tables. */
export function guardShared(client: DynamoDBClient): DynamoDBClient {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const door = doors.getStore();
      if (door !== undefined) {
        const tables = Object.values(sharedArns());
        const wishes = dynamodbWishes(String(context.commandName), args.input as unknown as Input);
        const here = wishes.filter(({ resource }) => tables.some((arn) => resource.startsWith(arn)));
        if (here.length > 0) judged(doorJudgeOf(door), `lectern-local-${door}`, here, DynamodbDenied);
      }
      return next(args);
    },
    { ...place, name: "sharedTables" },
  );
  return client;
}
