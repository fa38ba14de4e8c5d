/** What mails say: letters as plain data, and the forms of dates, durations and names in them. */

export { piecesOf, plainly, said } from "./said.ts";

/** Content of a mail. HTML and plain text come from the same letter, so they agree. */
export interface Letter {
  readonly subject: string;
  /** The line an inbox shows after the subject. */
  readonly preheader: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** A person's own words, set apart. */
  readonly quote?: { readonly text: string; readonly by: string };
  readonly facts?: readonly { readonly label: string; readonly value: string }[];
  /** The one action. */
  readonly button?: { readonly label: string; readonly href: string };
  /** Below the button. */
  readonly after?: readonly string[];
  /** Foreign hosts that the mail itself names, such as the school's connected domain. All others lose their links. */
  readonly hosts?: readonly string[];
  /** Why this mail was sent. */
  readonly why: string;
  /** Where the reader unsubscribes; the mail's headers contain it too. */
  readonly stop?: { readonly label: string; readonly href: string };
}

/** Returns "12. März 2026", in the format of the reader's pages. */
export const dateOf = (date: string, reader: { readonly locale: string }): string =>
  new Intl.DateTimeFormat(reader.locale, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }).format(
    new Date(date),
  );

/** Returns an instant in the reader's zone: "Tuesday 3 June at 14:02 (CEST)". */
export function when(at: Date, reader: { readonly locale: string; readonly zone: string }): string {
  const locale = reader.locale.startsWith("en-") ? reader.locale : "en-GB"; // the surrounding words are English
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

/** Returns "3 hours 20 minutes" or "45 minutes". */
export function duration(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  const part = (n: number, unit: string) => (n === 0 ? "" : `${n} ${unit}${n === 1 ? "" : "s"}`);
  return [part(hours, "hour"), part(rest, "minute")].filter(Boolean).join(" ") || "a few minutes";
}

export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
