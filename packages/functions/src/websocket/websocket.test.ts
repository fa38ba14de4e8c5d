import type { Route } from "@lectern/core/kernel/actor";
import { Directory, SchoolItem } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { Session, Token } from "@lectern/core/people/identity";
import { Notify } from "@lectern/core/talk/notify";
import * as local from "@lectern/local/websocket";
import { aSchool, asPublic, asSystem, aUser } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { handler as authorize } from "./authorize.ts";
import { handler } from "./handler.ts";
import { SocketItem } from "./socket.entity.ts";

let management: Awaited<ReturnType<typeof local.start>>;
const before = { ...process.env };
beforeAll(async () => {
  management = await local.start();
  // AWS links this resource; a local stage has none.
  const resources = { ...JSON.parse(process.env.SST_RESOURCES_JSON ?? "{}") };
  resources.Socket = { url: "wss://ws.lectern.example", managementEndpoint: management.endpoint };
  Object.assign(process.env, {
    SST_RESOURCES_JSON: JSON.stringify(resources),
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local-secret",
  });
});
afterAll(async () => {
  process.env = before;
  vi.useRealTimers();
  await management.stop();
});

const originOf = ({ slug }: Route): string => `http://${slug}.${Resource.Platform.domain}`;

async function somebody(school: Route) {
  const { userId } = await aUser(school, { roles: ["learner"] });
  const { accessToken } = await asSystem(school, () => Token.issue({ userId }));
  const { sessionId } = await Token.verify(accessToken, school);
  return { userId, sessionId, token: accessToken };
}

const methodArn = "arn:aws:execute-api:us-east-1:123456789012:c5jwxq709g/$default/$connect";
const arriving = (origin: string | undefined, protocols: string | undefined) =>
  authorize({
    type: "REQUEST",
    methodArn,
    headers: { ...(origin && { Origin: origin }), ...(protocols && { "Sec-WebSocket-Protocol": protocols }) },
    requestContext: { connectionId: "c" },
  });

const denied = {
  principalId: "nobody",
  policyDocument: { Statement: [{ Effect: "Deny", Action: "execute-api:Invoke", Resource: methodArn }] },
};

test("a page of the school with the school's token is accepted, for its own connection only", async () => {
  const school = await aSchool();
  const { userId, sessionId, token } = await somebody(school);
  expect(await arriving(originOf(school), `lectern, ${token}`)).toEqual({
    principalId: userId,
    context: { schoolId: school.schoolId, userId, sessionId },
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: methodArn }],
    },
  });
});

test("everybody else is refused", async () => {
  const [school, other] = await Promise.all([aSchool(), aSchool()]);
  const { token } = await somebody(school);
  const [head = "", body = "", seal = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(body, "base64url").toString());
  const forged = (change: object) =>
    `${head}.${Buffer.from(JSON.stringify({ ...claims, ...change })).toString("base64url")}.${seal}`;
  const refused: Record<string, readonly [string | undefined, string | undefined]> = {
    "no token": [originOf(school), "lectern"],
    "no protocol": [originOf(school), undefined],
    "a token alone": [originOf(school), token],
    "another protocol": [originOf(school), `chat, ${token}`],
    "the token first": [originOf(school), `${token}, lectern`],
    "a page of another school": [originOf(other), `lectern, ${token}`],
    "a page of the platform": [`http://${Resource.Platform.domain}`, `lectern, ${token}`],
    "a page of anywhere": ["https://evil.example", `lectern, ${token}`],
    "no page": [undefined, `lectern, ${token}`],
    "a page of nowhere": ["null", `lectern, ${token}`],
    "a token whose words were changed": [originOf(school), `lectern, ${forged({ sub: "user:somebody" })}`],
    "a token made longer": [originOf(school), `lectern, ${forged({ exp: claims.exp + 3600 })}`],
    "a token without a seal": [originOf(school), `lectern, ${head}.${body}.`],
    "a token of another school": [originOf(other), `lectern, ${token}`],
    "not a token": [originOf(school), "lectern, e30.e30.e30"],
  };
  for (const [who, [origin, protocols]] of Object.entries(refused))
    expect([who, await arriving(origin, protocols)]).toMatchObject([who, denied]);
});

test("an expired token, or one of an ended session, is refused", async () => {
  const school = await aSchool();
  const { userId, sessionId, token } = await somebody(school);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61 * 60_000 });
  expect(await arriving(originOf(school), `lectern, ${token}`)).toMatchObject(denied);
  vi.useRealTimers();
  await asPublic(school, () => Session.end({ userId, sessionId }));
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + Session.rememberMs + 1_000 });
  expect(await arriving(originOf(school), `lectern, ${token}`)).toMatchObject(denied);
  vi.useRealTimers();
});

