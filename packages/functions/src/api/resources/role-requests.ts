import { Identity } from "@lectern/core/people/identity";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";
import { page, pageQuery } from "../schema.ts";
import { RoleRequest } from "./shapes.ts";

export const roleRequestEndpoints = [
  endpoint({
    method: "get",
    path: "/role-requests",
    tag: "People",
    summary: "List requests to teach",
    permission: "role.manage",
    rateLimit: limits.read,
    calls: Identity.roleRequests,
    request: { query: z.object({ ...Identity.roleRequests.schema.shape, ...pageQuery }) },
    responses: { 200: { description: "A page of requests, newest first.", schema: page(RoleRequest) } },
    run: ({ call, query }) => call(query),
  }),
  endpoint({
    method: "post",
    path: "/role-requests",
    tag: "People",
    summary: "Apply as instructor",
    permission: "profile.manage",
    rateLimit: limits.write,
    calls: Identity.applyAsInstructor,
    request: { body: z.object(Identity.applyAsInstructor.schema.shape) },
    responses: { 201: { description: "It waits for an admin's answer.", schema: z.object({ id: z.string() }) } },
    run: ({ call, body }) => call(body),
  }),
  endpoint({
    method: "post",
    path: "/role-requests/{roleRequestId}/decision",
    tag: "People",
    summary: "Answer a request to teach",
    permission: "role.manage",
    rateLimit: limits.write,
    calls: Identity.decideRoleRequest,
    request: { body: z.object({ approve: Identity.decideRoleRequest.schema.shape.approve }) },
    responses: { 200: { description: "The answered request.", schema: RoleRequest } },
    refusals: [409],
    run: ({ call, params, body }) => call({ ...params, ...body }),
  }),
];
