import { Permission, type Role, roleNames } from "@lectern/core/kernel/permission";
import { Legal } from "@lectern/core/people/legal";
import * as z from "zod";

/** Returns a schema for a role by its own name or another system's. */
export function role(description: string) {
  return z
    .string()
    .transform((word, context): Role => {
      const known = Permission.fromAlias(word);
      if (known) return known;
      context.addIssue({ code: "custom", message: `No such role. There are: ${roleNames.join(", ")}.` });
      return z.NEVER;
    })
    .meta({ type: "string", enum: [...roleNames], description, example: "instructor" });
}

/**
 * Path parameters and their description. The schema is loose, so that an impossible id gets the same answer as an
 * unknown one.
 */
const segment = (description: string, example: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/)
    .meta({ description, example });

export const pathParams = {
  apiKeyId: segment("An API key.", "key_01jd3w6q5re9wsjg0pv3r6y2mq"),
  assetId: segment("A file of a course.", "ast_01jd3w6q5re9wsjg0pv3r6y2mq"),
  categoryId: segment("A category of the catalog.", "cat_01jd3w6q5re9wsjg0pv3r6y2mq"),
  courseId: segment("A course, by id or by slug.", "crs_01jd3w6q5re9wsjg0pv3r6y2mq"),
  host: z
    .string()
    .regex(/^[^\s/]{1,253}$/u)
    .meta({ description: "A domain of the school's own.", example: "learn.example.edu" }),
  importId: segment("An import.", "imp_01jd3w6q5re9wsjg0pv3r6y2mq"),
  versionId: segment("An earlier text.", "ver_01jd3w6q5re9wsjg0pv3r6y2mq"),
  invitationId: segment("An invitation.", "inv_01jd3w6q5re9wsjg0pv3r6y2mq"),
  legalPage: z.enum(Legal.pages).meta({ description: "One of the school's legal pages.", example: "privacy" }),
  lessonId: segment("A lesson; where it is only read, its slug will do.", "les_01jd3w6q5re9wsjg0pv3r6y2mq"),
  logoId: segment("An upload of a logo.", "ast_01jd3w6q5re9wsjg0pv3r6y2mq"),
  moduleId: segment("A module of a course.", "mod_01jd3w6q5re9wsjg0pv3r6y2mq"),
  number: segment("The number printed on a certificate.", "LRN-7K2M-9QXT-4F"),
  role: role("A role; words of other systems (student, teacher, super_admin) are understood."),
  roleRequestId: segment("A request for a role.", "rrq_01jd3w6q5re9wsjg0pv3r6y2mq"),
  sessionId: segment("A session.", "ses_01jd3w6q5re9wsjg0pv3r6y2mq"),
  slug: segment("The school's name in its address.", "riverside"),
  userId: segment("A person.", "usr_01jd3w6q5re9wsjg0pv3r6y2mq"),
} as const;

export type PathParam = keyof typeof pathParams;

export type ParamNames<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamNames<Rest>
  : never;

export type ParamsOf<P extends string> = {
  readonly [Name in ParamNames<P>]: Name extends PathParam ? z.output<(typeof pathParams)[Name]> : never;
};

/** Where the client uploads a file. */
export const Upload = z
  .object({
    url: z.string().meta({ description: "POST a form here, the file last, as `file`." }),
    fields: z.record(z.string(), z.string()).meta({ description: "The form's other fields, before the file." }),
    key: z.string(),
  })
  .meta({ id: "Upload" });

/** `?cursor=&limit=` of every list. */
export const pageQuery = {
  cursor: z.string().max(2000).optional().meta({ description: "The `nextCursor` of the page before." }),
  limit: z.coerce.number().int().min(1).max(100).optional().meta({ description: "How many at most.", default: 25 }),
} as const;

/** Returns the schema of one page; `nextCursor` is null on the last. */
export const page = <S extends z.ZodType>(item: S) =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().nullable(),
    total: z.number().int().optional(),
  });

/** Returns the schema of a complete list. */
export const list = <S extends z.ZodType>(item: S) => z.object({ items: z.array(item) });
