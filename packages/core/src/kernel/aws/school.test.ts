import { GetObjectCommand } from "@aws-sdk/client-s3";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Aws } from "./index.ts";
import { type Credentials, credentialsBySchool } from "./school.ts";
import { type AwsServer, asDeployed, awsServer, stsAnswer } from "./testing/aws-server.ts";
import { inSchool } from "./testing/in-school.ts";

describe("on AWS", () => {
  let server: AwsServer;
  const roleArn = "arn:aws:iam::123456789012:role/school";

  beforeAll(async () => {
    server = await awsServer(
      (asked) => stsAnswer(asked) ?? { headers: { "content-type": "application/x-amz-json-1.0" }, body: "{}" },
    );
    asDeployed(server, { SchoolRole: { arn: roleArn }, MediaBucket: { name: "media" }, PackagesBucket: { name: "p" } });
  });
  afterAll(() => server.close());
  beforeEach(() => {
    server.asked.length = 0;
  });

  const get = () => Aws.schoolDynamodb().send(new GetCommand({ TableName: "data", Key: { pk: "x", sk: "y" } }));
  const assumed = () => server.asked.filter(({ body }) => body.includes("Action=AssumeRole"));
  const others = () => server.asked.filter(({ body }) => !body.includes("Action=AssumeRole"));

  test("the role is assumed for the school: its tag, its name, an hour, by the function's own key", async () => {
    await inSchool("sch_one", get);
    const [call] = assumed();
    expect(Object.fromEntries(new URLSearchParams(call?.body))).toMatchObject({
      RoleArn: roleArn,
      RoleSessionName: "sch_one",
      DurationSeconds: "3600",
      "Tags.member.1.Key": "school",
      "Tags.member.1.Value": "sch_one",
    });
    expect(call?.signedBy).toBe("AKIAFUNCTION");
  });

  test("each school's requests are signed as that school, at once and in turn; one call to STS each", async () => {
    const wanted = Array.from({ length: 30 }, (_, at) => `sch_${at % 3}`);
    await Promise.all(wanted.map((school) => inSchool(school, get)));
    expect(assumed()).toHaveLength(3);
    const counts = Map.groupBy(others(), ({ signedBy }) => signedBy);
    expect([...counts.keys()].sort()).toEqual(["KEY-sch_0", "KEY-sch_1", "KEY-sch_2"]);
    for (const [key, requests] of counts) {
      expect(requests).toHaveLength(10);
      for (const { headers } of requests) expect(headers["x-amz-security-token"]).toBe(key.replace("KEY", "token"));
    }
    server.asked.length = 0;
    await inSchool("sch_1", get);
    await inSchool("sch_2", get);
    expect(server.asked.map(({ signedBy }) => signedBy)).toEqual(["KEY-sch_1", "KEY-sch_2"]);
  });

  test("objects, addresses and forms are signed as the school", async () => {
    const command = new GetObjectCommand({ Bucket: "media", Key: "sch_three/x" });
    await inSchool("sch_three", async () => {
      await Aws.schoolS3().send(command);
      expect(others().map(({ signedBy }) => signedBy)).toEqual(["KEY-sch_three"]);
      const address = new URL(await Aws.presignGet(command));
      expect(address.searchParams.get("X-Amz-Credential")).toMatch(/^KEY-sch_three\//);
      expect(address.searchParams.get("X-Amz-Security-Token")).toBe("token-sch_three");
      const { fields } = await Aws.presignPost({ Bucket: "media", Key: "sch_three/x" });
      expect(fields["X-Amz-Security-Token"]).toBe("token-sch_three");
    });
    expect(assumed()).toHaveLength(1);
  });

  test("the function's own client keeps the function's key", async () => {
    await inSchool("sch_one", () => Aws.dynamodb().send(new GetCommand({ TableName: "d", Key: { pk: "x", sk: "y" } })));
    expect(server.asked.map(({ signedBy }) => signedBy)).toEqual(["AKIAFUNCTION"]);
  });

  test("outside an actor nothing is sent", async () => {
    await expect(get()).rejects.toThrow(/no actor/);
    expect(server.asked).toEqual([]);
  });
});

describe("the credentials of a school", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const minutes = (count: number) => vi.setSystemTime(Date.now() + count * 60_000);

  /** Counts what was assumed; each lasts an hour. */
  function counted(fails = () => false) {
    const calls: string[] = [];
    const assume = async (school: string): Promise<Credentials> => {
      calls.push(school);
      if (fails()) throw new Error("STS is away");
      const number = calls.length;
      return {
        accessKeyId: `${school}-${number}`,
        secretAccessKey: "s",
        sessionToken: "t",
        expiration: new Date(Date.now() + 3_600_000),
      };
    };
    let school = "a";
    const provide = credentialsBySchool(() => school, assume);
    const of = async (name: string) => {
      school = name;
      return (await provide()).accessKeyId;
    };
    return { calls, of };
  }

  test("are asked for once, and kept apart", async () => {
    const { calls, of } = counted();
    expect(await Promise.all([of("a"), of("a"), of("b")])).toEqual(["a-1", "a-1", "b-2"]);
    expect(await of("a")).toBe("a-1");
    expect(calls).toEqual(["a", "b"]);
  });

  test("are renewed beside the work before they end, and never handed out with less than 15 minutes", async () => {
    const { calls, of } = counted();
    await of("a");
    minutes(37);
    expect(await of("a")).toBe("a-1");
    expect(calls).toHaveLength(1);
    minutes(2);
    expect(await of("a")).toBe("a-1"); // 21 left: still good for a presigned form, the next one is under way
    await vi.advanceTimersByTimeAsync(0);
    expect(await of("a")).toBe("a-2");
    minutes(50);
    expect(await of("a")).toBe("a-3"); // 10 left: waited for
  });

  test("a renewal that fails beside the work is tried again, and thrown only once there is no other way", async () => {
    let isAway = false;
    const { calls, of } = counted(() => isAway);
    await of("a");
    isAway = true;
    minutes(40);
    expect(await of("a")).toBe("a-1");
    await vi.advanceTimersByTimeAsync(0);
    expect(await of("a")).toBe("a-1");
    await vi.advanceTimersByTimeAsync(0);
    expect(calls).toHaveLength(3);
    minutes(10);
    await expect(of("a")).rejects.toThrow("STS is away");
    isAway = false;
    expect(await of("a")).toBe("a-5");
  });
});
