import { Notify } from "@lectern/core/talk/notify";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";
import { page, pageQuery } from "../schema.ts";

const Notification = z.object(Notify.Info.shape).meta({ id: "Notification" });
const Unread = z.object({ unread: z.number().int() });

export const notificationEndpoints = [
  endpoint({
    method: "get",
    path: "/notifications",
    tag: "Notifications",
    summary: "My notifications",
    permission: "profile.manage",
    rateLimit: limits.read,
    calls: Notify.feed,
    request: { query: z.object(pageQuery) },
    responses: {
      200: { description: "A page, newest first.", schema: page(Notification).extend({ unread: z.number().int() }) },
    },
    run: ({ call, query }) => call(query),
  }),
  endpoint({
    method: "get",
    path: "/notifications/unread",
    tag: "Notifications",
    summary: "The number on the bell",
    permission: "profile.manage",
    rateLimit: limits.read,
    calls: Notify.unread,
    responses: { 200: { description: "How many are unread.", schema: Unread } },
    run: async ({ call }) => ({ unread: await call({}) }),
  }),
  endpoint({
    method: "post",
    path: "/notifications/read",
    tag: "Notifications",
    summary: "Mark as read",
    permission: "profile.manage",
    rateLimit: limits.write,
    calls: Notify.markRead,
    request: { body: Notify.markRead.schema },
    responses: { 200: { description: "How many are left unread.", schema: Unread } },
    run: ({ call, body }) => call(body),
  }),
];
