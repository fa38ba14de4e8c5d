const units = ["bytes", "KB", "MB", "GB"] as const;

/** Returns a size in words: "512 KB", "1.4 MB". Rounds up, so that a file over the limit never reads like the limit. */
export function sizeOf(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const rounded = value < 10 ? Math.ceil(value * 10) / 10 : Math.ceil(value);
  return `${rounded} ${units[unit]}`;
}

/** Returns the largest file size in a presigned POST's policy. */
export function largestOf(fields: Readonly<Record<string, string>>): number {
  const policy: unknown = JSON.parse(atob(fields.Policy ?? "e30="));
  const conditions = (policy as { conditions?: unknown[] }).conditions ?? [];
  const range = conditions.find((each) => Array.isArray(each) && each[0] === "content-length-range");
  return Array.isArray(range) ? Number(range[2]) : Number.POSITIVE_INFINITY;
}
