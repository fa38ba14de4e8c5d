import { Session } from "@lectern/core/identity";
import { Actor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { Dynamo } from "@lectern/core/kernel/dynamo";
import { Notify } from "@lectern/core/notify";
import * as z from "zod";
import { Connected, protocol } from "./event.ts";
import { send } from "./send.ts";
import { SocketItem } from "./socket.entity.ts";

// A connection that a page keeps open: who is connected stands in the school's own items, and a page asks over it for the
// number on the bell instead of polling.

/** As long as API Gateway keeps a connection. */
const lifeSeconds = 2 * 60 * 60;

const Asked = z.object({ action: z.literal("badge") });

interface Answer {
  readonly statusCode: number;
  readonly headers?: Record<string, string>;
}

/** `$connect`, `$disconnect` and every message. */
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
  // The browser closes a connection that took up none of the names it offered.
  return { statusCode: 200, headers: { "Sec-WebSocket-Protocol": protocol } };
}

async function disconnect(key: Key): Promise<Answer> {
  await SocketItem().delete(key).go();
  return { statusCode: 200 };
}

async function answer(key: Key, sessionId: string, body: string): Promise<Answer> {
  const asked = Asked.safeParse(parse(body));
  if (!asked.success) return tell(key, { type: "error", code: "message.unknown" });
  // Asked each time: who has signed out since gets no more answers.
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
