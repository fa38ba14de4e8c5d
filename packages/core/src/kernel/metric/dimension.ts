// Each value of a dimension is a time series that costs money. So ids, addresses and paths never become one, and their
// number is limited even where a caller is wrong.

const maxLength = 120;
const maxValues = 400;
/** A Lectern id (`crs_01j...`), a UUID, an e-mail address, a host label with many digits, or a path with a number. */
const unbounded = /[a-z]{2,5}_[0-9a-hjkmnp-tv-z]{20,}|[0-9a-f]{8}-[0-9a-f]{4}|@|\d{5,}|\/\d+(\/|$)|[?#]/i;

const seen = new Map<string, Set<string>>();

/** Returns the value if it may become a dimension, otherwise "other": each new value costs a metric. */
export function bounded(dimension: string, value: string): string {
  let known = seen.get(dimension);
  if (!known) {
    known = new Set();
    seen.set(dimension, known);
  }
  if (known.has(value)) return value;
  if (value === "" || value.length > maxLength || known.size >= maxValues || unbounded.test(value)) return "other";
  known.add(value);
  return value;
}
