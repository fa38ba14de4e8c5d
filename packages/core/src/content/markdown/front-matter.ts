import { parse } from "yaml";

/** What an author may say about a page before its text. Other keys are left alone. */
export interface FrontMatter {
  readonly title?: string;
  readonly description?: string;
  readonly language?: string;
  readonly cover?: string;
  /** Where the page stands among its neighbours. */
  readonly order?: number;
  readonly draft?: boolean;
  readonly minutes?: number;
}

/** Splits a page into its front matter (YAML between `---`, or TOML between `+++`) and its text. */
export function splitFrontMatter(source: string): { matter: FrontMatter; body: string } {
  const text = source.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  const yaml = /^---[ \t]*\n([\s\S]*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|$)/.exec(text);
  if (yaml) {
    const values = readYaml(yaml[1] ?? "");
    // A rule at the top of a page looks the same; it is front matter only if it reads as keys and values.
    if (values) return { matter: understand(values), body: text.slice(yaml[0].length) };
  }
  const toml = /^\+\+\+[ \t]*\n([\s\S]*?)\n\+\+\+[ \t]*(?:\n|$)/.exec(text);
  if (toml) return { matter: understand(readToml(toml[1] ?? "")), body: text.slice(toml[0].length) };
  return { matter: {}, body: text };
}

function readYaml(text: string): Record<string, unknown> | undefined {
  if (text.trim() === "") return {};
  try {
    const value: unknown = parse(text, { maxAliasCount: 10, logLevel: "silent" });
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Plain `key = value` lines: all that titles and order need. */
function readToml(text: string): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const line of text.split("\n")) {
    if (line.startsWith("[")) break;
    const found = /^\s*([\w-]+)\s*=\s*(.+?)\s*$/.exec(line);
    if (!found?.[1] || found[2] === undefined) continue;
    const quoted = /^(["'])(.*)\1$/.exec(found[2]);
    values[found[1]] = quoted
      ? quoted[2]
      : found[2] === "true"
        ? true
        : /^\d+$/.test(found[2])
          ? Number(found[2])
          : found[2];
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
    : typeof value === "string" && /^\s*\d{1,6}(?:\.\d+)?\s*(?:min(?:utes?)?)?\s*$/.test(value)
      ? Number.parseFloat(value)
      : undefined;
