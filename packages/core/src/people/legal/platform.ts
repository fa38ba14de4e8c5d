// Imports nothing: infra/ reads it, and type-checks what it imports against its own resources.

export const pages = ["privacy", "terms", "imprint", "contact"] as const;
export type Page = (typeof pages)[number];

/** The environment variables by which a deployment's operator names its legal pages and its contact. */
export const variables = {
  privacy: "LECTERN_PRIVACY",
  terms: "LECTERN_TERMS",
  imprint: "LECTERN_IMPRINT",
  contact: "LECTERN_CONTACT",
} as const satisfies Record<Page, string>;

type Variable = (typeof variables)[Page];

/**
 * Returns the legal addresses that a deployment configures. The contact may be an e-mail address. Throws for any other
 * value that is not https, naming the variable.
 */
export function platformLegal(said: (name: Variable) => string | undefined): Partial<Record<Page, string>> {
  const entries = (Object.entries(variables) as [Page, Variable][]).flatMap(([page, name]) => {
    const value = said(name)?.trim();
    if (!value) return [];
    if (page === "contact" && /^[^\s@:/]+@[^\s@:/]+$/.test(value)) return [[page, `mailto:${value}`]];
    if (!/^https:\/\//i.test(value) || !URL.canParse(value))
      throw new Error(`${name} must be an https address${page === "contact" ? " or an e-mail address" : ""}`);
    return [[page, new URL(value).href]];
  });
  return Object.fromEntries(entries);
}
