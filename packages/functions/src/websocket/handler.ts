import { Actor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { Dynamo } from "@lectern/core/kernel/dynamo";
import { Session } from "@lectern/core/people/identity";
import { Notify } from "@lectern/core/talk/notify";
import * as z from "zod";
import { Connected, protocol } from "./event.ts";
import { send } from "./send.ts";
import { SocketItem } from "./socket.entity.ts";

// A page keeps a connection open and asks over it for the number of unread notifications instead of polling. The
// school's items record who is connected.

/** API Gateway's maximum. */
const lifeSeconds = 2 * 60 * 60;

const Asked = z.object({ action: z.literal("badge") });

interface Answer {
  readonly statusCode: number;
  readonly headers?: Record<string, string>;
}

/** Handles `$connect`, `$disconnect` and messages. */
export async function handler(event: unknown): Promise<Answer> {
  const { requestContext, body } = Connected.parse(event);
  const { authorizer, connectionId, requestId } = requestContext;
  const school = await Directory.bySchool(authorizer.schoolId);
  if (school?.state !== "active") return { statusCode: 410 };
  return Actor.withActor({ type: "public", school, requestId }, () => {
    const key = { ...Dynamo.mine(), userId: authorizer.userId, connectionId };
    switch (requestContext.eventType) {
      case "CONNECT":
        return connect(key);
      case "DISCONNECT":
        return disconnect(key);
      case "MESSAGE":
        return answer(key, authorizer.sessionId, body ?? "");
    }
  });
}

interface Key {
  readonly schoolId: string;
  readonly userId: string;
  readonly connectionId: string;
}

async function connect(key: Key): Promise<Answer> {
  const expiresAt = Math.floor(Date.now() / 1000) + lifeSeconds;
  await SocketItem()
    .put({ ...key, expiresAt })
    .go();
  // A browser closes a connection that accepts none of its subprotocols.
  return { statusCode: 200, headers: { "Sec-WebSocket-Protocol": protocol } };
}

async function disconnect(key: Key): Promise<Answer> {
  await SocketItem().delete(key).go();
  return { statusCode: 200 };
}

async function answer(key: Key, sessionId: string, body: string): Promise<Answer> {
  const asked = Asked.safeParse(parse(body));
  if (!asked.success) return tell(key, { type: "error", code: "message.unknown" });
  // Checked per message, so that a signed-out person gets no more answers.
  const actor = await Session.resolve({ userId: key.userId, sessionId });
  if (!actor) return tell(key, { type: "error", code: "session.over" });
  const unread = await Actor.withActor(actor, () => Notify.unread({}));
  return tell(key, { type: "badge", unread });
}

async function tell(key: Key, message: object): Promise<Answer> {
  if (!(await send(key.connectionId, message))) return disconnect(key);
  return { statusCode: 200 };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
