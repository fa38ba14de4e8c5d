interface StoredObject {
  readonly key: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Days since it was written. */
  readonly days: number;
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
const each = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.map(record) : []);

/**
 * Returns S3's storage class of an object by lifecycle rules, or "gone". As in S3, expiry beats transitions, and the
 * coldest due class wins.
 */
export function shelfOf(rules: unknown, object: StoredObject): string {
  const due = each(rules).filter(
    (rule) => rule.status === "Enabled" && applies(record(rule.filter), rule.prefix, object),
  );
  if (due.some((rule) => Number(record(rule.expiration).days ?? Number.POSITIVE_INFINITY) <= object.days))
    return "gone";
  const moves = due.flatMap((rule) => each(rule.transitions)).filter(({ days }) => Number(days) <= object.days);
  const last = moves.sort((a, b) => Number(a.days) - Number(b.days)).at(-1);
  return last ? String(last.storageClass) : "STANDARD";
}

function applies(filter: Record<string, unknown>, prefix: unknown, object: StoredObject): boolean {
  const and = record(filter.and);
  const prefixes = [prefix, filter.prefix, and.prefix].filter((one) => typeof one === "string");
  const one = record(filter.tag);
  const tags = { ...(one.key !== undefined && { [String(one.key)]: one.value }), ...record(and.tags) };
  return (
    prefixes.every((start) => object.key.startsWith(String(start))) &&
    Object.entries(tags).every(([key, value]) => object.tags[key] === value)
  );
}
