import { Permission } from "@lectern/core/kernel/permission";
import { Identity, Session } from "@lectern/core/people/identity";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";
import { list } from "../schema.ts";
import { RoleRequest, User } from "./shapes.ts";

const Me = z
  .object({
    ...Identity.Info.shape,
    permissions: z.array(z.object({ permission: z.string(), scope: z.enum(["any", "own"]) })),
  })
  .meta({ id: "Me" });

const SessionInfo = z.object(Session.Info.shape).meta({ id: "Session" });

const Checked = z
  .object({
    permission: z.string(),
    resource: z.object({ type: z.string(), id: z.string() }).optional(),
    context: z.record(z.string(), z.unknown()).optional(),
    allowed: z.boolean(),
    reason: z.string().meta({ description: "Why, in words." }),
  })
  .meta({ id: "PermissionAnswer" });

export const meEndpoints = [
  endpoint({
    method: "get",
    path: "/me",
    tag: "Me",
    summary: "Who am I?",
    description: "The signed-in person with roles and permissions. Rights are read now, not out of the token.",
    permission: "profile.manage",
    rateLimit: limits.read,
    calls: Identity.me,
    responses: { 200: { description: "The signed-in person.", schema: Me } },
    etag: true,
    run: ({ call }) => call({}),
  }),
  endpoint({
    method: "patch",
    path: "/me",
    tag: "Me",
    summary: "Change my profile",
    permission: "profile.manage",
    rateLimit: limits.write,
    calls: Identity.updateMe,
    request: { body: z.object(Identity.updateMe.schema.shape) },
    responses: { 200: { description: "As it is now.", schema: User } },
    current: () => Identity.me({}),
    run: ({ call, body }) => call(body),
  }),
  endpoint({
    method: "put",
    path: "/me/password",
    tag: "Me",
    summary: "Change my password",
    description: "Ends every other session and its tokens.",
    permission: "profile.manage",
    rateLimit: limits.guess,
    calls: Identity.changePassword,
    request: { body: z.object(Identity.changePassword.schema.shape) },
    responses: { 204: { description: "Changed." } },
    run: ({ call, body }) => call(body),
  }),
  endpoint({
    method: "post",
    path: "/me/verification",
    tag: "Me",
    summary: "Send the mail that confirms my address again",
    permission: "profile.manage",
    rateLimit: limits.write,
    calls: Identity.resendMyVerification,
    responses: { 202: { description: "The mail is on the way." } },
    refusals: [409],
    run: ({ call }) => call({}),
  }),
  endpoint({
    method: "get",
    path: "/me/email",
    tag: "Me",
    summary: "Is a change of my address waiting?",
    permission: "profile.manage",
    rateLimit: limits.read,
    calls: Identity.pendingEmail,
    responses: {
      200: { description: "The new address, or null.", schema: z.object({ email: z.string().nullable() }) },
    },
    run: ({ call }) => call({}),
  }),
  endpoint({
    method: "put",
    path: "/me/email",
    tag: "Me",
    summary: "Change my e-mail address",
    description: "Both addresses are mailed. It changes when the new one confirms, and the former one may undo it.",
    permission: "profile.manage",
    rateLimit: limits.guess,
    calls: Identity.changeEmail,
    request: { body: z.object(Identity.changeEmail.schema.shape) },
    responses: { 202: { description: "The mails are on the way." } },
    run: ({ call, body }) => call(body),
  }),
  endpoint({
    method: "delete",
    path: "/me/email",
    tag: "Me",
    summary: "Take a waiting change of my address back",
    permission: "profile.manage",
    rateLimit: limits.write,
    calls: Identity.cancelEmailChange,
    responses: { 204: { description: "No change is waiting." } },
    run: ({ call }) => call({}),
  }),
  endpoint({
    method: "get",
    path: "/me/sessions",
    tag: "Me",
    summary: "Where am I signed in?",
    permission: "profile.manage",
    rateLimit: limits.read,
    calls: Session.list,
    responses: { 200: { description: "Open sessions, the one in use first.", schema: list(SessionInfo) } },
    run: async ({ call }) => ({ items: await call({}) }),
  }),
  endpoint({
    method: "delete",
    path: "/me/sessions",
    tag: "Me",
    summary: "Sign out everywhere",
    permission: "profile.manage",
    rateLimit: limits.write,
    calls: Session.revokeAll,
    request: {
      query: z.object({
        exceptCurrent: z.enum(["true", "false"]).optional().meta({ description: "Keep the session in use." }),
      }),
    },
    responses: {
      200: { description: "How many sessions ended.", schema: z.object({ ended: z.number().int() }) },
    },
    run: ({ call, query }) => call({ exceptCurrent: query.exceptCurrent === "true" }),
  }),
  endpoint({
    method: "delete",
    path: "/me/sessions/{sessionId}",
    tag: "Me",
    summary: "Sign out one session",
    permission: "profile.manage",
    rateLimit: limits.write,
    calls: Session.revoke,
    responses: { 204: { description: "Ended." } },
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "get",
    path: "/me/role-request",
    tag: "Me",
    summary: "My latest request to teach",
    permission: "profile.manage",
    rateLimit: limits.read,
    calls: Identity.myRoleRequest,
    responses: {
      200: { description: "The request, or null.", schema: z.object({ request: RoleRequest.nullable() }) },
    },
    run: async ({ call }) => ({ request: await call({}) }),
  }),
  endpoint({
    method: "post",
    path: "/permissions/check",
    tag: "Me",
    summary: "May I?",
    description: "Up to 100 questions, answered with the reason by the judge that guards every operation.",
    permission: Permission.none("everyone may ask what they themselves may do"),
    rateLimit: limits.read,
    calls: Identity.checkPermissions,
    request: { body: z.object(Identity.checkPermissions.schema.shape) },
    responses: { 200: { description: "The answers, in the order asked.", schema: list(Checked) } },
    run: async ({ call, body }) => ({ items: await call(body) }),
  }),
];
