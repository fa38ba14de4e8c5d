import { Audit } from "@lectern/core/people/audit";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";
import { page, pageQuery } from "../schema.ts";

const Entry = z.object(Audit.Info.shape).meta({ id: "AuditEntry" });

export const auditEndpoints = [
  endpoint({
    method: "get",
    path: "/audit",
    tag: "Audit",
    summary: "The audit trail",
    permission: "school.audit",
    rateLimit: limits.search,
    calls: Audit.list,
    request: { query: z.object({ ...Audit.list.schema.shape, ...pageQuery }) },
    responses: { 200: { description: "A page, newest first.", schema: page(Entry) } },
    run: ({ call, query }) => call(query),
  }),
];
