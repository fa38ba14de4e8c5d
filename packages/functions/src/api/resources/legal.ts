import { Legal } from "@lectern/core/people/legal";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";
import { list } from "../schema.ts";

const Info = z.object(Legal.Info.shape).meta({ id: "LegalPage" });
const Shown = z
  .object({
    page: z.enum(Legal.pages),
    title: z.string().nullable().meta({ description: "The text's own heading, where it begins with one." }),
    html: z.string().meta({ description: "Sanitized; empty where `url` replaces it." }),
    url: z.string().nullable(),
    changedAt: z.iso.datetime(),
  })
  .meta({ id: "ShownLegalPage" });
const { text, url } = Legal.update.schema.shape;

export const legalEndpoints = [
  endpoint({
    method: "get",
    path: "/legal",
    tag: "School",
    summary: "List the legal pages",
    permission: "school.settings",
    rateLimit: limits.read,
    calls: Legal.list,
    responses: { 200: { description: "All four, the unwritten ones too.", schema: list(Info) } },
    etag: true,
    run: async ({ call }) => ({ items: await call({}) }),
  }),
  endpoint({
    method: "get",
    path: "/legal/{legalPage}",
    tag: "School",
    summary: "Read a legal page",
    permission: "school.read",
    rateLimit: limits.read,
    calls: Legal.read,
    responses: { 200: { description: "As visitors read it.", schema: Shown } },
    etag: true,
    run: ({ call, params }) => call({ page: params.legalPage }),
  }),
  endpoint({
    method: "put",
    path: "/legal/{legalPage}",
    tag: "School",
    summary: "Write a legal page",
    permission: "school.settings",
    rateLimit: limits.write,
    calls: Legal.update,
    request: { body: z.object({ text, url }) },
    responses: {
      200: { description: "As it is now. With neither text nor address, nothing links to it.", schema: Info },
    },
    versioned: "optional",
    run: ({ call, params, body, version }) =>
      call({ page: params.legalPage, ...body, ...(version === undefined ? {} : { version }) }),
  }),
];
