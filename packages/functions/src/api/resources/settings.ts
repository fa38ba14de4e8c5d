import { Settings } from "@lectern/core/people/settings";
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { limits } from "../limits.ts";

const Current = z.object(Settings.Info.shape).meta({ id: "Settings" });
const SignUp = z
  .object({
    mode: z.enum(Settings.signUpModes),
    domains: z.array(z.string()),
    instructorRequests: z.boolean().meta({ description: "Whether people may ask to teach." }),
  })
  .meta({ id: "SignUpMode" });

export const settingsEndpoints = [
  endpoint({
    method: "get",
    path: "/settings",
    tag: "School",
    summary: "Settings",
    permission: "school.settings",
    rateLimit: limits.read,
    calls: Settings.get,
    responses: { 200: { description: "The settings; `version` is what If-Match compares.", schema: Current } },
    etag: true,
    run: ({ call }) => call({}),
  }),
  endpoint({
    method: "patch",
    path: "/settings",
    tag: "School",
    summary: "Change settings",
    permission: "school.settings",
    rateLimit: limits.write,
    calls: Settings.update,
    request: { body: z.object(Settings.update.schema.shape) },
    responses: { 200: { description: "As they are now.", schema: Current } },
    versioned: "optional",
    run: ({ call, body, version }) => call({ ...body, ...(version === undefined ? {} : { version }) }),
  }),
  endpoint({
    method: "get",
    path: "/sign-up-mode",
    tag: "School",
    summary: "How does one join?",
    permission: "school.read",
    rateLimit: limits.read,
    calls: Settings.signUp,
    responses: { 200: { description: "Open, by e-mail domain, or by invitation.", schema: SignUp } },
    run: ({ call }) => call({}),
  }),
];
