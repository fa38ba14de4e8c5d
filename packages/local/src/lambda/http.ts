import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isRecord } from "../util/files.ts";
import { context, type LambdaContext } from "./context.ts";

/** A handler behind a function URL or an HTTP API, payload format 2.0. */
export type HttpHandler = (event: HttpEvent, context: LambdaContext) => Promise<unknown> | unknown;

export interface HttpEvent {
  version: "2.0";
  routeKey: "$default";
  rawPath: string;
  rawQueryString: string;
  cookies?: string[];
  headers: Record<string, string>;
  queryStringParameters?: Record<string, string>;
  requestContext: {
    accountId: string;
    apiId: string;
    domainName: string;
    domainPrefix: string;
    http: { method: string; path: string; protocol: string; sourceIp: string; userAgent: string };
    requestId: string;
    routeKey: "$default";
    stage: "$default";
    time: string;
    timeEpoch: number;
  };
  body?: string;
  isBase64Encoded: boolean;
}

export interface HttpResult {
  status: number;
  headers: Record<string, string>;
  cookies: string[];
  body: Buffer;
}

/** AWS refuses bigger requests before it calls the function. */
export const maxBodyBytes = 6 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Builds the event that AWS would send for this request. */
export function toEvent(request: IncomingMessage, body: Buffer): HttpEvent {
  const [rawPath = "/", ...query] = (request.url ?? "/").split("?");
  const rawQueryString = query.join("?");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (name !== "cookie" && value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
  }
  const cookies = request.headers.cookie?.split(/;\s*/).filter(Boolean);
  const text = body.length > 0 && isText(headers["content-type"] ?? "") && !headers["content-encoding"];
  const now = new Date();
  const domainName = headers.host ?? "localhost";
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    ...(cookies && cookies.length > 0 && { cookies }),
    headers,
    ...(rawQueryString && { queryStringParameters: parameters }),
    requestContext: {
      accountId: "000000000000",
      apiId: "local",
      domainName,
      domainPrefix: domainName.split(".")[0] ?? "",
      http: {
        method: request.method ?? "GET",
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: headers["x-request-id"] ?? randomUUID(),
      routeKey: "$default",
      stage: "$default",
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(text ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !text,
  };
}

const isText = (type: string): boolean =>
  /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded|graphql)|[^;]*\+(json|xml))/i.test(type);

/** Interprets a handler's answer as AWS does: without `statusCode` it becomes the JSON body of a 200. */
export function toResult(answer: unknown): HttpResult {
  if (!isRecord(answer) || answer.statusCode === undefined) {
    const body = typeof answer === "string" ? answer : JSON.stringify(answer ?? null);
    return { status: 200, headers: { "content-type": "application/json" }, cookies: [], body: Buffer.from(body) };
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(isRecord(answer.headers) ? answer.headers : {})) {
    if (value !== undefined && value !== null) headers[name.toLowerCase()] = String(value);
  }
  const body = typeof answer.body === "string" ? answer.body : "";
  return {
    status: Number(answer.statusCode),
    headers,
    cookies: Array.isArray(answer.cookies) ? answer.cookies.map(String) : [],
    body: Buffer.from(body, answer.isBase64Encoded === true ? "base64" : "utf8"),
  };
}

/** Calls the handler for one request. When it throws, the answer is 502, as from the gateway. */
export async function invoke(handler: HttpHandler, request: IncomingMessage, name: string): Promise<HttpResult> {
  const body = await readBody(request);
  if (!body) return plain(413, "Request Entity Too Large");
  const event = toEvent(request, body);
  try {
    return toResult(await handler(event, context(name, event.requestContext.requestId)));
  } catch (error) {
    console.error(error);
    return plain(502, "Internal Server Error");
  }
}

const plain = (status: number, message: string): HttpResult => ({
  status,
  headers: { "content-type": "application/json" },
  cookies: [],
  body: Buffer.from(JSON.stringify({ message })),
});

export function applyHead(result: HttpResult, response: ServerResponse): void {
  response.statusCode = result.status;
  for (const [name, value] of Object.entries(result.headers)) response.setHeader(name, value);
  if (result.cookies.length > 0) response.setHeader("set-cookie", result.cookies);
}
