import { Actor } from "@lectern/core/kernel/actor";
import { fn } from "@lectern/core/kernel/fn";
import { schoolUrl } from "@lectern/core/kernel/url";
import { School } from "@lectern/tenants/school";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";
import { Upload } from "../schema.ts";

const Brand = z
  .object({
    accent: z.string().meta({ description: "CSS hex.", example: "#1f6f54" }),
    font: z.string(),
    radius: z.enum(["sharp", "soft", "round"]),
    logo: z
      .string()
      .nullable()
      .meta({ description: "Key of the logo's file. Confirming an upload sets it; null removes it." }),
    logoDark: z.string().nullable().meta({ description: "Likewise, for dark grounds. Null: `logo` serves both." }),
    logoHasName: z.boolean().meta({ description: "The logo contains the name, so pages write none beside it." }),
    tagline: z.string().nullable(),
  })
  .meta({ id: "Brand" });

const SchoolInfo = z
  .object({
    schoolId: z.string(),
    slug: z.string(),
    name: z.string(),
    url: z.string(),
    locale: z.string(),
    zone: z.string(),
    brand: Brand,
  })
  .meta({ id: "School" });

type Route = ReturnType<typeof Actor.useSchool>;

const toInfo = (school: Route): z.output<typeof SchoolInfo> => ({
  schoolId: school.schoolId,
  slug: school.slug,
  name: school.name,
  url: schoolUrl(school),
  locale: school.locale,
  zone: school.zone,
  brand: {
    accent: school.brand.accent,
    font: school.brand.font,
    radius: school.brand.radius,
    logo: school.brand.logo,
    logoDark: school.brand.logoDark,
    logoHasName: school.brand.logoHasName,
    tagline: school.brand.tagline,
  },
});

// Only pages redirect after an upload.
const { redirect: _, ...upload } = School.uploadLogo.schema.shape;

/** Returns the actor's route without a query. */
const current = fn("school.read", z.object({}), async () => toInfo(Actor.useSchool()));

export const schoolEndpoints = [
  endpoint({
    method: "get",
    path: "/school",
    tag: "School",
    summary: "This school",
    permission: "school.read",
    rateLimit: limits.read,
    calls: current,
    responses: { 200: { description: "Name, address, language and look.", schema: SchoolInfo } },
    etag: true,
    run: ({ call }) => call({}),
  }),
  endpoint({
    method: "patch",
    path: "/school/brand",
    tag: "School",
    summary: "Change name and look",
    description: "What is left out stays. Every accent is made readable: contrast is computed, never trusted.",
    permission: "school.brand",
    rateLimit: limits.write,
    calls: School.setBrand,
    request: { body: z.object(School.setBrand.schema.shape) },
    responses: { 200: { description: "As it is now.", schema: SchoolInfo } },
    current: () => current({}),
    run: async ({ call, body }) => toInfo(await call(body)),
  }),
  endpoint({
    method: "post",
    path: "/school/logo",
    tag: "School",
    summary: "Begin the upload of a logo",
    description:
      "A presigned form for one picture (PNG, JPEG, WebP, AVIF, GIF or SVG) of at most 512 KB, valid 15 minutes. Confirm it when the file has arrived.",
    permission: "school.brand",
    rateLimit: limits.upload,
    calls: School.uploadLogo,
    request: { body: z.object(upload) },
    responses: { 201: { description: "Where the file goes.", schema: Upload.extend({ logoId: z.string() }) } },
    run: async ({ call, body }) => {
      const { url, fields, key, logoId } = await call(body);
      return { url, fields: { ...fields }, key, logoId };
    },
  }),
  endpoint({
    method: "post",
    path: "/school/logo/{logoId}/confirm",
    tag: "School",
    summary: "Confirm the upload of a logo",
    description:
      "The content of the file decides its type; an SVG is rewritten from an allow list, and one with scripts, links or references to other files is refused. It is the logo from now on. Twice is the same as once.",
    permission: "school.brand",
    rateLimit: limits.upload,
    calls: School.confirmLogo,
    request: { query: z.object({ ground: School.confirmLogo.schema.shape.ground }) },
    responses: { 200: { description: "The school with its logo.", schema: SchoolInfo } },
    refusals: [413],
    run: async ({ call, params, query }) => toInfo(await call({ ...params, ...query })),
  }),
];
