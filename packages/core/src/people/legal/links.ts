import type { Route } from "../../kernel/actor/index.ts";
import { pathTo } from "../../kernel/path/index.ts";
import { platformLegal } from "../../kernel/url/index.ts";
import { type Page, pages } from "./platform.ts";

export { type Page, pages } from "./platform.ts";

/** Labels of the links in mails and on the sign-in host. The site has its own catalog. */
export const labels: Readonly<Record<Page, string>> = {
  privacy: "Privacy",
  terms: "Terms",
  imprint: "Imprint",
  contact: "Contact",
};

export interface Link {
  readonly page: Page;
  readonly href: string;
}

/** The links to the pages of this deployment's operator, in the order of `pages`. */
export function platformLinks(): Link[] {
  const legal = platformLegal();
  return pages.flatMap((page) => (legal[page] ? [{ page, href: legal[page] }] : []));
}

/** The path of a school's own text. */
export const pathOf = (page: Page): string => pathTo.legal(page);

/**
 * Returns the links to a school's legal pages, in the order of `pages`, without unwritten ones. The contact falls back
 * to the school's e-mail address.
 * @param at makes an address of a path on the school's host
 */
export function linksOf(school: Pick<Route, "legal" | "contactEmail">, at: (path: string) => string): Link[] {
  return pages.flatMap((page) => {
    const href = school.legal[page];
    if (href) return [{ page, href: href.startsWith("/") ? at(href) : href }];
    return page === "contact" && school.contactEmail ? [{ page, href: `mailto:${school.contactEmail}` }] : [];
  });
}
