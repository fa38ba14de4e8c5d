import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { GetDistributionTenantCommand } from "@aws-sdk/client-cloudfront";
import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { ListEventBusesCommand } from "@aws-sdk/client-eventbridge";
import { GetAccountCommand } from "@aws-sdk/client-sesv2";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refusalIn } from "../error/index.ts";
import { Storage } from "../storage/index.ts";
import { Aws } from "./index.ts";
import { asDeployed, stsAnswer } from "./testing/aws-server.ts";
import { inSchool } from "./testing/in-school.ts";

// A hanging service accepts the call and never answers, and the SDK would wait forever. This runs each client of the
// factory with a deployed function's limits against such a listener. home.test.ts checks in the sources that all other
// clients have the same limits.

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * The answers besides the role of the school "sch_objects", by a part of the address or of the operation's name. All
 * other calls hang.
 */
const answers = new Map<string, Answer>();
/** How long each service was waited for, call by call, until the client hung up. */
const waited = new Map<string, number[]>();

const server = createServer(async (request, response) => {
  const { headers, url = "" } = request;
  const [, service = ""] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? "") ?? [];
  const role = service === "sts" ? await text(request) : "";
  const known = role.includes("=sch_objects") && stsAnswer({ body: role });
  if (known) return response.writeHead(200, known.headers).end(known.body);
  const asked = [service, headers["x-amz-target"], url].join(" ");
  for (const [part, answer] of answers) if (asked.includes(part)) return answer(request, response);
  const from = performance.now();
  request.socket.once("close", () => waited.set(service, [...(waited.get(service) ?? []), performance.now() - from]));
});

beforeAll(async () => {
  server.keepAliveTimeout = 60_000;
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  asDeployed(
    { url },
    {
      SchoolRole: { arn: "arn:aws:iam::123456789012:role/school" },
      MediaBucket: { name: "media" },
      PackagesBucket: { name: "packages" },
    },
  );
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const item = new GetCommand({ TableName: "data", Key: { pk: "x", sk: "y" } });

/** What asks each service, and the longest it may be waited for. */
const services: Record<string, readonly [ask: () => Promise<unknown>, longestMs: number]> = {
  dynamodb: [() => Aws.dynamodb().send(item), 4_000],
  sqs: [() => Aws.sqs().send(new ListQueuesCommand({})), 5_000],
  events: [() => Aws.eventbridge().send(new ListEventBusesCommand({})), 5_000],
  ses: [() => Aws.ses().send(new GetAccountCommand({})), 13_000],
  // A role is assumed before anything else of a school is asked.
  sts: [() => inSchool("sch_silent", () => Aws.schoolDynamodb().send(item)), 3_000],
  secretsmanager: [
    async () => {
      const { client, GetSecretValueCommand } = await Aws.secretsManager();
      await client.send(new GetSecretValueCommand({ SecretId: "s" }));
    },
    3_000,
  ],
  ssm: [
    async () => {
      const { client, GetParametersByPathCommand } = await Aws.ssm();
      await client.send(new GetParametersByPathCommand({ Path: "/p" }));
    },
    3_000,
  ],
  cloudfront: [
    async () => (await Aws.cloudfront()).client.send(new GetDistributionTenantCommand({ Identifier: "i" })),
    13_000,
  ],
};

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
const timed = async <T>(work: Promise<T>): Promise<readonly [T, number]> => {
  const from = performance.now();
  return [await work, performance.now() - from];
};

// One after the other they would take a minute and a half of waiting.
describe.concurrent("what hangs", () => {
  test("is waited for some seconds, not for ever, whichever service it is, and is away in our words", async () => {
    const all = Object.values(services).map(([ask]) => thrownBy(ask()));
    const [error, ms] = await timed(thrownBy(Aws.eventbridge().send(new ListEventBusesCommand({}))));
    expect(refusalIn(error)).toMatchObject({ kind: "unavailable" });
    // With every attempt, within a reaction's time.
    expect(ms).toBeLessThan(30_000);
    expect([...waited.keys()]).toEqual(expect.arrayContaining(Object.keys(services)));
    for (const [service, [, longestMs]] of Object.entries(services)) {
      const [first = 0] = waited.get(service) ?? [];
      // A busy machine is late.
      expect(first, service).toBeLessThan(longestMs + 5_000);
      expect(first, service).toBeGreaterThan(2_000);
    }
    // What is tried yet again is refused at once.
    for (const service of Object.keys(services)) answers.set(service, (_, response) => response.writeHead(400).end());
    await Promise.all(all);
  });

  const inObjects = <T>(work: () => Promise<T>): Promise<T> => inSchool("sch_objects", work);
  const key = (name: string): string => inSchool("sch_objects", () => Storage.key("brand", name));

  test("is away before a page's time is over, where it is S3", async () => {
    const [error, ms] = await timed(thrownBy(inObjects(() => Storage.head({ key: key("silent") }))));
    expect(refusalIn(error)).toMatchObject({ kind: "unavailable" });
    expect(ms).toBeLessThan(20_000);
  });

  test("is not what S3 does with a large object: that takes as long as it moves", async () => {
    const pieces = 8;
    answers.set("/slow", async (_, response) => {
      response.writeHead(200, { "content-length": String(pieces * 1024) });
      for (let piece = 0; piece < pieces; piece++) {
        await sleep(1_000);
        response.write(Buffer.alloc(1024, "x"));
      }
      response.end();
    });
    const [read, ms] = await timed(inObjects(() => Storage.get({ key: key("slow") })));
    expect(read?.body.length).toBe(pieces * 1024);
    expect(ms).toBeGreaterThan(6_000);
  });

  test("amid an object is away, and what came of it is not taken for the whole", async () => {
    answers.set("/half", (_, response) => {
      response.writeHead(200, { "content-length": "4096" });
      response.write(Buffer.alloc(1024, "x"));
    });
    const error = await thrownBy(inObjects(() => Storage.get({ key: key("half") })));
    expect(refusalIn(error)).toMatchObject({ kind: "unavailable" });
  });
});

// After the others: their attempts would take the connection.
test("a connection between two calls is kept for longer than its service may be silent", async () => {
  answers.clear();
  answers.set("DescribeTable", (request, response) => {
    request.resume();
    ports.push(request.socket.remotePort);
    response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end("{}");
  });
  const ports: (number | undefined)[] = [];
  const describe = () => Aws.dynamodb().send(new DescribeTableCommand({ TableName: "data" }));
  await describe();
  await sleep(4_500);
  await describe();
  expect(ports.length).toBe(2);
  expect(new Set(ports).size).toBe(1);
});
