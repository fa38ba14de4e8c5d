import { Course } from "@lectern/core/learn/course";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";
import { page, pageQuery, Upload } from "../schema.ts";

const Asset = z.object(Course.AssetInfo.shape).meta({ id: "Asset" });

// Only pages redirect after an upload.
const { courseId: _, redirect: __, ...upload } = Course.uploadAsset.schema.shape;

export const assetEndpoints = [
  endpoint({
    method: "get",
    path: "/courses/{courseId}/assets",
    tag: "Authoring",
    summary: "Files of a course",
    permission: "course.edit",
    rateLimit: limits.read,
    calls: Course.assets,
    request: { query: z.object(pageQuery) },
    responses: { 200: { description: "A page, newest first.", schema: page(Asset) } },
    run: ({ call, params, query }) => call({ ...query, ...params }),
  }),
  endpoint({
    method: "post",
    path: "/courses/{courseId}/assets",
    tag: "Authoring",
    summary: "Begin an upload",
    description: "A presigned form for one file, valid 15 minutes. Confirm it when the file has arrived.",
    permission: "course.edit",
    rateLimit: limits.upload,
    calls: Course.uploadAsset,
    request: { body: z.object(upload) },
    responses: { 201: { description: "Where the file goes.", schema: Upload.extend({ assetId: z.string() }) } },
    run: async ({ call, params, body }) => {
      const { url, fields, key, assetId } = await call({ ...body, ...params });
      return { url, fields: { ...fields }, key, assetId };
    },
  }),
  endpoint({
    method: "post",
    path: "/courses/{courseId}/assets/{assetId}/confirm",
    tag: "Authoring",
    summary: "Confirm an upload",
    description: "The file is looked at: its type is what its content says. Twice is the same as once.",
    permission: "course.edit",
    rateLimit: limits.upload,
    calls: Course.confirmAsset,
    request: { body: z.object({ kind: Course.confirmAsset.schema.shape.kind }) },
    responses: { 200: { description: "A file of the course.", schema: Asset } },
    refusals: [413],
    run: ({ call, params, body }) => call({ ...params, ...body }),
  }),
  endpoint({
    method: "get",
    path: "/assets/{assetId}",
    tag: "Catalog",
    summary: "Where to read a file",
    description: "An address at the storage, valid five minutes, for people who may read the course.",
    permission: "course.read",
    rateLimit: limits.read,
    calls: Course.asset,
    responses: {
      200: {
        description: "The address, and what is behind it.",
        schema: z
          .object({
            url: z.string(),
            fileName: z.string(),
            contentType: z.string(),
            bytes: z.number().int(),
            sha256: z.string(),
          })
          .meta({ id: "AssetAddress" }),
      },
    },
    run: async ({ call, params }) => {
      const { url, fileName, contentType, bytes, sha256 } = await call(params);
      return { url, fileName, contentType, bytes, sha256 };
    },
  }),
];
