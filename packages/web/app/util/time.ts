const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const shapes = {
  exact: {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
  },
  date: { day: "numeric", month: "long", year: "numeric" },
  day: { day: "numeric", month: "long" },
  digits: { year: "numeric", month: "2-digit", day: "2-digit" },
  minute: { dateStyle: "short", timeStyle: "short" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

// Intl formatters are slow to create, so they are cached.
const formats = new Map<string, Intl.DateTimeFormat>();
const relatives = new Map<string, Intl.RelativeTimeFormat>();

function format(shape: keyof typeof shapes, locale: string, timeZone: string): Intl.DateTimeFormat {
  const name = `${shape}|${locale}|${timeZone}`;
  let made = formats.get(name);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, { ...shapes[shape], timeZone });
    formats.set(name, made);
  }
  return made;
}

function relativeIn(locale: string): Intl.RelativeTimeFormat {
  let made = relatives.get(locale);
  if (!made) {
    made = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
    relatives.set(locale, made);
  }
  return made;
}

/** Returns "Thursday, 12 March 2026 at 14:02 CET" in the given zone. */
export const exactly = (iso: string, locale: string, zone: string): string =>
  format("exact", locale, zone).format(Date.parse(iso));

/** Returns "12 March 2026". */
export const dateIn = (iso: string, locale: string, zone: string): string =>
  format("date", locale, zone).format(Date.parse(iso));

/** Returns "2026-03-12 14:02", which spreadsheets parse in any language. */
export const minuteIn = (iso: string, zone: string): string => format("minute", "sv", zone).format(Date.parse(iso));

/** Returns "2026-03-12". */
const dayIn = (at: number, zone: string): string => format("digits", "en-CA", zone).format(at);

/** Returns the moment relative to `now`: "just now", "12 minutes ago", "yesterday", "12 March". */
export function inWords(iso: string, now: string, locale: string, zone: string): string {
  const at = Date.parse(iso);
  const from = Date.parse(now);
  const gone = from - at;
  const relative = relativeIn(locale);
  if (Math.abs(gone) < minute) return relative.format(0, "second");
  if (Math.abs(gone) < hour) return relative.format(-Math.round(gone / minute), "minute");
  const [then, today] = [dayIn(at, zone), dayIn(from, zone)];
  const days = Math.round((Date.parse(today) - Date.parse(then)) / day);
  if (days === 0 && Math.abs(gone) < 12 * hour) return relative.format(-Math.round(gone / hour), "hour");
  if (Math.abs(days) < 7) return relative.format(-days, "day");
  const isSameYear = then.slice(0, 4) === today.slice(0, 4);
  return format(isSameYear ? "day" : "date", locale, zone).format(at);
}

/** Returns "45 min", "2 h" or "2 h 10 min". */
export function minutesInWords(minutes: number): string {
  const whole = Math.max(1, Math.round(minutes));
  if (whole < 60) return `${whole} min`;
  const rest = whole % 60;
  return rest === 0 ? `${Math.floor(whole / 60)} h` : `${Math.floor(whole / 60)} h ${rest} min`;
}
