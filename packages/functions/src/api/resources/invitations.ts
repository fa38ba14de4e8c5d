import { Enrollment } from "@lectern/core/learn/enrollment";
import { Identity } from "@lectern/core/people/identity";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";
import { list, page, pageQuery, role } from "../schema.ts";

const Invitation = z.object(Identity.InvitationInfo.shape).meta({ id: "Invitation" });
const BulkResult = z.object(Identity.BulkResult.shape).meta({ id: "InvitationResult" });
const { roles: _, ...invitation } = Identity.invite.schema.shape;
const { roles: __, ...bulk } = Enrollment.inviteMany.schema.shape;

export const invitationEndpoints = [
  endpoint({
    method: "get",
    path: "/invitations",
    tag: "Invitations",
    summary: "List invitations",
    permission: "user.invite",
    rateLimit: limits.read,
    calls: Identity.invitations,
    request: { query: z.object(pageQuery) },
    responses: { 200: { description: "A page of invitations, newest first.", schema: page(Invitation) } },
    run: ({ call, query }) => call(query),
  }),
  endpoint({
    method: "post",
    path: "/invitations",
    tag: "Invitations",
    summary: "Invite someone by e-mail",
    description:
      "The invitation ends when its inviter is suspended or loses the right to give its roles, and with the API key that wrote it. A key invites learners only (`role.not_yours`).",
    permission: "user.invite",
    rateLimit: limits.invite,
    calls: Identity.invite,
    request: { body: z.object({ ...invitation, roles: z.array(role("A role to give.")).min(1).max(7).optional() }) },
    responses: { 201: { description: "The invitation; its mail is on the way.", schema: Invitation } },
    refusals: [404],
    run: ({ call, body }) => call(body),
  }),
  endpoint({
    method: "post",
    path: "/invitations/bulk",
    tag: "Invitations",
    summary: "Invite up to 200 addresses",
    description:
      "Answers for each address, in order: sent, enrolled (a member, now in the course), member, open (invited already), invalid, over_budget, refused. One that is refused stops no other.",
    permission: "user.invite",
    rateLimit: limits.invite,
    calls: Enrollment.inviteMany,
    request: {
      body: z.object({
        ...bulk,
        addresses: bulk.addresses.meta({ description: "Each an address, or `Name <address>`." }),
        roles: z.array(role("A role to give.")).min(1).max(7).optional(),
      }),
    },
    responses: { 200: { description: "What became of each address.", schema: list(BulkResult) } },
    refusals: [404],
    run: ({ call, body }) => call(body),
  }),
  endpoint({
    method: "post",
    path: "/invitations/{invitationId}/resend",
    tag: "Invitations",
    summary: "Send an invitation again",
    permission: "user.invite",
    rateLimit: limits.invite,
    calls: Identity.resendInvitation,
    responses: { 202: { description: "The mail is on the way; the earlier link stops working.", schema: Invitation } },
    refusals: [409],
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "delete",
    path: "/invitations/{invitationId}",
    tag: "Invitations",
    summary: "Revoke an invitation",
    permission: "user.invite",
    rateLimit: limits.write,
    calls: Identity.revokeInvitation,
    responses: { 200: { description: "The revoked invitation.", schema: Invitation } },
    refusals: [409],
    run: ({ call, params }) => call(params),
  }),
];
