const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const formats = new Map<string, Intl.DateTimeFormat>();
/** Intl formatters are slow to create, so they are cached. */
function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = `${locale}|${JSON.stringify(options)}`;
  let made = formats.get(name);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, options);
    formats.set(name, made);
  }
  return made;
}

/** Returns "Thursday, 12 March 2026 at 14:02 CET" in the given zone. */
export const exactly = (iso: string, locale: string, zone: string): string =>
  format(locale, {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
    timeZone: zone,
  }).format(new Date(iso));

/** Returns "12 March 2026". */
export const dateIn = (iso: string, locale: string, zone: string): string =>
  format(locale, { day: "numeric", month: "long", year: "numeric", timeZone: zone }).format(new Date(iso));

/** Returns "2026-03-12 14:02", which spreadsheets parse in any language. */
export const minuteIn = (iso: string, zone: string): string =>
  format("sv", { dateStyle: "short", timeStyle: "short", timeZone: zone }).format(new Date(iso));

const dayNumber = (at: number, zone: string): number =>
  Math.round(
    Date.parse(
      format("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone }).format(new Date(at)),
    ) / day,
  );

/** Returns the moment relative to `now`: "just now", "12 minutes ago", "yesterday", "12 March". */
export function inWords(iso: string, now: string, locale: string, zone: string): string {
  const at = Date.parse(iso);
  const from = Date.parse(now);
  const gone = from - at;
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (Math.abs(gone) < minute) return relative.format(0, "second");
  if (Math.abs(gone) < hour) return relative.format(-Math.round(gone / minute), "minute");
  const days = dayNumber(from, zone) - dayNumber(at, zone);
  if (days === 0 && Math.abs(gone) < 12 * hour) return relative.format(-Math.round(gone / hour), "hour");
  if (Math.abs(days) < 7) return relative.format(-days, "day");
  const sameYear =
    format("en", { year: "numeric", timeZone: zone }).format(new Date(at)) ===
    format("en", { year: "numeric", timeZone: zone }).format(new Date(from));
  return format(locale, {
    day: "numeric",
    month: "long",
    ...(sameYear ? {} : { year: "numeric" as const }),
    timeZone: zone,
  }).format(new Date(at));
}

/** Returns "45 min", "2 h" or "2 h 10 min". */
export function minutesInWords(minutes: number): string {
  const whole = Math.max(1, Math.round(minutes));
  if (whole < 60) return `${whole} min`;
  const rest = whole % 60;
  return rest === 0 ? `${Math.floor(whole / 60)} h` : `${Math.floor(whole / 60)} h ${rest} min`;
}
