import { ApiKey } from "@lectern/core/people/api-key";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";
import { list } from "../schema.ts";

const Key = z.object(ApiKey.ApiKeyInfo.shape).meta({ id: "ApiKey" });

export const apiKeyEndpoints = [
  endpoint({
    method: "get",
    path: "/api-keys",
    tag: "API keys",
    summary: "List API keys",
    permission: "integration.manage",
    rateLimit: limits.read,
    calls: ApiKey.list,
    responses: { 200: { description: "The school's keys, those in use first.", schema: list(Key) } },
    run: ({ call }) => call({}),
  }),
  endpoint({
    method: "post",
    path: "/api-keys",
    tag: "API keys",
    summary: "Make an API key",
    permission: "integration.manage",
    rateLimit: limits.write,
    calls: ApiKey.create,
    request: { body: z.object(ApiKey.create.schema.shape) },
    responses: {
      201: {
        description: "The key. `key` is what goes into the Authorization header; it is shown this once.",
        schema: Key.extend({ key: z.string().meta({ example: "lk_01jd3w6q5re9wsjg0pv3r6y2mq_…" }) }).meta({
          id: "NewApiKey",
        }),
      },
    },
    refusals: [409],
    run: ({ call, body }) => call(body),
  }),
  endpoint({
    method: "delete",
    path: "/api-keys/{apiKeyId}",
    tag: "API keys",
    summary: "Revoke an API key",
    permission: "integration.manage",
    rateLimit: limits.write,
    calls: ApiKey.revoke,
    responses: {
      200: {
        description: "It is worthless from now on, everywhere within half a minute.",
        schema: z.object({ id: z.string(), status: z.literal("revoked") }),
      },
    },
    refusals: [409],
    run: ({ call, params }) => call(params),
  }),
];
