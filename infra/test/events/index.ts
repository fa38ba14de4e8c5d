import { readFileSync } from "node:fs";
import path from "node:path";

// Events as AWS sends them, recorded; ids, addresses and bodies are filled in from what stands in the local cloud.

/** Anything, at any depth: a recorded event is changed in a place or two and then handed over as it is. */
// biome-ignore lint/suspicious/noExplicitAny: events of every shape.
type Recorded = any;

/** A fresh copy of a recorded event. */
export const recorded = (name: string): Recorded =>
  JSON.parse(readFileSync(path.join(import.meta.dirname, `${name}.json`), "utf8"));

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly receiptHandle?: string;
}

/** A batch of a queue. */
export function batchOf(queue: string, messages: readonly Message[]): Recorded {
  const event = recorded("queue");
  const [record] = event.Records;
  event.Records = messages.map(({ id, body, receiptHandle = record.receiptHandle }) => ({
    ...record,
    messageId: id,
    body,
    receiptHandle,
    eventSourceARN: `arn:aws:sqs:us-east-1:123456789012:lectern-production-${queue}`,
  }));
  return event;
}

/** The body of a queue's message that EventBridge put there: our event inside its own envelope. */
export const onBus = <E extends { readonly type: string }>(envelope: E): string =>
  JSON.stringify({
    ...recorded("bus"),
    "detail-type": envelope.type,
    source: `lectern.${envelope.type.split(".")[0]}`,
    detail: envelope,
  });

export interface Request {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
}

/** A request to a function URL or to an HTTP API: payload 2.0 both. */
export function requestOf(kind: "function-url" | "http-api", request: Request): Recorded {
  const event = recorded(kind);
  const { method = "GET", path: at, headers = {}, cookies = [], body } = request;
  const [rawPath, rawQueryString = ""] = at.split("?");
  Object.assign(event, { rawPath, rawQueryString, headers: { ...event.headers, ...headers } });
  Object.assign(event.requestContext.http, { method, path: rawPath });
  if (rawQueryString) event.queryStringParameters = Object.fromEntries(new URLSearchParams(rawQueryString));
  if (cookies.length > 0) {
    event.cookies = cookies;
    // A function URL leaves them among the headers as well (aws-lambda-go#597); an HTTP API takes them out.
    if (kind === "function-url") event.headers.cookie = cookies.join("; ");
  }
  // The edge's requests come with their bodies as base64 unless they say that they are text.
  if (body !== undefined) Object.assign(event, { body: Buffer.from(body).toString("base64"), isBase64Encoded: true });
  return event;
}
