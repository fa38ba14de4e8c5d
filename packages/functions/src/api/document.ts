import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from "@asteasolutions/zod-to-openapi";
import * as z from "zod";
import { type Endpoint, isCreation, tags } from "./endpoint.ts";
import { Problem, refusalWords } from "./problem.ts";
import { type PathParam, pathParams } from "./schema.ts";

type Responses = RouteConfig["responses"];

const operationId = (route: Endpoint): string =>
  `${route.method}${route.path.replaceAll(/[{}]/g, "").replaceAll(/[/_-](\w)/g, (_, letter: string) => letter.toUpperCase())}`;

function configOf(route: Endpoint): RouteConfig {
  const { permission, rateLimit } = route;
  const params = Object.fromEntries(route.params.map((name) => [name, pathParams[name as PathParam]]));
  const headers = headersOf(route);
  return {
    method: route.method,
    path: route.path,
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: typeof permission === "string" ? [{ bearer: [] }] : [{}, { bearer: [] }],
    request: {
      ...(route.params.length > 0 ? { params: z.object(params) } : {}),
      ...(route.query ? { query: route.query as z.ZodObject } : {}),
      ...(headers ? { headers } : {}),
      ...(route.body ? { body: { required: true, content: { "application/json": { schema: route.body } } } } : {}),
    },
    responses: responsesOf(route),
    "x-permission": typeof permission === "string" ? permission : { none: permission.none },
    "x-rate-limit": { bucket: rateLimit.bucket, max: rateLimit.max, per: rateLimit.per },
    ...(route.on === "school" ? {} : { "x-host": route.on }),
  };
}

function headersOf(route: Endpoint): z.ZodObject | undefined {
  const shape: Record<string, z.ZodType> = {};
  if (isCreation(route)) {
    shape["Idempotency-Key"] = z.string().min(8).max(128).optional().meta({
      description: "Makes a retry safe: the same key with the same body is answered once and replayed for a day.",
    });
  }
  if (route.versioned || route.current) {
    const need = route.versioned === "required" ? "Required unless the body carries `version`." : "Optional.";
    shape["If-Match"] = z
      .string()
      .max(200)
      .optional()
      .meta({
        description: `The ETag of what you read; 412 when it has changed since. ${need}`,
      });
  }
  if (route.etag && route.method === "get") {
    shape["If-None-Match"] = z.string().max(2000).optional().meta({
      description: "The ETag you have; 304 when it still holds.",
    });
  }
  return Object.keys(shape).length > 0 ? z.object(shape) : undefined;
}

const text = (description: string) => ({ description, schema: { type: "string" as const } });
const count = (description: string) => ({ description, schema: { type: "integer" as const } });

function responsesOf(route: Endpoint): Responses {
  const headers = {
    "X-Request-Id": text("Names this request in our logs."),
    "RateLimit-Limit": count("How many calls the window allows."),
    "RateLimit-Remaining": count("How many are left."),
    "RateLimit-Reset": count("Seconds until the window has passed."),
    ...(route.etag ? { ETag: text("Names this state, for If-None-Match and If-Match.") } : {}),
    ...(route.location ? { Location: text("Where what was created is found.") } : {}),
  };
  const responses: Responses = {
    [route.status]: {
      description: route.reply.description,
      headers,
      ...(route.reply.schema ? { content: { "application/json": { schema: route.reply.schema } } } : {}),
    },
  };
  if (route.etag && route.method === "get") responses[304] = { description: "You have it already." };
  for (const status of route.refusals) {
    responses[status] = {
      description: refusalWords[status] ?? "Refused.",
      content: { "application/json": { schema: Problem } },
    };
  }
  return responses;
}

/** Returns the OpenAPI document of these operations as text. */
export function documentOf(endpoints: readonly Endpoint[]): string {
  const registry = new OpenAPIRegistry();
  for (const route of endpoints) registry.registerPath(configOf(route));
  registry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "An access token of this school, from its sign-in (OAuth 2, code with PKCE). Valid one hour.",
  });
  return JSON.stringify(
    new OpenApiGeneratorV31(registry.definitions).generateDocument({
      openapi: "3.1.0",
      info: {
        title: "Lectern API",
        version: "1.0.0",
        description:
          "Everything a page can do. Called on the school's own host; a token of another school is refused there. " +
          "Lists take `?cursor=&limit=`. Every refusal has the body of `Problem`.",
        license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
      },
      servers: [{ url: "/api/v1", description: "On each school's own host" }],
      tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    }),
    // The generator appends a pattern's flags, which JSON Schema does not support (all patterns are `u`).
    (name, value) => (name === "pattern" && typeof value === "string" ? value.replace(/\/[dgimsuvy]+$/, "") : value),
  );
}
