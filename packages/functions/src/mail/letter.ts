import * as Brand from "@lectern/core/brand";
import type { Route } from "@lectern/core/kernel/actor";
import { Legal } from "@lectern/core/legal";

/** What a mail says, apart from how it looks. The HTML and its plain-text twin are both made from it, so they agree. */
export interface Letter {
  readonly subject: string;
  /** The line an inbox shows after the subject. */
  readonly preheader: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** Words of a person, set apart as theirs. */
  readonly quote?: { readonly text: string; readonly by: string };
  readonly facts?: readonly { readonly label: string; readonly value: string }[];
  /** The one thing to do. */
  readonly button?: { readonly label: string; readonly href: string };
  /** Below the button. */
  readonly after?: readonly string[];
  /** Foreign hosts that it names itself, such as a domain that the school has connected. All others lose their links. */
  readonly hosts?: readonly string[];
  /** Why this mail came. */
  readonly why: string;
  /** Where the reader ends such mails; the mail says so in its headers as well. */
  readonly stop?: { readonly label: string; readonly href: string };
}

/** Whose mail it is. */
export interface Look extends Brand.Fill {
  readonly schoolName: string;
  readonly url: string;
  readonly logoUrl: string | null;
  /** The logo is a wordmark: the name is its text and is not written beside it. */
  readonly logoHasName: boolean;
  /** The line at the end of every mail: the postal address, in the school's own words. */
  readonly address: string | null;
  /** The school's legal pages and contact, with whole addresses. */
  readonly legal: readonly LegalLink[];
}

export interface LegalLink {
  readonly label: string;
  readonly href: string;
}

/** A school's look: its button is that of its pages on a light ground. */
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

/** An address that every program takes for one: what is not ASCII in it is encoded. */
export function encodedHref(href: string): string {
  try {
    return new URL(href).href;
  } catch {
    return href;
  }
}

/** "12. März 2026": a date without a time, written as the reader's pages write it. */
export const dateOf = (date: string, reader: { readonly locale: string }): string =>
  new Intl.DateTimeFormat(reader.locale, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }).format(
    new Date(date),
  );

/** An instant in the reader's own zone, as people say it: "Tuesday 3 June at 14:02 (CEST)". */
export function when(at: Date, reader: { readonly locale: string; readonly zone: string }): string {
  const locale = reader.locale.startsWith("en-") ? reader.locale : "en-GB"; // the words around it are English
  const day = new Intl.DateTimeFormat(locale, {
    weekday: "long",
    day: "numeric",
    month: "long",
    timeZone: reader.zone,
  });
  const time = new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    timeZone: reader.zone,
    timeZoneName: "short",
  }).formatToParts(at);
  const zone = time.find((part) => part.type === "timeZoneName")?.value ?? reader.zone;
  const clock = time
    .filter((part) => part.type !== "timeZoneName")
    .map((part) => part.value)
    .join("")
    .trim();
  return `${day.format(at).replace(",", "")} at ${clock} (${zone})`;
}

/** "3 hours 20 minutes", "45 minutes". */
export function duration(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  const part = (n: number, unit: string) => (n === 0 ? "" : `${n} ${unit}${n === 1 ? "" : "s"}`);
  return [part(hours, "hour"), part(rest, "minute")].filter(Boolean).join(" ") || "a few minutes";
}

export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
