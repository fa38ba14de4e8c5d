import { DomainError } from "../kernel/error/index.ts";

/** Rows of one export: a file of some 4 MB. A function's answer has 6 MB at most. */
export const mostExported = 20_000;

/** Reads one more than allowed and refuses, because a part would look like the whole. */
export function requireExportable<T>(rows: readonly T[]): readonly T[] {
  if (rows.length <= mostExported) return rows;
  throw new DomainError(
    "invalid",
    "export.too_large",
    `One file holds ${mostExported.toLocaleString("en")} rows at most. Please filter the list first.`,
  );
}
