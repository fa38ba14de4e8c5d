import { Edge } from "@lectern/core/kernel/edge";
import { aSchool } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { beforeAll, expect, test } from "vitest";
import { handler } from "./handler.ts";
import { Api } from "./index.ts";

// Lambda's handler loads one section at a time, which callers must not notice.

let host: string;
beforeAll(async () => {
  host = `${(await aSchool()).slug}.${Resource.Platform.domain}`;
});

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const asked = [
  ["GET", "/api/v1/school"],
  ["GET", "/api/v1/courses?limit=3"],
  ["HEAD", "/api/v1/courses"],
  ["GET", "/api/v1/courses/"],
  ["GET", "/api/v1/me"],
  ["GET", "/api/v1/%6De"],
  ["GET", "/api/v1/ME"],
  ["GET", "/api/v1//me"],
  ["GET", "/api/v1/courses/nothing/lessons/nothing"],
  ["GET", "/api/v1/schools"],
  ["GET", "/api/v1/nothing"],
  ["GET", "/api/v1/__proto__"],
  ["GET", "/api/v1/%E0%A4%A"],
  ["GET", "/api/v1"],
  ["GET", "/api/v2/me"],
  ["POST", "/api/v1/me"],
  ["PUT", "/api/v1/courses"],
  ["DELETE", "/api/v1/nothing"],
  ["OPTIONS", "/api/v1/courses/crs_1"],
  ["OPTIONS", "/api/v1/nothing"],
  ["GET", "/health"],
  ["GET", "/metrics"],
  ["GET", "/api/v1/openapi.json"],
  ["GET", "/api/docs"],
] as const;

test.each(asked)("%s %s gets the same answer as from the whole API", async (method, target) => {
  const [rawPath = "", rawQueryString = ""] = target.split("?");
  const headers = {
    "x-forwarded-host": host,
    [Edge.header]: Resource.LocalCloud?.localKey,
    "x-request-id": "req_of_a_test",
  };
  const event = {
    ...{ version: "2.0", routeKey: "$default", rawPath, rawQueryString, headers, isBase64Encoded: false },
    requestContext: { http: { method, path: rawPath, sourceIp: "192.0.2.1" }, domainName: "function" },
  };
  const answer = (await handler(event, {})) as Answer;
  const whole = await Api.app().request(`http://function${target}`, {
    method,
    headers: { "x-forwarded-host": host, "x-request-id": "req_of_a_test" },
  });
  expect([answer.statusCode, answer.headers.allow]).toEqual([whole.status, whole.headers.get("allow") ?? undefined]);
  expect(stable(answer.body)).toBe(stable(await whole.text()));
});

/** Uptime differs between responses. */
const stable = (body: string): string => body.replace(/"uptime[^,}]*/, "");
