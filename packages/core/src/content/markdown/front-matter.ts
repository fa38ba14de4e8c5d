import { parse } from "yaml";

/** Keys that an author may set before a page's text. Other keys are ignored. */
export interface FrontMatter {
  readonly title?: string;
  readonly description?: string;
  readonly language?: string;
  readonly cover?: string;
  /** The page's position among its siblings. */
  readonly order?: number;
  readonly draft?: boolean;
  readonly minutes?: number;
}

/** Anything longer is text and not front matter; parsing it as YAML would be slow. */
const maxMatter = 16 * 1024;

/** Splits a page into its front matter (YAML between `---`, or TOML between `+++`) and its text. */
export function splitFrontMatter(source: string): { matter: FrontMatter; body: string } {
  const text = source.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  const head = text.slice(0, maxMatter);
  const yaml = /^---[ \t]*\n([\s\S]*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|$)/.exec(head);
  if (yaml) {
    const values = readYaml(yaml[1] ?? "");
    // A rule at the top of a page looks the same; it is front matter only if it parses as keys and values.
    if (values) return { matter: understand(values), body: text.slice(yaml[0].length) };
  }
  const toml = /^\+\+\+[ \t]*\n([\s\S]*?)\n\+\+\+[ \t]*(?:\n|$)/.exec(head);
  if (toml) return { matter: understand(readToml(toml[1] ?? "")), body: text.slice(toml[0].length) };
  return { matter: {}, body: text };
}

function readYaml(text: string): Record<string, unknown> | undefined {
  if (text.trim() === "") return {};
  if (isNestedDeep(text)) return undefined;
  try {
    const value: unknown = parse(text, { maxAliasCount: 10, logLevel: "silent", uniqueKeys: false });
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The YAML parser takes exponential time for nested collections; front matter has a list, or a map of lists. */
function isNestedDeep(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth = Math.max(0, depth - 1);
    if (depth > mostNested) return true;
  }
  return /(?:[-?:][ \t]+){9}|^ {40}/m.test(text);
}

const mostNested = 8;

/** Plain `key = value` lines: all that titles and order need. */
function readToml(text: string): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const line of text.split("\n")) {
    if (line.startsWith("[")) break;
    const equals = line.indexOf("=");
    const key = line.slice(0, Math.max(equals, 0)).trim();
    const value = line.slice(equals + 1).trim();
    if (!/^[\w-]+$/.test(key) || value === "") continue;
    const quoted = /^(["'])(.*)\1$/.exec(value);
    values[key] = quoted ? quoted[2] : value === "true" ? true : /^\d+$/.test(value) ? Number(value) : value;
  }
  return values;
}

/** The same thing has other names in other tools: Docusaurus, Hugo, Jekyll, MkDocs. */
function understand(values: Readonly<Record<string, unknown>>): FrontMatter {
  const first = <T>(names: readonly string[], read: (value: unknown) => T | undefined): T | undefined => {
    for (const name of names) {
      const value = Object.hasOwn(values, name) ? read(values[name]) : undefined;
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const title = first(["title", "sidebar_label", "name"], text);
  const description = first(["description", "summary", "excerpt"], text);
  const language = first(["language", "lang", "locale"], text);
  const cover = first(["cover", "image", "banner"], text);
  const order = first(["order", "weight", "sidebar_position", "nav_order", "position"], number);
  const minutes = first(["minutes", "duration", "reading_time"], number);
  const draft = first(["draft"], (value) => (typeof value === "boolean" ? value : undefined));
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(language === undefined ? {} : { language }),
    ...(cover === undefined ? {} : { cover }),
    ...(order === undefined ? {} : { order }),
    ...(draft === undefined ? {} : { draft }),
    ...(minutes !== undefined && minutes >= 1 && minutes <= 600 ? { minutes: Math.round(minutes) } : {}),
  };
}

const text = (value: unknown): string | undefined => {
  const words =
    typeof value === "string" || typeof value === "number" ? String(value).replaceAll(/\s+/g, " ").trim() : "";
  return words === "" ? undefined : words.slice(0, 500);
};
const number = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value)
    ? value
    : typeof value === "string" && /^\d{1,6}(?:\.\d+)?(?:\s*min(?:utes?)?)?$/.test(value.trim())
      ? Number.parseFloat(value)
      : undefined;
