import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Answered, type Asked, type AwsServer, asDeployed, awsServer } from "../aws/testing/aws-server.ts";
import { Internal } from "../internal/index.ts";
import { passwordOf } from "../postgres/index.ts";
import { Secrets, Settings } from "./index.ts";

// As in a deployed function, against a server that speaks the JSON protocols of Secrets Manager and of Parameter Store.

let server: AwsServer;
const arn = (name: string) => `arn:aws:secretsmanager:eu-central-1:123456789012:secret:lectern/${name}`;
const linked = ["SessionSecret", "FinderKey", "OperatorToken", "DatabaseMigratorPassword", "InternalKeys"];
/** By ARN: the version in force, then those before it. */
const versions = new Map<string, string[]>();
let parameters: Record<string, string> = {};
let isAway = false;

const json = (body: object, status = 200): Answered => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.1" },
  body: JSON.stringify(body),
});

function answer({ headers, body }: Asked): Answered {
  // Access denied: what the SDK does not try again, so that these tests need not wait.
  if (isAway) return json({ __type: "AccessDeniedException", message: "away" }, 400);
  const input = JSON.parse(body);
  switch (headers["x-amz-target"]) {
    case "secretsmanager.GetSecretValue": {
      const value = versions.get(input.SecretId)?.[input.VersionStage === "AWSPREVIOUS" ? 1 : 0];
      if (value === undefined) return json({ __type: "ResourceNotFoundException", Message: "none" }, 400);
      return json({ ARN: input.SecretId, SecretString: value, VersionStages: [input.VersionStage] });
    }
    case "AmazonSSM.GetParametersByPath": {
      // One a page, as if there were many.
      const names = Object.keys(parameters).filter((name) => name.startsWith(`${input.Path}/`));
      const at = Number(input.NextToken ?? 0);
      const page = names.slice(at, at + 1).map((Name) => ({ Name, Value: parameters[Name], Type: "String" }));
      return json({ Parameters: page, ...(at + 1 < names.length && { NextToken: String(at + 1) }) });
    }
    default:
      return json({ __type: "UnknownOperationException" }, 400);
  }
}

const reads = (version = "AWSCURRENT"): number =>
  server.asked.filter(({ body }) => body.includes(`"${version}"`)).length;
const turn = (name: string, value: string) => versions.set(arn(name), [value, ...(versions.get(arn(name)) ?? [])]);
// Goes on from test to test: what is kept in memory was kept before.
let now = Date.now();
const pass = (seconds: number) => {
  now += seconds * 1000;
  vi.setSystemTime(now);
};

beforeAll(async () => {
  server = await awsServer(answer);
  asDeployed(server, {
    Secrets: { arns: Object.fromEntries(linked.map((name) => [name, arn(name)])) },
    Settings: { path: "/lectern/production" },
  });
});
afterAll(() => server.close());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  // Beyond whatever the test before has left in memory.
  pass(3600);
  isAway = false;
  versions.clear();
  for (const name of linked) turn(name, `${name}-1`);
  server.asked.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a secret", () => {
  test("is read once for everybody who asks, by its ARN, and kept for five minutes", async () => {
    expect(await Promise.all([Secrets.get("SessionSecret"), Secrets.get("SessionSecret")])).toEqual([
      "SessionSecret-1",
      "SessionSecret-1",
    ]);
    pass(299);
    await Secrets.get("SessionSecret");
    expect(server.asked).toHaveLength(1);
    expect(JSON.parse(server.asked[0]?.body ?? "")).toEqual({
      SecretId: arn("SessionSecret"),
      VersionStage: "AWSCURRENT",
    });
    turn("SessionSecret", "SessionSecret-2");
    pass(2);
    expect(await Secrets.get("SessionSecret")).toBe("SessionSecret-2");
  });

  test("is kept apart from the others", async () => {
    expect(await Promise.all([Secrets.get("FinderKey"), Secrets.get("OperatorToken")])).toEqual([
      "FinderKey-1",
      "OperatorToken-1",
    ]);
  });

  test("that is not linked is an error, and nothing is asked", async () => {
    await expect(Secrets.get("DatabaseProvisionerPassword")).rejects.toThrow(
      /not linked to the secret DatabaseProvisionerPassword/,
    );
    expect(server.asked).toEqual([]);
  });

  test("stays known while Secrets Manager is away; unknown, it is an error", async () => {
    await Secrets.get("FinderKey");
    isAway = true;
    pass(301);
    expect(await Secrets.get("FinderKey")).toBe("FinderKey-1");
    await expect(Secrets.get("DatabaseMigratorPassword")).rejects.toMatchObject({ name: "AccessDeniedException" });
    isAway = false;
    turn("FinderKey", "FinderKey-2");
    pass(301);
    expect(await Secrets.get("FinderKey")).toBe("FinderKey-2");
  });
});

