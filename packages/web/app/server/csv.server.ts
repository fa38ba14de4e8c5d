import type { Route } from "@lectern/core/kernel/actor";
import { Storage } from "@lectern/core/kernel/storage";
import { stringify } from "csv-stringify/sync";
import { minuteIn } from "../util/time.ts";

/** A column: its head and its value. `at` returns a moment as ISO text. */
export interface CsvColumn<T> {
  readonly head: string;
  readonly cell?: (row: T) => string | number | null;
  readonly at?: (row: T) => string | null;
}

/**
 * Returns a CSV download (RFC 4180) for spreadsheets: a BOM marks UTF-8, moments are in the school's zone, and an
 * apostrophe precedes text that a spreadsheet would run as a formula, because people choose their own names.
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
    // The library quotes only for the record delimiter; any line break needs quotes.
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
