import { Course } from "@lectern/core/learn/course";
import { Progress } from "@lectern/core/learn/progress";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";
import { page, pageQuery } from "../schema.ts";

const Summary = z.object(Progress.Summary.shape).meta({ id: "ProgressSummary" });
// Learners ask after each lesson, and the list of what is left is long, so it has its own address.
const { remaining: _, doneLessonIds: __, ...briefly } = Progress.Summary.shape;
const Brief = z.object(briefly).meta({ id: "ProgressBrief" });
const Explained = z.object(Progress.Explained.shape).meta({ id: "Progress" });
const Learner = z.object(Progress.Learner.shape).meta({ id: "LearnerProgress" });
const RosterItem = z.object(Progress.RosterItem.shape).meta({ id: "RosterItem" });
const DashboardCourse = z.object(Progress.DashboardCourse.shape).meta({ id: "DashboardCourse" });

const { courseId: ___, ...fact } = Progress.record.schema.shape;
const { courseId: ____, ...roster } = Progress.roster.schema.shape;

export const progressEndpoints = [
  endpoint({
    method: "get",
    path: "/dashboard",
    tag: "Progress",
    summary: "My courses, and where to go on",
    permission: "progress.record",
    rateLimit: limits.read,
    calls: Progress.dashboard,
    responses: {
      200: {
        description: "The course to go on with, and all of them.",
        schema: z
          .object({ continue: DashboardCourse.nullable(), courses: z.array(DashboardCourse) })
          .meta({ id: "Dashboard" }),
      },
    },
    run: ({ call }) => call({}),
  }),
  endpoint({
    method: "get",
    path: "/courses/{courseId}/progress",
    tag: "Progress",
    summary: "My progress in a course",
    description: "The percentage, what is left and why, and every fact it follows from.",
    permission: "progress.record",
    rateLimit: limits.read,
    calls: Progress.of,
    responses: { 200: { description: "My progress.", schema: Explained } },
    etag: true,
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "post",
    path: "/courses/{courseId}/progress",
    tag: "Progress",
    summary: "Record a fact",
    description:
      "`opened` remembers where reading goes on, `done` counts, `reopened` takes a tick back. Twice is the same as once.",
    permission: "progress.record",
    rateLimit: limits.progress,
    calls: Progress.record,
    request: { body: z.object(fact) },
    responses: {
      200: {
        description: "My progress now; null after `opened`.",
        schema: z.object({ progress: Brief.nullable() }),
      },
    },
    run: async ({ call, params, body }) => {
      const summary = await call({ ...params, ...body });
      if (!summary) return { progress: null };
      const { remaining: _, doneLessonIds: __, ...progress } = summary;
      return { progress };
    },
  }),
  endpoint({
    method: "get",
    path: "/courses/{courseId}/roster",
    tag: "Progress",
    summary: "Everyone in a course, with progress",
    permission: "progress.read",
    rateLimit: limits.search,
    calls: Progress.roster,
    request: { query: z.object({ ...roster, ...pageQuery }) },
    responses: {
      200: { description: "A page of the roster.", schema: page(RosterItem).extend({ course: Course.Head }) },
    },
    run: ({ call, params, query }) => call({ ...query, ...params }),
  }),
  endpoint({
    method: "get",
    path: "/courses/{courseId}/roster/{userId}",
    tag: "Progress",
    summary: "One learner in a course",
    permission: "progress.read",
    rateLimit: limits.read,
    calls: Progress.learner,
    responses: { 200: { description: "What is done, what is left, and why.", schema: Learner } },
    etag: true,
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "post",
    path: "/courses/{courseId}/roster/{userId}/reset",
    tag: "Progress",
    summary: "Reset a learner's progress",
    description: "Nothing is deleted: facts before it no longer count. The reason goes into the audit trail.",
    permission: "progress.reset",
    rateLimit: limits.write,
    calls: Progress.reset,
    request: { body: z.object({ reason: Progress.reset.schema.shape.reason }) },
    responses: { 200: { description: "The learner's progress now.", schema: Summary } },
    run: ({ call, params, body }) => call({ ...params, ...body }),
  }),
  endpoint({
    method: "post",
    path: "/courses/{courseId}/roster/{userId}/recompute",
    tag: "Progress",
    summary: "Work a learner's progress out anew",
    description: "From every fact, and compares. They always agree; should they not, it is put right.",
    permission: "progress.read",
    rateLimit: limits.heavy,
    calls: Progress.recompute,
    responses: {
      200: { description: "Whether they agreed.", schema: z.object({ agreed: z.boolean(), summary: Summary }) },
    },
    run: ({ call, params }) => call(params),
  }),
];
