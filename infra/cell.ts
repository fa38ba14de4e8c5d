import { firstCell } from "./stage.ts";

/**
 * Returns a resource's logical name: `nameOf("Database", "cell-2", "Proxy")` is `DatabaseCell2Proxy`; the first cell's
 * is `DatabaseProxy`, because renaming a database replaces it.
 */
export const nameOf = (what: string, cell: string, part = ""): string =>
  `${what}${cell === firstCell ? "" : cell.replace("cell-", "Cell")}${part}`;

export const suffixOf = (cell: string): string => (cell === firstCell ? "" : `-${cell}`);