test("connections to a suspended school are refused", async () => {
  const school = await aSchool();
  const { token } = await somebody(school);
  await SchoolItem().patch({ schoolId: school.schoolId }).set({ state: "suspended" }).go();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + Directory.rememberMs + 1_000 });
  expect(await arriving(originOf(school), `lectern, ${token}`)).toMatchObject(denied);
  vi.useRealTimers();
});

test("a malformed event throws, which API Gateway answers as a refusal", async () => {
  for (const event of [{}, { headers: {} }, undefined]) await expect(authorize(event)).rejects.toThrow();
});

/** Returns a person's connection with API Gateway's event. */
async function connected() {
  const school = await aSchool();
  const person = await somebody(school);
  const connectionId = management.open();
  const whose = { schoolId: school.schoolId, userId: person.userId, sessionId: person.sessionId };
  const call = (eventType: string, body?: string, authorizer: object = whose) =>
    handler({ requestContext: { connectionId, requestId: createId("request"), eventType, authorizer }, body });
  const key = { schoolId: school.schoolId, userId: person.userId, connectionId };
  const row = () => asSystem(school, async () => (await SocketItem().get(key).go()).data);
  return { school, person, connectionId, call, row, whose };
}
const badge = JSON.stringify({ action: "badge" });

test("an open connection is in the school's items, for two hours at most, and accepts our subprotocol", async () => {
  const { call, row } = await connected();
  expect(await call("CONNECT")).toEqual({ statusCode: 200, headers: { "Sec-WebSocket-Protocol": "lectern" } });
  const left = ((await row())?.expiresAt ?? 0) - Date.now() / 1000;
  expect(left).toBeGreaterThan(7_100);
  expect(left).toBeLessThanOrEqual(7_200);
  await call("CONNECT"); // delivered twice
  expect(await call("DISCONNECT")).toEqual({ statusCode: 200 });
  expect(await row()).toBeNull();
  expect(await call("DISCONNECT")).toEqual({ statusCode: 200 });
});

test("it gets the current number of unread notifications on request", async () => {
  const { call, connectionId, school, person } = await connected();
  await call("CONNECT");
  await call("MESSAGE", badge);
  await asSystem(school, () =>
    Notify.push({
      ...{ eventId: createId("event"), userId: person.userId, type: "user.registered" },
      ...{ title: "Welcome", body: "", href: "/courses", at: Date.now() },
    }),
  );
  await call("MESSAGE", badge);
  expect(management.messages(connectionId)).toEqual([
    { type: "badge", unread: 0 },
    { type: "badge", unread: 1 },
  ]);
});

test("an unknown message gets an error answer and changes nothing", async () => {
  const { call, connectionId } = await connected();
  for (const body of [
    "",
    "{",
    "null",
    "[]",
    '"badge"',
    '{"action":"drop"}',
    '{"action":["badge"]}',
    "é".repeat(30_000),
  ])
    expect(await call("MESSAGE", body)).toEqual({ statusCode: 200 });
  expect(new Set(management.messages(connectionId).map((each) => JSON.stringify(each)))).toEqual(
    new Set(['{"type":"error","code":"message.unknown"}']),
  );
  expect(management.messages(connectionId)).toHaveLength(8);
});

test("a connection whose session has ended gets no more answers", async () => {
  const { call, connectionId, school, person } = await connected();
  await asPublic(school, () => Session.end({ userId: person.userId, sessionId: person.sessionId }));
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + Session.rememberMs + 1_000 });
  await call("MESSAGE", badge);
  vi.useRealTimers();
  expect(management.messages(connectionId)).toEqual([{ type: "error", code: "session.over" }]);
});

test("a lost connection is removed at the next answer", async () => {
  const { call, connectionId, row } = await connected();
  await call("CONNECT");
  management.close(connectionId);
  expect(await call("MESSAGE", badge)).toEqual({ statusCode: 200 });
  expect(await row()).toBeNull();
});

test("a connection to a removed or suspended school gets nothing", async () => {
  const { call, connectionId, whose, school } = await connected();
  expect(await call("MESSAGE", badge, { ...whose, schoolId: createId("school") })).toEqual({ statusCode: 410 });
  await SchoolItem().patch({ schoolId: school.schoolId }).set({ state: "suspended" }).go();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + Directory.rememberMs + 1_000 });
  expect(await call("MESSAGE", badge)).toEqual({ statusCode: 410 });
  vi.useRealTimers();
  expect(management.messages(connectionId)).toEqual([]);
});

test("a connection without the authorizer's context is not served", async () => {
  const { call } = await connected();
  await expect(call("MESSAGE", badge, {})).rejects.toThrow();
  await expect(call("PING", badge)).rejects.toThrow();
});
