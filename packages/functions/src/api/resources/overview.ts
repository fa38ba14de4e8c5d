import { Overview } from "@lectern/core/learn/overview";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";

const Current = z.object(Overview.Info.shape).meta({ id: "Overview" });

export const overviewEndpoints = [
  endpoint({
    method: "get",
    path: "/overview",
    tag: "School",
    summary: "How the school is doing",
    description:
      "What is left to set up, who is here, what was learned in the last seven days, and which imports failed.",
    permission: "user.read",
    rateLimit: limits.search,
    calls: Overview.get,
    responses: { 200: { description: "As it is now.", schema: Current } },
    run: ({ call }) => call({}),
  }),
  endpoint({
    method: "post",
    path: "/overview/dismiss",
    tag: "School",
    summary: "Dismiss the checklist",
    description: "Only once everything on it is done; for everybody who runs the school.",
    permission: "school.settings",
    rateLimit: limits.write,
    calls: Overview.dismiss,
    responses: { 200: { description: "As it is now.", schema: Current } },
    refusals: [409],
    run: ({ call }) => call({}),
  }),
];
