import { CourseImport } from "@lectern/core/learn/course-import";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";
import { page, pageQuery, Upload } from "../schema.ts";

const Import = z.object(CourseImport.Info.shape).meta({ id: "Import" });
const Listed = z.object(CourseImport.Listed.shape).meta({ id: "ImportSummary" });

export const importEndpoints = [
  endpoint({
    method: "get",
    path: "/imports",
    tag: "Imports",
    summary: "List imports",
    permission: "course.create",
    rateLimit: limits.read,
    calls: CourseImport.list,
    request: { query: z.object(pageQuery) },
    responses: { 200: { description: "A page, newest first; reports are left out.", schema: page(Listed) } },
    run: ({ call, query }) => call(query),
  }),
  endpoint({
    method: "post",
    path: "/imports",
    tag: "Imports",
    summary: "Begin an import",
    description: "A presigned form for a zip of Markdown or a Common Cartridge of at most 512 MB, valid 15 minutes.",
    permission: "course.create",
    rateLimit: limits.upload,
    calls: CourseImport.upload,
    responses: { 201: { description: "Where the package goes.", schema: Upload.extend({ importId: z.string() }) } },
    // Only pages redirect after an upload.
    run: async ({ call }) => {
      const { url, fields, key, importId } = await call({ redirect: null });
      return { url, fields: { ...fields }, key, importId };
    },
  }),
  endpoint({
    method: "post",
    path: "/imports/{importId}/start",
    tag: "Imports",
    summary: "Start an import",
    description: "When the package has arrived. Asked twice it starts once; read it again until it is done.",
    permission: "course.create",
    rateLimit: limits.upload,
    calls: CourseImport.start,
    responses: { 202: { description: "The worker has it.", schema: Import } },
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "get",
    path: "/imports/{importId}",
    tag: "Imports",
    summary: "How far is an import?",
    permission: "course.edit",
    rateLimit: limits.read,
    calls: CourseImport.get,
    responses: { 200: { description: "Its state, and its report when it is done.", schema: Import } },
    etag: true,
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "post",
    path: "/imports/{importId}/undo",
    tag: "Imports",
    summary: "Undo an import",
    description: "Deletes the draft it made, unless it is published or has learners.",
    permission: "course.delete",
    rateLimit: limits.write,
    calls: CourseImport.undo,
    responses: { 200: { description: "Undone.", schema: Import } },
    refusals: [409],
    run: ({ call, params }) => call(params),
  }),
];
