import { Directory } from "@lectern/core/kernel/directory";
import { fn } from "@lectern/core/kernel/fn";
import { Permission } from "@lectern/core/kernel/permission";
import { Identity } from "@lectern/core/people/identity";
import { School } from "@lectern/tenants/school";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";

const { owner, ...school } = School.open.schema.shape;
const { email, givenName, familyName } = owner.shape;

/** Callers cannot mark an address as verified: an owner who opens a school here confirms it by mail. */
const NewSchool = z.object({
  ...school,
  owner: z.object({ email, givenName, familyName, password: z.string().min(1).max(1024) }),
});

const Verdict = z
  .object({ ok: z.boolean(), code: z.string().optional(), reason: z.string().optional() })
  .meta({ id: "SlugVerdict" });

const anyone = Permission.none("anyone may ask whether an address is free, to open a school there");

/** The rules first, then whether somebody has it. */
const checkSlug = fn.public(
  anyone.none,
  z.object({ slug: z.string() }),
  async ({ slug }): Promise<z.output<typeof Verdict>> => {
    const verdict = School.checkSlug(slug);
    if (!verdict.ok) return { ok: false, code: verdict.code, reason: verdict.reason };
    const taken = await Directory.byHost(`${slug}.${Directory.platformHost()}`);
    return taken ? { ok: false, code: "school.slug_taken", reason: `The address “${slug}” is taken.` } : { ok: true };
  },
);

export const platformEndpoints = [
  endpoint({
    method: "post",
    path: "/schools",
    tag: "Platform",
    summary: "Open a school",
    permission: Permission.none("anyone may open a school; the limit says how often"),
    rateLimit: limits.openSchool,
    calls: School.open,
    request: { body: NewSchool },
    responses: {
      201: {
        description: "The school is open; its owner is mailed a link to confirm the address.",
        schema: z
          .object({ schoolId: z.string(), slug: z.string(), url: z.string(), ms: z.number() })
          .meta({ id: "OpenedSchool" }),
      },
    },
    on: "platform",
    run: ({ call, body }) => call({ ...body, owner: { ...body.owner, emailVerified: false } }),
  }),
  endpoint({
    method: "get",
    path: "/schools/addresses/{slug}",
    tag: "Platform",
    summary: "Is this address free?",
    permission: anyone,
    rateLimit: { ...limits.search, by: "address" },
    calls: checkSlug,
    responses: { 200: { description: "Yes, or no and why.", schema: Verdict } },
    on: "platform",
    run: ({ call, params }) => call(params),
  }),
  endpoint({
    method: "post",
    path: "/schools/find",
    tag: "Platform",
    summary: "Find my school",
    description: "The answer goes to the inbox, and is the same whether there is one.",
    permission: Permission.none("asked on the platform's host; the answer goes to the inbox only"),
    rateLimit: limits.mail,
    calls: Identity.findSchools,
    request: { body: z.object({ email: Identity.findSchools.schema.shape.email }) },
    responses: { 202: { description: "If a school knows the address, a mail is on the way." } },
    on: "platform",
    run: ({ call, body, context }) => call({ ...body, requestId: context.get("requestId").slice(0, 64) }),
  }),
];
