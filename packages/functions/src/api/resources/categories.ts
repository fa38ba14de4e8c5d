import { Category } from "@lectern/core/learn/category";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";
import { list } from "../schema.ts";

const Info = z.object(Category.Info.shape).meta({ id: "Category" });
const Name = z.object({ name: Category.update.schema.shape.name });

export const categoryEndpoints = [
  endpoint({
    method: "get",
    path: "/categories",
    tag: "Catalog",
    summary: "List categories",
    permission: "school.read",
    rateLimit: limits.read,
    calls: Category.list,
    responses: { 200: { description: "All of them, in their order.", schema: list(Info) } },
    etag: true,
    run: async ({ call }) => ({ items: await call({}) }),
  }),
  endpoint({
    method: "post",
    path: "/categories",
    tag: "Catalog",
    summary: "Add a category",
    permission: "category.manage",
    rateLimit: limits.write,
    calls: Category.create,
    request: { body: Name },
    responses: { 201: { description: "The category, at the end.", schema: Info } },
    run: ({ call, body }) => call(body),
  }),
  endpoint({
    method: "patch",
    path: "/categories/{categoryId}",
    tag: "Catalog",
    summary: "Rename a category",
    permission: "category.manage",
    rateLimit: limits.write,
    calls: Category.update,
    request: { body: Name },
    responses: { 200: { description: "As it is now.", schema: Info } },
    refusals: [409],
    run: ({ call, params, body }) => call({ ...params, ...body }),
  }),
  endpoint({
    method: "post",
    path: "/categories/{categoryId}/move",
    tag: "Catalog",
    summary: "Put a category at a place",
    permission: "category.manage",
    rateLimit: limits.write,
    calls: Category.move,
    request: { body: z.object({ position: Category.move.schema.shape.position }) },
    responses: { 200: { description: "All of them, in their new order.", schema: list(Info) } },
    run: async ({ call, params, body }) => ({ items: await call({ ...params, ...body }) }),
  }),
  endpoint({
    method: "delete",
    path: "/categories/{categoryId}",
    tag: "Catalog",
    summary: "Remove a category",
    description: "Its courses stay and have no category then.",
    permission: "category.manage",
    rateLimit: limits.write,
    calls: Category.remove,
    responses: { 204: { description: "Gone." } },
    run: ({ call, params }) => call(params),
  }),
];
