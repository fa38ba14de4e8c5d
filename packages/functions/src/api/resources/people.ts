import { Identity } from "@lectern/core/people/identity";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";
import { list, page, pageQuery, role } from "../schema.ts";
import { User } from "./shapes.ts";

const { role: _, ...filters } = Identity.list.schema.shape;
const { roles: __, ...person } = Identity.create.schema.shape;
const { userId: ___, ...profile } = Identity.update.schema.shape;

export const peopleEndpoints = [
  endpoint({
    method: "get",
    path: "/users",
    tag: "People",
    summary: "List people",
    description: "By family name. Filters by role, department, activity and status; `q` looks in names and addresses.",
    permission: "user.read",
    rateLimit: limits.search,
    calls: Identity.list,
    request: { query: z.object({ ...filters, ...pageQuery, role: role("Only people with this role.").optional() }) },
    responses: { 200: { description: "A page of people.", schema: page(User) } },
    run: ({ call, query }) => call(query),
  }),
  endpoint({
    method: "post",
    path: "/users",
    tag: "People",
    summary: "Create an account",
    description:
      "The address counts as proved. Without a password the person is mailed a link to choose one. An API key sets no password (`key.no_passwords`) and gives no role above learner (`role.not_yours`).",
    permission: "user.manage",
    rateLimit: limits.invite,
    calls: Identity.create,
    request: {
      body: z.object({ ...person, roles: z.array(role("A role to give.")).max(7).optional() }),
    },
    responses: { 201: { description: "The account.", schema: User } },
    location: ({ id }) => `/users/${id}`,
    run: ({ call, body }) => call(body),
  }),
  endpoint({
    method: "get",
    path: "/users/{userId}",
    tag: "People",
    summary: "One person",
    permission: "user.read",
    rateLimit: limits.read,
    calls: Identity.get,
    responses: { 200: { description: "The person.", schema: User } },
    etag: true,
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "patch",
    path: "/users/{userId}",
    tag: "People",
    summary: "Change someone's profile",
    permission: "user.manage",
    rateLimit: limits.write,
    calls: Identity.update,
    request: { body: z.object(profile) },
    responses: { 200: { description: "As it is now.", schema: User } },
    current: ({ params }) => Identity.get(params),
    run: ({ call, params, body }) => call({ ...body, ...params }),
  }),
  endpoint({
    method: "put",
    path: "/users/{userId}/email",
    tag: "People",
    summary: "Change a person's e-mail address",
    description:
      "Both addresses are mailed; the new one confirms. Not by a key; for an owner only by an owner, with their own password again (`auth.password_required`, `auth.wrong_credentials`).",
    permission: "user.manage",
    rateLimit: limits.invite,
    calls: Identity.changeEmailOf,
    request: {
      body: z.object({
        email: Identity.changeEmailOf.schema.shape.email,
        ownPassword: Identity.changeEmailOf.schema.shape.ownPassword,
      }),
    },
    responses: { 202: { description: "The mails are on the way." } },
    refusals: [409],
    run: ({ call, params, body }) => call({ ...params, ...body }),
  }),
  endpoint({
    method: "post",
    path: "/users/{userId}/suspend",
    tag: "People",
    summary: "Suspend an account",
    description: "Ends every session within a minute. An API key suspends learners only (`user.not_by_key`).",
    permission: "user.manage",
    rateLimit: limits.write,
    calls: Identity.suspend,
    responses: { 200: { description: "Suspended.", schema: User } },
    refusals: [409],
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "post",
    path: "/users/{userId}/reinstate",
    tag: "People",
    summary: "Reinstate an account",
    description:
      "An owner only with the caller's own password again: see `POST /users/{userId}/owner/reinstate`. It takes the right to give the roles that come back.",
    permission: "user.manage",
    rateLimit: limits.write,
    calls: Identity.reinstate,
    responses: { 200: { description: "Active again.", schema: User } },
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "post",
    path: "/users/{userId}/owner/reinstate",
    tag: "People",
    summary: "Reinstate an owner",
    description:
      "Only owners do, with their own password again (`auth.password_required`, `auth.wrong_credentials`). All owners get a mail.",
    permission: "user.manage",
    rateLimit: limits.guess,
    calls: Identity.reinstate,
    request: { body: z.object({ ownPassword: Identity.reinstate.schema.shape.ownPassword }) },
    responses: { 200: { description: "Active again.", schema: User } },
    run: ({ call, params, body }) => call({ ...params, ...body }),
  }),
  endpoint({
    method: "put",
    path: "/users/{userId}/roles/{role}",
    tag: "People",
    summary: "Give a role",
    description:
      "Callers give no more than they hold. To make an owner takes the caller's own password: see `POST /users/{userId}/owner`.",
    permission: "role.manage",
    rateLimit: limits.write,
    calls: Identity.grantRole,
    responses: { 200: { description: "The person with the role.", schema: User } },
    refusals: [422],
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "post",
    path: "/users/{userId}/owner",
    tag: "People",
    summary: "Make an owner",
    description:
      "Only owners make owners, with their own password again (`auth.password_required`, `auth.wrong_credentials`). The new owner and all others get a mail.",
    permission: "role.manage",
    rateLimit: limits.guess,
    calls: Identity.grantRole,
    request: { body: z.object({ ownPassword: Identity.grantRole.schema.shape.ownPassword }) },
    responses: { 200: { description: "The person, an owner now.", schema: User } },
    run: ({ call, params, body }) => call({ ...params, ...body, role: "owner" }),
  }),
  endpoint({
    method: "delete",
    path: "/users/{userId}/roles/{role}",
    tag: "People",
    summary: "Take a role",
    permission: "role.manage",
    rateLimit: limits.write,
    calls: Identity.revokeRole,
    responses: { 200: { description: "The person without the role.", schema: User } },
    refusals: [409],
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "get",
    path: "/departments",
    tag: "People",
    summary: "Departments",
    permission: "user.read",
    rateLimit: limits.read,
    calls: Identity.departments,
    responses: {
      200: {
        description: "The departments people have, with how many are in each.",
        schema: list(z.object({ department: z.string(), people: z.number().int() })),
      },
    },
    run: async ({ call }) => ({ items: await call({}) }),
  }),
];
