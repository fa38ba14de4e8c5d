import * as z from "zod";
import * as Secret from "../../kernel/crypto/index.ts";
import { idPattern } from "../../kernel/id/index.ts";

/**
 * Where a person wants to arrive after sign-in. Stored while they wait for a mail, because they may open it in another
 * browser. Path, origin and course are checked again on use.
 */
export const Wish = z.object({
  /** The course to enroll in on arrival. */
  course: z.object({ id: z.string().regex(idPattern("course")), title: z.string().max(200) }).optional(),
  /** A path of the school's site. */
  next: z.string().startsWith("/").max(500).optional(),
  /** The site they came from: the school's subdomain, or a domain of its own. */
  origin: z.string().max(300).optional(),
});
export type Wish = z.infer<typeof Wish>;

const Sealed = z.object({
  schoolId: z.string(),
  wish: Wish,
  /**
   * The sign-in host has just authenticated the person, so the school's host starts a sign-in even for someone signed
   * in.
   */
  isProved: z.boolean().default(false),
});

const seconds = 2 * 60 * 60;

/** Seals a wish into an address, for one school. */
export const sealWish = (sealed: z.input<typeof Sealed>): Promise<string> =>
  Secret.sealForSession("wish", sealed, seconds);

/** What `sealWish` sealed for this school; undefined when it was altered, expired, or is another school's. */
export async function openWish(
  schoolId: string,
  text: string | null | undefined,
): Promise<Omit<z.output<typeof Sealed>, "schoolId"> | undefined> {
  const known = Sealed.safeParse(text && text.length < 4000 ? await Secret.unsealForSession("wish", text) : undefined);
  return known.success && known.data.schoolId === schoolId ? known.data : undefined;
}
