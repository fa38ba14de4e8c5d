import { type DomainError, refusalIn, statusOf } from "@lectern/core/kernel/error";
import { log } from "@lectern/core/kernel/log";
import { Trace } from "@lectern/core/kernel/trace";
import { HTTPException } from "hono/http-exception";
import * as z from "zod";

/** Body of every refusal. */
export const Problem = z
  .object({
    code: z.string().meta({ description: "Stable, for programs.", example: "course.not_found" }),
    message: z.string().meta({ description: "For people, safe to show.", example: "That course is not available." }),
    requestId: z.string().meta({ description: "Say it to support.", example: "req_01jd3w6q5re9wsjg0pv3r6y2mq" }),
    fields: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: "What is wrong with which field, by its path.", example: { title: "Too short." } }),
  })
  .meta({ id: "Problem" });

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal that only HTTP has, such as an unknown media type or method. */
export class HttpRefusal extends Error implements Refusal {
  override readonly name = "HttpRefusal";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields?: Readonly<Record<string, string>>,
    readonly headers?: Readonly<Record<string, string>>,
  ) {
    super(message);
  }
}

/** Maps any exception to a refusal. A bug is logged, and the caller learns nothing about it. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof HttpRefusal) return error;
  const refusal = refusalIn(error);
  if (refusal) return fromDomain(refusal);
  if (error instanceof HTTPException && error.status < 500) {
    return { status: error.status, code: "request.malformed", message: "The request cannot be read." };
  }
  log.error({ err: error }, "unhandled error");
  return { status: 500, code: "internal", message: "Something went wrong on our side. It has been noted." };
}

function fromDomain(error: DomainError): Refusal {
  if (error.kind === "suspended") Trace.expected();
  const headers: Record<string, string> = {};
  if (error.retryAfter !== undefined) headers["retry-after"] = String(Math.max(1, Math.ceil(error.retryAfter)));
  // RFC 6750: what is missing or wrong about the credentials.
  if (error.kind === "unauthenticated") {
    headers["www-authenticate"] = error.code === "auth.required" ? "Bearer" : 'Bearer error="invalid_token"';
  }
  return { status: statusOf(error.kind), code: error.code, message: error.message, fields: error.fields, headers };
}

/** Descriptions of refusals in the OpenAPI document. */
export const refusalWords: Record<number, string> = {
  400: "The body is not JSON.",
  401: "Not signed in, or the token is not valid here.",
  403: "Signed in, but not allowed.",
  404: "Not available: it does not exist, or it is not yours to know of.",
  409: "It collides with what is there.",
  410: "It was there and is no more.",
  412: "It has changed since you read it.",
  413: "The body is larger than 1 MB.",
  415: "The body must be application/json.",
  422: "The input is not valid; `fields` says where.",
  428: "Say which version you changed: send If-Match, or `version`.",
  429: "Too many requests; Retry-After says when to come back.",
  503: "The school is suspended, or a part is down; try again later.",
};
