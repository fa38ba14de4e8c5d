import { firstCell } from "./stage.ts";

// How things of a cell are called. Those of the first keep the names they had when there was only one, because a database
// under another name is another database.

/** A resource's logical name: `nameOf("Database", "cell-2", "Proxy")` is `DatabaseCell2Proxy`, of the first cell `DatabaseProxy`. */
export const nameOf = (what: string, cell: string, part = ""): string =>
  `${what}${cell === firstCell ? "" : cell.replace("cell-", "Cell")}${part}`;

/** What follows in a name that AWS knows: `-cell-2`, and nothing for the first. */
export const suffixOf = (cell: string): string => (cell === firstCell ? "" : `-${cell}`);
