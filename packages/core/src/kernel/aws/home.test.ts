import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { ListEventBusesCommand } from "@aws-sdk/client-eventbridge";
import { GetFunctionCommand } from "@aws-sdk/client-lambda";
import { GetObjectCommand, HeadBucketCommand } from "@aws-sdk/client-s3";
import { GetAccountCommand } from "@aws-sdk/client-sesv2";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Aws } from "./index.ts";
import { type AwsServer, asDeployed, awsServer, stsAnswer } from "./testing/aws-server.ts";
import { inSchool } from "./testing/in-school.ts";

// A page server may run in another region than its data (infra/places.ts). AWS_REGION then names the wrong region.
const home = "us-east-1";

describe("asked from another region, every client asks at home", () => {
  let server: AwsServer;
  beforeAll(async () => {
    process.env.LECTERN_HOME_REGION = home;
    server = await awsServer(
      (asked) => stsAnswer(asked) ?? { headers: { "content-type": "application/x-amz-json-1.0" }, body: "{}" },
    );
    const roleArn = "arn:aws:iam::123456789012:role/school";
    asDeployed(server, { SchoolRole: { arn: roleArn }, MediaBucket: { name: "media" }, PackagesBucket: { name: "p" } });
    expect(process.env.AWS_REGION).not.toBe(home);
  });
  afterAll(() => server.close());
  beforeEach(() => {
    server.asked.length = 0;
  });

  const item = new GetCommand({ TableName: "data", Key: { pk: "x", sk: "y" } });
  const object = new GetObjectCommand({ Bucket: "media", Key: "sch_one/x" });
  const scopeIn = (credential: string | null | undefined) => credential?.split("/")[2];

  /** One call per client. Those without a network call return the region they signed for. */
  const all: Record<string, () => Promise<unknown>> = {
    dynamodb: () => Aws.dynamodb().send(item),
    schoolDynamodb: () => inSchool("sch_one", () => Aws.schoolDynamodb().send(item)),
    s3: () => Aws.s3().send(new HeadBucketCommand({ Bucket: "media" })),
    schoolS3: () => inSchool("sch_one", () => Aws.schoolS3().send(object)),
    presignGet: async () =>
      scopeIn(new URL(await inSchool("sch_one", () => Aws.presignGet(object))).searchParams.get("X-Amz-Credential")),
    presignPost: async () =>
      scopeIn(
        (await inSchool("sch_one", () => Aws.presignPost({ Bucket: "media", Key: "sch_one/x" }))).fields[
          "X-Amz-Credential"
        ],
      ),
    databaseToken: async () =>
      scopeIn(
        new URL(`https://${await Aws.databaseToken({ host: "db", port: 5432, username: "u" })}`).searchParams.get(
          "X-Amz-Credential",
        ),
      ),
    secretsManager: async () => {
      const { client, GetSecretValueCommand } = await Aws.secretsManager();
      await client.send(new GetSecretValueCommand({ SecretId: "s" }));
    },
    ssm: async () => {
      const { client, GetParametersByPathCommand } = await Aws.ssm();
      await client.send(new GetParametersByPathCommand({ Path: "/p" }));
    },
    sqs: () => Aws.sqs().send(new ListQueuesCommand({})),
    eventbridge: () => Aws.eventbridge().send(new ListEventBusesCommand({})),
    lambda: () => Aws.lambda().send(new GetFunctionCommand({ FunctionName: "f" })),
    ses: () => Aws.ses().send(new GetAccountCommand({})),
  };
  /** CloudFront is in no region, and its requests are always signed for one of them. The others are no clients. */
  const elsewhere = ["Aws", "localCloud", "asDoor", "cloudfront"];

  test("each is asked here", () => {
    expect(Object.keys(Aws).sort()).toEqual([...Object.keys(all), ...elsewhere].sort());
  });

  test.each(Object.entries(all))("%s", async (_, ask) => {
    const answered = await ask();
    const signed = typeof answered === "string" ? [answered] : [];
    const regions = [...signed, ...server.asked.map(({ signedFor }) => signedFor)];
    expect(regions.length).toBeGreaterThan(0);
    expect(new Set(regions)).toEqual(new Set([home]));
  });

  test("the school's role is assumed at home as well, where the way there is open", async () => {
    await inSchool("sch_two", () => Aws.schoolDynamodb().send(item));
    const roles = server.asked.filter(({ body }) => body.includes("Action=AssumeRole"));
    expect(roles.map(({ signedFor }) => signedFor)).toEqual([home]);
  });
});

test("no client of AWS is made without its region and a limit of silence", () => {
  const root = path.resolve(import.meta.dirname, "../../../../..");
  const own = globSync(["packages/{core,tenants,functions,web,cli}/{src,app,server}/**/*.{ts,tsx}", "scripts/*.ts"], {
    cwd: root,
  });
  const sources = own.filter((file) => !/\.test\.tsx?$|\/testing\//.test(file));
  expect(sources.length).toBeGreaterThan(500);
  const made = sources.flatMap((file) =>
    [...readFileSync(path.join(root, file), "utf8").matchAll(/new (\w*Client|Signer)\((.{0,40})/gs)].map(
      ([, client, given = ""]) => ({
        file,
        client,
        isTold: /^(\{?\s*(\.\.\.)?(options\b|onAws\(|schoolOptions\()|localCloud\(\) \? atHome\(options\()/.test(given),
      }),
    ),
  );
  expect(made.filter(({ isTold }) => isTold).length).toBeGreaterThan(15);
  expect(made.filter(({ isTold }) => !isTold)).toEqual([]);
});
