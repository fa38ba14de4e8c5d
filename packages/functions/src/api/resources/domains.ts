import { Domain } from "@lectern/tenants/domain";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";
import { list } from "../schema.ts";

const Info = z.object(Domain.Info.shape).meta({ id: "Domain" });

const byHost = "The name as the list says it (`host`), or as people write it.";

export const domainEndpoints = [
  endpoint({
    method: "get",
    path: "/domains",
    tag: "School",
    summary: "The school's own domains",
    description:
      "Each with the records to set at its DNS provider, how far it is (`requested`, `dns_ok`, `cert_issued`, `active`, `failed`) and what it waits for.",
    permission: "domain.manage",
    rateLimit: limits.read,
    calls: Domain.list,
    responses: { 200: { description: "By name.", schema: list(Info) } },
    run: ({ call }) => call({}),
  }),
  endpoint({
    method: "post",
    path: "/domains",
    tag: "School",
    summary: "Connect a domain of the school's own",
    description:
      "The name becomes an address of the school once its name servers prove that it is meant for it. Until then, other schools may add it too.",
    permission: "domain.manage",
    rateLimit: limits.write,
    calls: Domain.add,
    request: {
      body: z.object({
        host: z.string().max(500).meta({ description: "A name, in any script.", example: "learn.example.edu" }),
      }),
    },
    responses: { 201: { description: "What to set at the DNS provider.", schema: Info } },
    refusals: [409],
    run: ({ call, body }) => call(body),
  }),
  endpoint({
    method: "post",
    path: "/domains/{host}/check",
    tag: "School",
    summary: "Look at a domain now",
    description: `Otherwise it is looked at now and then. One that was given up begins anew. ${byHost}`,
    permission: "domain.manage",
    rateLimit: limits.heavy,
    calls: Domain.check,
    responses: { 202: { description: "As it is; the look follows within seconds.", schema: Info } },
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "delete",
    path: "/domains/{host}",
    tag: "School",
    summary: "Let a domain go",
    description: `It is no address of the school from this moment. ${byHost}`,
    permission: "domain.manage",
    rateLimit: limits.write,
    calls: Domain.remove,
    responses: { 204: { description: "It is gone." } },
    run: ({ call, params }) => call(params),
  }),
];
