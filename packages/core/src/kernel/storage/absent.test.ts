import { afterAll, beforeAll, expect, test } from "vitest";
import { type Route, withActor } from "../actor/index.ts";
import { type AwsServer, asDeployed, awsServer, stsAnswer } from "../aws/testing/aws-server.ts";
import { Storage } from "./index.ts";

// S3 answers a role that may list only its own prefix with 403 both for a missing object and for a forbidden one.

let server: AwsServer;
const school = { schoolId: "sch_one", table: "data" } as Route;
const inSchool = <T>(work: () => Promise<T>): Promise<T> =>
  withActor({ type: "system", reason: "test", requestId: "r", school }, work);
const xml = { "content-type": "application/xml" };
const refused = { status: 403, headers: xml, body: "<Error><Code>AccessDenied</Code><Message>no</Message></Error>" };
let listed: readonly string[] = [];

beforeAll(async () => {
  server = await awsServer((asked) => {
    const sts = stsAnswer(asked);
    if (sts) return sts;
    if (!asked.url.includes("list-type=2")) return asked.method === "HEAD" ? { ...refused, body: "" } : refused;
    const contents = listed.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join("");
    return {
      headers: xml,
      body: `<ListBucketResult><KeyCount>${listed.length}</KeyCount>${contents}</ListBucketResult>`,
    };
  });
  asDeployed(server, {
    SchoolRole: { arn: "arn:aws:iam::123456789012:role/school" },
    MediaBucket: { name: "media" },
    PackagesBucket: { name: "packages" },
  });
});
afterAll(() => server.close());

test("what is refused and not in the list is not there", async () => {
  listed = ["sch_one/a/longer"];
  await inSchool(async () => {
    expect(await Storage.head({ key: "sch_one/a" })).toBeUndefined();
    expect(await Storage.get({ key: "sch_one/a", bucket: "packages" })).toBeUndefined();
  });
  expect(server.asked.filter(({ url }) => url.includes("prefix=sch_one%2Fa"))).toHaveLength(2);
});

test("what is refused although it is in the list is an error", async () => {
  listed = ["sch_one/a"];
  await inSchool(async () => {
    await expect(Storage.head({ key: "sch_one/a" })).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    await expect(Storage.get({ key: "sch_one/a" })).rejects.toMatchObject({ name: "AccessDenied" });
  });
});
