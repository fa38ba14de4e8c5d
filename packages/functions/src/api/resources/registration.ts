import { Permission, roleNames } from "@lectern/core/kernel/permission";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { Identity } from "@lectern/core/people/identity";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";

const token = z.object({ token: Identity.verifyEmail.schema.shape.token });
const UserId = z.object({ userId: z.string() });
/** Only the sign-in host knows these: its browser's secret and its visitor's target. */
const { browser: _, wish: __, ...signUp } = Identity.signUp.schema.shape;

const Opened = z
  .object({
    email: z.string(),
    roles: z.array(z.enum(roleNames)),
    message: z.string(),
    schoolName: z.string(),
    courseTitle: z.string().nullable(),
    hasAccount: z.boolean(),
  })
  .meta({ id: "OpenedInvitation" });

export const registrationEndpoints = [
  endpoint({
    method: "post",
    path: "/registration",
    tag: "Registration",
    summary: "Sign up",
    description: "As the school's sign-up mode allows. The answer is the same when the address has an account.",
    permission: Permission.none("a visitor makes an account; the school's sign-up mode decides"),
    rateLimit: limits.signUp,
    calls: Identity.signUp,
    request: { body: z.object(signUp) },
    responses: { 201: { description: "A verification mail is on the way.", schema: UserId } },
    refusals: [403],
    run: ({ call, body }) => call(body),
  }),
  endpoint({
    method: "post",
    path: "/registration/verification",
    tag: "Registration",
    summary: "Send the verification mail again",
    permission: Permission.none("a visitor asks; the answer tells nothing"),
    rateLimit: limits.mail,
    calls: Identity.resendVerification,
    request: { body: z.object({ email: Identity.resendVerification.schema.shape.email }) },
    responses: { 202: { description: "If there is something to verify, a mail is on the way." } },
    run: ({ call, body }) => call(body),
  }),
  endpoint({
    method: "post",
    path: "/registration/verification/confirm",
    tag: "Registration",
    summary: "Confirm an address",
    description:
      "The mail's token alone confirms nothing: send the password of the sign-up with it. Every other token of the person ends.",
    permission: Permission.none("the token in the mail is the proof"),
    rateLimit: limits.guess,
    calls: Identity.verifyEmail,
    request: { body: token.extend({ password: Identity.verifyEmail.schema.shape.password }) },
    responses: { 200: { description: "Confirmed.", schema: z.object({ userId: z.string(), email: z.string() }) } },
    refusals: [410],
    run: async ({ call, body }) => {
      const { userId, email } = await call(body);
      return { userId, email };
    },
  }),
  endpoint({
    method: "post",
    path: "/password-reset",
    tag: "Registration",
    summary: "Ask for a new password",
    permission: Permission.none("a visitor asks; the answer tells nothing"),
    rateLimit: limits.mail,
    calls: Identity.requestReset,
    request: { body: z.object({ email: Identity.requestReset.schema.shape.email }) },
    responses: { 202: { description: "If the address has an account, a mail is on the way." } },
    run: ({ call, body }) => call(body),
  }),
  endpoint({
    method: "post",
    path: "/password-reset/confirm",
    tag: "Registration",
    summary: "Set a new password",
    description: "Ends every session.",
    permission: Permission.none("the token in the mail is the proof"),
    rateLimit: limits.guess,
    calls: Identity.resetPassword,
    request: { body: z.object(Identity.resetPassword.schema.shape) },
    responses: { 200: { description: "The password is set.", schema: UserId } },
    refusals: [410],
    run: async ({ call, body }) => ({ userId: (await call(body)).userId }),
  }),
  endpoint({
    method: "post",
    path: "/invitations/open",
    tag: "Registration",
    summary: "What does my invitation say?",
    permission: Permission.none("the token in the mail is the proof"),
    rateLimit: limits.guess,
    calls: Enrollment.invitationByToken,
    request: { body: token },
    responses: { 200: { description: "Whom it invites, and as what.", schema: Opened } },
    refusals: [410],
    run: ({ call, body }) => call(body),
  }),
  endpoint({
    method: "post",
    path: "/invitations/accept",
    tag: "Registration",
    summary: "Accept an invitation",
    permission: Permission.none("the token in the mail is the proof"),
    rateLimit: limits.guess,
    calls: Enrollment.acceptInvitation,
    request: { body: z.object(Enrollment.acceptInvitation.schema.shape) },
    responses: { 201: { description: "A member now.", schema: UserId } },
    refusals: [410],
    run: async ({ call, body }) => ({ userId: (await call(body)).userId }),
  }),
];
