import { eq, inArray, sql } from "drizzle-orm";
import * as z from "zod";
import { renderPage } from "../../content/rendering/index.ts";
import { useSchool } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { lines } from "../../util/text/index.ts";
import * as Audit from "../audit/index.ts";
import { Events } from "../settings/index.ts";
import { settingTable } from "../settings/settings.sql.ts";
import { type Page, pages, pathOf } from "./links.ts";

export { type Link, labels, linksOf, type Page, pages, pathOf, platformLinks } from "./links.ts";
export { platformLegal, variables } from "./platform.ts";

const maxCharacters = 60_000;

const Url = z
  .string()
  .trim()
  .max(500, "That address is too long.")
  .refine(
    (text) => /^https:\/\//i.test(text) && URL.canParse(text),
    "Please give an address that begins with https://.",
  )
  .transform((text) => new URL(text).href);

const Text = z
  .string()
  .transform((text) => lines(text).trim())
  .pipe(z.string().max(maxCharacters, `A text has at most ${maxCharacters.toLocaleString("en")} characters.`));

/** One of the school's legal pages. Hidden while it has neither text nor address. */
export const Info = z.object({
  page: z.enum(pages),
  /** Markdown; "" for none. */
  text: z.string(),
  /** A page elsewhere that replaces the text, or null. */
  url: z.string().nullable(),
  /** ISO instant of the last change, or null. */
  changedAt: z.string().nullable(),
  /** Rises with each change; an update that names an older one is refused (412). */
  version: z.number().int(),
});
export type Info = z.infer<typeof Info>;

/** The row. The HTML is rendered when it is written, as a lesson's is. */
const Stored = z.object({
  text: z.string(),
  html: z.string(),
  /** The text's own heading, which the page shows as its title. */
  title: z.string().nullable(),
  url: z.string().nullable(),
});

const keyOf = (page: Page): string => `legal.${page}`;

/** The school's four legal pages as its admins edit them. */
export const list = fn.any("school.settings", z.object({}).default({}), () => Db.use(readAll));

/** One page as visitors read it. Public. @throws legal.not_found where the school has written none */
export const read = fn.any("school.read", z.object({ page: z.enum(pages) }), ({ page }) =>
  Db.use(async (tx) => {
    const [row] = await tx
      .select()
      .from(settingTable)
      .where(eq(settingTable.key, keyOf(page)));
    const stored = row && Stored.parse(row.value);
    if (!row || !stored || (stored.text === "" && !stored.url))
      throw new DomainError("not_found", "legal.not_found", "This school has not written that page.");
    const { html, title, url } = stored;
    return { page, title, html: url ? "" : html, url, changedAt: row.updatedAt.toISOString() };
  }),
);

/** Replaces one page. `version` is what the caller has seen (If-Match); without it, the last wins. */
export const update = fn.any(
  "school.settings",
  z.object({
    page: z.enum(pages),
    text: Text.default(""),
    url: Url.nullable().default(null),
    version: z.number().int().optional(),
  }),
  async ({ page, text, url, version }): Promise<Info> => {
    const value = { text, url, ...(await rendered(text)) };
    return Db.use(async (tx) => {
      const before = (await readAll(tx)).find((each) => each.page === page);
      const seen = before?.version ?? 0;
      if (version !== undefined && version !== seen) throw stale();
      const [row] = await tx
        .insert(settingTable)
        .values({ key: keyOf(page), value, version: seen + 1 })
        .onConflictDoUpdate({
          target: settingTable.key,
          set: { value, version: sql`${settingTable.version} + 1`, updatedAt: new Date() },
          setWhere: eq(settingTable.version, seen),
        })
        .returning({ version: settingTable.version, updatedAt: settingTable.updatedAt });
      if (!row) throw stale();
      await Audit.record({
        action: "legal.changed",
        targetType: "school",
        targetId: useSchool().schoolId,
        data: { page, characters: text.length, url },
      });
      await Events.Changed.emit({});
      return { page, text, url, changedAt: row.updatedAt.toISOString(), version: row.version };
    });
  },
);

/** Returns each legal page's path on the school's host, or its external address, for the directory's route. */
export const addresses = fn.any("school.settings", z.object({}).default({}), () =>
  Db.use(async (tx) => {
    const written = (await readAll(tx)).filter(({ text, url }) => text !== "" || url);
    return Object.fromEntries(written.map(({ page, url }) => [page, url ?? pathOf(page)])) as Partial<
      Record<Page, string>
    >;
  }),
);

async function rendered(text: string): Promise<Pick<z.infer<typeof Stored>, "html" | "title">> {
  if (text === "") return { html: "", title: null };
  const { html, title } = await renderPage(text);
  return { html, title: title || null };
}

async function readAll(tx: Db.Tx): Promise<Info[]> {
  const rows = await tx
    .select()
    .from(settingTable)
    .where(inArray(settingTable.key, pages.map(keyOf)));
  return pages.map((page): Info => {
    const row = rows.find(({ key }) => key === keyOf(page));
    if (!row) return { page, text: "", url: null, changedAt: null, version: 0 };
    const { text, url } = Stored.parse(row.value);
    return { page, text, url, changedAt: row.updatedAt.toISOString(), version: row.version };
  });
}

const stale = () =>
  new DomainError("stale", "legal.stale", "Someone else has changed this page meanwhile. Please look again.");

export * as Legal from "./index.ts";
