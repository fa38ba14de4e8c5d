import { Enrollment } from "@lectern/core/learn/enrollment";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";
import { page, pageQuery } from "../schema.ts";

const Enrolled = z.object(Enrollment.Info.shape).meta({ id: "Enrollment" });
const MyEnrollment = z
  .object({
    ...Enrollment.Info.shape,
    course: z.object({ id: z.string(), slug: z.string(), title: z.string() }),
  })
  .meta({ id: "MyEnrollment" });

export const enrollmentEndpoints = [
  endpoint({
    method: "get",
    path: "/enrollments",
    tag: "Enrollments",
    summary: "My enrollments",
    permission: "enrollment.create",
    rateLimit: limits.read,
    calls: Enrollment.mine,
    request: { query: z.object(pageQuery) },
    responses: { 200: { description: "A page of my enrollments, newest first.", schema: page(MyEnrollment) } },
    run: ({ call, query }) => call({ ...query, limit: query.limit ?? 25 }),
  }),
  endpoint({
    method: "post",
    path: "/enrollments",
    tag: "Enrollments",
    summary: "Enroll in a course",
    permission: "enrollment.create",
    rateLimit: limits.write,
    calls: Enrollment.create,
    request: { body: z.object(Enrollment.create.schema.shape) },
    responses: { 201: { description: "The learner is enrolled.", schema: Enrolled } },
    refusals: [404],
    run: ({ call, body }) => call(body),
  }),
  endpoint({
    method: "delete",
    path: "/courses/{courseId}/enrollment",
    tag: "Enrollments",
    summary: "Leave a course",
    description: "What was learned is kept; enrolling again brings it back.",
    permission: "enrollment.create",
    rateLimit: limits.write,
    calls: Enrollment.withdraw,
    responses: { 204: { description: "Left." } },
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "post",
    path: "/courses/{courseId}/enrollments",
    tag: "Enrollments",
    summary: "Enroll someone",
    description: "By the person's id or e-mail address.",
    permission: "enrollment.manage",
    rateLimit: limits.write,
    calls: Enrollment.add,
    request: { body: z.object({ userId: z.string().max(64).optional(), email: z.string().max(254).optional() }) },
    responses: { 201: { description: "The person is enrolled.", schema: Enrolled } },
    run: ({ call, params, body }) => call({ ...params, ...body }),
  }),
  endpoint({
    method: "delete",
    path: "/courses/{courseId}/enrollments/{userId}",
    tag: "Enrollments",
    summary: "Take someone out of a course",
    permission: "enrollment.manage",
    rateLimit: limits.write,
    calls: Enrollment.remove,
    responses: { 204: { description: "Out; progress is kept." } },
    run: ({ call, params }) => call(params),
  }),
];
