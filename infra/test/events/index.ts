import { readFileSync } from "node:fs";
import path from "node:path";

// Recorded AWS events; ids, addresses and bodies are filled in from the local cloud.

// biome-ignore lint/suspicious/noExplicitAny: events of every shape.
type Recorded = any;

export const recorded = (name: string): Recorded =>
  JSON.parse(readFileSync(path.join(import.meta.dirname, `${name}.json`), "utf8"));

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly receiptHandle?: string;
}

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

/** A queue message from EventBridge: our event inside its envelope. */
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

export function requestOf(kind: "function-url" | "http-api", request: Request): Recorded {
  const event = recorded(kind);
  const { method = "GET", path: at, headers = {}, cookies = [], body } = request;
  const [rawPath, rawQueryString = ""] = at.split("?");
  Object.assign(event, { rawPath, rawQueryString, headers: { ...event.headers, ...headers } });
  Object.assign(event.requestContext.http, { method, path: rawPath });
  if (rawQueryString) event.queryStringParameters = Object.fromEntries(new URLSearchParams(rawQueryString));
  if (cookies.length > 0) {
    event.cookies = cookies;
    // A function URL keeps cookies in the headers too (aws-lambda-go#597); an HTTP API removes them.
    if (kind === "function-url") event.headers.cookie = cookies.join("; ");
  }
  // The edge sends bodies as base64 unless they are declared as text.
  if (body !== undefined) Object.assign(event, { body: Buffer.from(body).toString("base64"), isBase64Encoded: true });
  return event;
}
