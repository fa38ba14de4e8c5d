import { eq, like, or } from "drizzle-orm";
import type { Db } from "../../kernel/db/index.ts";
import { courseTable } from "./course.sql.ts";

/** Longer ones are cut at a word. */
const slugLength = 60;

/** Words of addresses beside a course's slug, now or one day: `/courses/new`. */
const reserved = new Set(["new", "edit", "enroll", "import", "all", "mine"]);

/**
 * Returns the slug of a title: lower case, without accents, letters and digits of any script joined by hyphens. Never
 * empty and never like an id (ids contain an underscore), so one parameter can take either.
 */
export function slugOf(title: string, fallback = "course"): string {
  const words = title
    .normalize("NFKD")
    .replaceAll(/[\u0300-\u036f'’]/g, "")
    .normalize("NFC")
    .toLowerCase()
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter(Boolean);
  let slug = "";
  for (const word of words) {
    const longer = slug ? `${slug}-${word}` : word;
    if (longer.length > slugLength && slug) break;
    slug = longer
      .slice(0, slugLength)
      .toWellFormed()
      .replace(/\uFFFD$/, "");
  }
  return slug || fallback;
}

/** Hands out slugs that differ from each other and from those taken: `intro`, `intro-2`, `intro-3`. */
export function slugAllocator(taken: Iterable<string> = [], fallback = "lesson"): (title: string) => string {
  const used = new Set(taken);
  return (title) => {
    const base = slugOf(title, fallback);
    let slug = base;
    for (let n = 2; used.has(slug); n++) slug = `${base}-${n}`;
    used.add(slug);
    return slug;
  };
}

/** Returns a slug that no course of this school has now. The unique key decides between concurrent calls. */
export async function freeCourseSlug(tx: Db.Tx, title: string): Promise<string> {
  const base = slugOf(title);
  const rows = await tx
    .select({ slug: courseTable.slug })
    .from(courseTable)
    .where(or(eq(courseTable.slug, base), like(courseTable.slug, `${base}-%`)));
  return slugAllocator([...reserved, ...rows.map((row) => row.slug)], "course")(title);
}
