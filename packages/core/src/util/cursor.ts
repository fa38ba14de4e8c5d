import * as z from "zod";
import { DomainError } from "../kernel/error/index.ts";

/** What every list takes besides its filters. */
export const pageInput = {
  cursor: z.string().max(1000).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(25),
};

/** Returns the start of the next page as an opaque text: the sort values of the last row shown. */
export const toCursor = (values: readonly unknown[]): string =>
  Buffer.from(JSON.stringify(values)).toString("base64url");

/** Returns the values of a cursor, checked against their shape. 422 when the cursor is not ours. */
export function fromCursor<S extends z.ZodType>(cursor: string, shape: S): z.output<S> {
  try {
    return shape.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch {
    throw new DomainError("invalid", "cursor.invalid", "That page does not exist.", { cursor: "Not a valid cursor." });
  }
}

/** Cuts off the extra row that was queried and returns where the next page begins. */
export function pageOf<R, I>(
  rows: readonly R[],
  limit: number,
  toItem: (row: R) => I,
  sortOf: (row: R) => readonly unknown[],
): { items: I[]; nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { items: page.map(toItem), nextCursor: rows.length > limit && last ? toCursor(sortOf(last)) : null };
}
