import { Course } from "@lectern/core/learn/course";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";

const Lesson = z.object(Course.LessonInfo.shape).meta({ id: "Lesson" });
const Module = z
  .object({ id: z.string(), courseId: z.string(), title: z.string(), position: z.number().int() })
  .meta({ id: "Module" });

const Title = z.object({ title: Course.addModule.schema.shape.title });
const Place = z.object({ position: Course.moveModule.schema.shape.position });
const { moduleId: _, ...lesson } = Course.addLesson.schema.shape;
const { lessonId: __, ...changes } = Course.updateLesson.schema.shape;
const { lessonId: ___, ...move } = Course.moveLesson.schema.shape;

export const lessonEndpoints = [
  endpoint({
    method: "post",
    path: "/courses/{courseId}/modules",
    tag: "Authoring",
    summary: "Add a module",
    permission: "course.edit",
    rateLimit: limits.write,
    calls: Course.addModule,
    request: { body: Title },
    responses: { 201: { description: "The module, at the end.", schema: Module } },
    run: ({ call, params, body }) => call({ ...params, ...body }),
  }),
  endpoint({
    method: "patch",
    path: "/modules/{moduleId}",
    tag: "Authoring",
    summary: "Rename a module",
    permission: "course.edit",
    rateLimit: limits.write,
    calls: Course.renameModule,
    request: { body: Title },
    responses: { 200: { description: "As it is now.", schema: Module } },
    run: ({ call, params, body }) => call({ ...params, ...body }),
  }),
  endpoint({
    method: "post",
    path: "/modules/{moduleId}/move",
    tag: "Authoring",
    summary: "Put a module at a place",
    permission: "course.edit",
    rateLimit: limits.write,
    calls: Course.moveModule,
    request: { body: Place },
    responses: { 200: { description: "Where it is now.", schema: Module } },
    run: ({ call, params, body }) => call({ ...params, ...body }),
  }),
  endpoint({
    method: "delete",
    path: "/modules/{moduleId}",
    tag: "Authoring",
    summary: "Remove a module with its lessons",
    permission: "course.edit",
    rateLimit: limits.write,
    calls: Course.removeModule,
    responses: {
      200: {
        description: "How many lessons went with it.",
        schema: z.object({ moduleId: z.string(), courseId: z.string(), lessons: z.number().int() }),
      },
    },
    refusals: [409],
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "post",
    path: "/modules/{moduleId}/lessons",
    tag: "Authoring",
    summary: "Add a lesson",
    description: "A draft unless `status` says `published`. 422 `lesson.empty` for a published one without text.",
    permission: "course.edit",
    rateLimit: limits.write,
    calls: Course.addLesson,
    request: { body: z.object(lesson) },
    responses: { 201: { description: "The lesson.", schema: Lesson } },
    run: ({ call, params, body }) => call({ ...params, ...body }),
  }),
  endpoint({
    method: "patch",
    path: "/lessons/{lessonId}",
    tag: "Authoring",
    summary: "Change a lesson",
    description: "422 `lesson.empty` when it is published with nothing in it.",
    permission: "course.edit",
    rateLimit: limits.write,
    calls: Course.updateLesson,
    request: { body: z.object({ ...changes, version: z.number().int().optional() }) },
    responses: { 200: { description: "As it is now.", schema: Lesson } },
    refusals: [409],
    versioned: "required",
    etag: true,
    run: ({ call, params, body, version }) => call({ ...body, ...params, version }),
  }),
  endpoint({
    method: "post",
    path: "/lessons/{lessonId}/move",
    tag: "Authoring",
    summary: "Put a lesson at a place",
    permission: "course.edit",
    rateLimit: limits.write,
    calls: Course.moveLesson,
    request: { body: z.object(move) },
    responses: { 200: { description: "Where it is now.", schema: Lesson } },
    run: ({ call, params, body }) => call({ ...params, ...body }),
  }),
  endpoint({
    method: "delete",
    path: "/lessons/{lessonId}",
    tag: "Authoring",
    summary: "Remove a lesson",
    permission: "course.edit",
    rateLimit: limits.write,
    calls: Course.removeLesson,
    responses: { 204: { description: "Gone." } },
    refusals: [409],
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "post",
    path: "/lessons/preview",
    tag: "Authoring",
    summary: "What would a source look like?",
    description: "With `courseId`, links to its lessons and files are resolved as well.",
    permission: "course.edit",
    rateLimit: limits.heavy,
    calls: Course.previewSource,
    request: { body: z.object(Course.previewSource.schema.shape) },
    responses: {
      200: {
        description: "As learners would read it.",
        schema: z.object({ html: z.string(), minutes: z.number().int() }),
      },
    },
    refusals: [404],
    run: ({ call, body }) => call(body),
  }),
];
