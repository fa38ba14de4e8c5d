import * as Brand from "@lectern/core/house/brand";
import type { Route } from "@lectern/core/kernel/actor";
import { Legal } from "@lectern/core/people/legal";

/** The sending school's brand. */
export interface Look extends Brand.Fill {
  readonly schoolName: string;
  readonly url: string;
  readonly logoUrl: string | null;
  /** The logo contains the name, so the mail does not print it again. */
  readonly logoHasName: boolean;
  /** The postal address at the end of every mail. */
  readonly address: string | null;
  /** The school's legal pages and contact, as full URLs. */
  readonly legal: readonly LegalLink[];
}

export interface LegalLink {
  readonly label: string;
  readonly href: string;
}

/** Returns a school's look, with the button of its light pages. */
export const lookOf = (school: Route, url: string, logoUrl: string | null, address: string | null): Look => ({
  schoolName: school.name,
  url,
  ...Brand.fill(school.brand),
  logoUrl,
  logoHasName: logoUrl !== null && school.brand.logoHasName,
  address,
  legal: Legal.linksOf(school, (path) => new URL(path, url).href).map(({ page, href }) => ({
    label: Legal.labels[page],
    href,
  })),
});

/** Encodes non-ASCII parts, so that every client recognizes the address. */
export function encodedHref(href: string): string {
  try {
    return new URL(href).href;
  } catch {
    return href;
  }
}
