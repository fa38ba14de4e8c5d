import type { Route } from "@lectern/core/kernel/actor";
import { Storage } from "@lectern/core/kernel/storage";
import { stringify } from "csv-stringify/sync";
import { minuteIn } from "../util/time.ts";

/** A column of a file: its head, and what stands in it. A moment is an ISO text of `at`. */
export interface CsvColumn<T> {
  readonly head: string;
  readonly cell?: (row: T) => string | number | null;
  readonly at?: (row: T) => string | null;
}

/**
 * A table as a file to save (RFC 4180), as a spreadsheet opens it: a byte order mark says that it is UTF-8, moments stand in
 * the school's zone, and a text that would be a formula is led by an apostrophe, for a name is what its owner typed.
 */
export function csvResponse<T>(
  { slug, zone }: Pick<Route, "slug" | "zone">,
  name: string,
  columns: readonly CsvColumn<T>[],
  rows: readonly T[],
): Response {
  const head = columns.map((column) => (column.at ? `${column.head} (${zone})` : column.head));
  const cells = rows.map((row) =>
    columns.map(({ cell, at }) => {
      const moment = at?.(row);
      return (moment ? minuteIn(moment, zone) : cell?.(row)) ?? "";
    }),
  );
  const text = stringify([head, ...cells], {
    bom: true,
    record_delimiter: "windows",
    escape_formulas: true,
    // A line break of any kind belongs between quotes; the library looks for the one between records only.
    quoted_match: /[\r\n]/,
  });
  const fileName = Storage.safeFileName(`${slug}-${name}-${minuteIn(new Date().toISOString(), zone).slice(0, 10)}.csv`);
  return new Response(text, {
    headers: {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": Storage.dispositionOf("attachment", fileName),
      "cache-control": "private, no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