describe("what was made with a secret", () => {
  const isMadeWith = (value: string) => (known: string) => (known === value ? known : undefined);

  test("is accepted with the value in force, without asking for another", async () => {
    expect(await Secrets.accept("SessionSecret", isMadeWith("SessionSecret-1"))).toBe("SessionSecret-1");
    expect(reads("AWSPREVIOUS")).toBe(0);
  });

  test("is accepted with the value before, and with none older", async () => {
    turn("SessionSecret", "SessionSecret-2");
    turn("SessionSecret", "SessionSecret-3");
    expect(await Secrets.accept("SessionSecret", isMadeWith("SessionSecret-2"))).toBe("SessionSecret-2");
    expect(await Secrets.accept("SessionSecret", isMadeWith("SessionSecret-1"))).toBeUndefined();
  });

  test("by another process after a turn is accepted at once: a refusal reads again", async () => {
    await Secrets.get("SessionSecret");
    turn("SessionSecret", "SessionSecret-2");
    pass(10);
    expect(await Secrets.accept("SessionSecret", isMadeWith("SessionSecret-2"))).toBe("SessionSecret-2");
    expect(await Secrets.get("SessionSecret")).toBe("SessionSecret-2");
  });

  test("wrongly is refused, and a thousand forgeries ask no more than once", async () => {
    await Secrets.accept("SessionSecret", isMadeWith("forged"));
    pass(10);
    server.asked.length = 0;
    for (let i = 0; i < 1000; i++) expect(await Secrets.accept("SessionSecret", isMadeWith("forged"))).toBeUndefined();
    expect(reads()).toBe(1);
    expect(reads("AWSPREVIOUS")).toBe(1);
  });

  test("tries each value once", async () => {
    const tried: string[] = [];
    turn("SessionSecret", "SessionSecret-2");
    await Secrets.get("SessionSecret");
    pass(10);
    await Secrets.accept("SessionSecret", (value) => {
      tried.push(value);
      return undefined;
    });
    expect(tried).toEqual(["SessionSecret-2", "SessionSecret-1"]);
  });
});

describe("settings", () => {
  test("are read in one go under the stage's path, page by page, and kept for five minutes", async () => {
    const name = "mail/settle-seconds";
    parameters = {
      "/lectern/production/a": "first page",
      [`/lectern/production/${name}`]: "60",
      [`/lectern/staging/${name}`]: "70",
    };
    expect(await Promise.all([Settings.get(name), Settings.get(name)])).toEqual(["60", "60"]);
    expect(server.asked).toHaveLength(2);
    parameters = { [`/lectern/production/${name}`]: "80" };
    pass(299);
    expect(await Settings.get(name)).toBe("60");
    pass(2);
    expect(await Settings.get(name)).toBe("80");
    isAway = true;
    pass(301);
    expect(await Settings.get(name)).toBe("80");
    // Deleted by hand, it is what it began with.
    isAway = false;
    parameters = {};
    pass(301);
    expect(await Settings.get(name)).toBe("600");
  });
});

test("a role of running code signs in by a token made for it, its host and its port, good for 15 minutes", async () => {
  const password = passwordOf("lectern_app", { host: "proxy.example", port: 5432 });
  if (typeof password === "string") throw new Error("a password stands where a token should be");
  const token = new URL(`https://${await password()}`);
  expect(token.host).toBe("proxy.example:5432");
  expect(Object.fromEntries(token.searchParams)).toMatchObject({
    Action: "connect",
    DBUser: "lectern_app",
    "X-Amz-Expires": "900",
    "X-Amz-Credential": expect.stringMatching(/^AKIAFUNCTION\/\d{8}\/eu-central-1\/rds-db\/aws4_request$/),
  });
  expect(server.asked).toEqual([]);
});

test("an internal call signed with the key of two turns ago is refused, although the version before still has it", async () => {
  const [one, two, three] = ["one", "two", "three"].map((id) => ({ id, secret: id.padEnd(43, "x") }));
  versions.set(arn("InternalKeys"), []);
  turn("InternalKeys", JSON.stringify({ current: one }));
  const call = { method: "GET", target: "/api/internal/v1/things", body: "" };
  const old = await Internal.sign(call);
  turn("InternalKeys", JSON.stringify({ current: two, previous: one }));
  turn("InternalKeys", JSON.stringify({ current: three, previous: two }));
  pass(10);
  // A forgery has the keys read again.
  expect(await Internal.refusalOf(call, old.replace("v1;one;", "v1;four;"))).toBe("not ours");
  expect(await Internal.refusalOf(call, old)).toBe("not ours");
});
