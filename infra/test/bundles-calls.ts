import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { createId } from "@lectern/core/kernel/id";
import { Token } from "@lectern/core/people/identity";
import { MailLedger } from "@lectern/core/talk/notify";
import type * as secretsManager from "@lectern/local/secretsmanager";
import type * as websocket from "@lectern/local/websocket";
import { asSystem, aUser } from "@lectern/tenants/testing";
import { Resource } from "sst";
import type { Town } from "./bundles-town.ts";
import { recorded } from "./events/index.ts";

// Events with which AWS calls functions, filled in for a town: sockets, secret rotation, logs, SES events. Tests and
// the cold start bench use them.

/** API Gateway's authorizer event for a page of that host with that token. */
export function arriving(host: string, token: string) {
  const event = recorded("socket-authorize");
  Object.assign(event.headers, { Origin: `http://${host}`, "Sec-WebSocket-Protocol": `lectern, ${token}` });
  return event;
}

/** Creates a person with a session at the town's school. */
export async function aGuest({ school }: Town) {
  const { userId } = await aUser(school, { roles: ["learner"] });
  const { accessToken } = await asSystem(school, () => Token.issue({ userId }));
  const { sessionId } = await Token.verify(accessToken, school);
  return { userId, accessToken, sessionId, host: `${school.slug}.${Resource.Platform.domain}` };
}

export async function aConnection(town: Town, sockets: Awaited<ReturnType<typeof websocket.start>>) {
  const { userId, sessionId } = await aGuest(town);
  const connectionId = sockets.open();
  const event = (name: string, body?: string) => {
    const made = recorded(name);
    const authorizer = { schoolId: town.school.schoolId, userId, sessionId, principalId: userId };
    Object.assign(made.requestContext, { connectionId, authorizer });
    return body === undefined ? made : { ...made, body };
  };
  return { userId, connectionId, event };
}

/** A secret with an unfinished rotation: its events by step, and its value before. */
export function aTurn(vault: Awaited<ReturnType<typeof secretsManager.start>>, name = "InternalKeys") {
  const old = { id: "first", secret: randomBytes(32).toString("base64url") };
  const arn = vault.create(`lectern/test/${name}`, JSON.stringify({ current: old }));
  const ClientRequestToken = vault.begin(arn);
  const event = (Step: string) => ({ ...recorded("rotation"), Step, SecretId: arn, ClientRequestToken });
  return { arn, old, token: ClientRequestToken, event };
}

/** Log lines as a subscription delivers them: base64 of gzip. */
export function delivery(messages: readonly string[], messageType = "DATA_MESSAGE") {
  const logs = recorded("logs");
  const [first] = logs.logEvents;
  logs.messageType = messageType;
  logs.logEvents = messages.map((message, at) => ({ ...first, id: `${first.id}${createId("run")}${at}`, message }));
  return { awslogs: { data: gzipSync(JSON.stringify(logs)).toString("base64") } };
}

export const errorLine = (type: string): string =>
  JSON.stringify({
    ...{ level: "error", time: new Date().toISOString(), release: "r1", endpoint: "GET /courses/:courseSlug" },
    requestId: createId("request"),
    err: { type, message: "the row 17 is odd", stack: `${type}: x\n    at odd (/var/task/handler.mjs:1:1)` },
    msg: "page failed",
  });

/** A mail whose sender died before it recorded the sending, and SES's event that it was sent. */
export async function aSentMail({ school }: Town, to: string) {
  const timing = { claimMs: 60_000, settleMs: 60_000, isHeard: async () => false };
  const eventId = createId("event");
  const mailId = MailLedger.mailIdOf("enrolled", eventId, to);
  await asSystem(school, async () => {
    await MailLedger.claim({ mailId, template: "enrolled", eventId }, timing);
    await MailLedger.sending(mailId, 1, timing);
  });
  const sent = recorded("mail-sent");
  sent.detail.mail.tags.mail = [mailId];
  sent.detail.mail.tags.school = [school.schoolId];
  return { mailId, sent };
}
