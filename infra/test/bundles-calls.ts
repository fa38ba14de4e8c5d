import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { Token } from "@lectern/core/identity";
import { createId } from "@lectern/core/kernel/id";
import { MailLedger } from "@lectern/core/notify";
import type * as secretsManager from "@lectern/local/secretsmanager";
import type * as websocket from "@lectern/local/websocket";
import { asSystem, aUser } from "@lectern/tenants/testing";
import { Resource } from "sst";
import type { Town } from "./bundles-town.ts";
import { recorded } from "./events/index.ts";

// What AWS itself calls functions with, made to fit a town: doors of sockets, turns of secrets, logs, the mail provider's
// words. Tests and the bench of cold starts call with them.

/** What API Gateway sends the authorizer when a page of that host opens a connection with that token. */
export function arriving(host: string, token: string) {
  const event = recorded("socket-authorize");
  Object.assign(event.headers, { Origin: `http://${host}`, "Sec-WebSocket-Protocol": `lectern, ${token}` });
  return event;
}

/** Somebody of the town's school with a session. */
export async function aGuest({ school }: Town) {
  const { userId } = await aUser(school, { roles: ["learner"] });
  const { accessToken } = await asSystem(school, () => Token.issue({ userId }));
  const { sessionId } = await Token.verify(accessToken, school);
  return { userId, accessToken, sessionId, host: `${school.slug}.${Resource.Platform.domain}` };
}

/** Opens a connection; what API Gateway sends of it, by the name of the recording. */
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

/** A secret of ours whose turn has begun: its events, by step, and what it was. */
export function aTurn(vault: Awaited<ReturnType<typeof secretsManager.start>>, name = "InternalKeys") {
  const old = { id: "first", secret: randomBytes(32).toString("base64url") };
  const arn = vault.create(`lectern/test/${name}`, JSON.stringify({ current: old }));
  const ClientRequestToken = vault.begin(arn);
  const event = (Step: string) => ({ ...recorded("rotation"), Step, SecretId: arn, ClientRequestToken });
  return { arn, old, token: ClientRequestToken, event };
}

/** Lines of a log as a subscription hands them over: base64 of gzip. */
export function delivery(messages: readonly string[], messageType = "DATA_MESSAGE") {
  const logs = recorded("logs");
  const [first] = logs.logEvents;
  logs.messageType = messageType;
  logs.logEvents = messages.map((message, at) => ({ ...first, id: `${first.id}${createId("run")}${at}`, message }));
  return { awslogs: { data: gzipSync(JSON.stringify(logs)).toString("base64") } };
}

/** A line as our functions write it. */
export const errorLine = (type: string): string =>
  JSON.stringify({
    ...{ level: "error", time: new Date().toISOString(), release: "r1", endpoint: "GET /courses/:courseSlug" },
    requestId: createId("request"),
    err: { type, message: "the row 17 is odd", stack: `${type}: x\n    at odd (/var/task/handler.mjs:1:1)` },
    msg: "page failed",
  });

/** A mail whose sender died before it could write down that it had been sent, and the provider's word that it has been. */
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
