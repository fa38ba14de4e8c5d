import { withQuery } from "@lectern/core/kernel/path";
import { Link, useLocation } from "@remix-run/react";
import type { ReactNode } from "react";
import { cx } from "../../util/class.ts";

export interface Column<Row> {
  key: string;
  head: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Aligns at the end, in tabular figures. */
  numeric?: boolean;
  /** Column that names the row and becomes the entry's title on phones. One per table. */
  primary?: boolean;
  /** Phones have no head row, so the head's text precedes the value there. */
  named?: boolean;
  /** Makes the head a link that sorts by this parameter; `first` is the direction of the first click. */
  sort?: { readonly by: string; readonly first: "asc" | "desc" };
  /** Hidden on phones. */
  wideOnly?: boolean;
  className?: string;
}

/** `display: block` removes a table's implicit ARIA roles, so they are written out. */
const as = (role: "table" | "rowgroup" | "row" | "cell") => ({ role });

/**
 * Renders a table with a sticky head. Below 42 rem of width each row becomes a list entry.
 * `<Table caption="People" columns={columns} rows={items} rowKey={(p) => p.id} />`
 */
export function Table<Row>({
  caption,
  columns,
  rows,
  rowKey,
  sorted,
}: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Current sort order; required for sortable columns. */
  sorted?: Sorted;
}) {
  const cellClasses = columns.map(cellClass);
  return (
    <div className="@container">
      <table {...as("table")} className="w-full border-collapse text-ui @max-2xl:block">
        <caption className="sr-only">{caption}</caption>
        <thead {...as("rowgroup")} className={columns.some(({ sort }) => sort) ? "@max-2xl:block" : "@max-2xl:sr-only"}>
          <tr {...as("row")} className="@max-2xl:flex @max-2xl:flex-wrap @max-2xl:gap-x-5">
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                aria-sort={column.sort && sorted?.by === column.sort.by ? words[sorted.order] : undefined}
                className={cx(
                  "sticky top-14 z-10 border-b border-line-strong bg-ground px-3 py-2 text-sm font-medium text-muted first:ps-0 last:pe-0",
                  column.sort ? "@max-2xl:static @max-2xl:border-0 @max-2xl:px-0" : "@max-2xl:sr-only",
                  column.numeric ? "text-end" : "text-start",
                  column.className,
                )}
              >
                {column.sort && sorted ? (
                  <SortLink sort={column.sort} sorted={sorted} head={column.head} />
                ) : (
                  column.head
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody {...as("rowgroup")} className="@max-2xl:block">
          {rows.map((row) => (
            <tr key={rowKey(row)} {...as("row")} className="table-line">
              {columns.map((column, at) =>
                column.primary ? (
                  <th key={column.key} scope="row" className={cellClasses[at]}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.key} {...as("cell")} className={cellClasses[at]}>
                    {column.named && (
                      <span aria-hidden="true" className="text-muted @2xl:hidden">
                        {column.head}{" "}
                      </span>
                    )}
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

// Rows repeat their classes: a page of 50 rows sends 40 KB more with one class per property.
const cellClass = ({ numeric, primary, wideOnly, className }: Column<never>): string =>
  cx(
    "table-field",
    numeric && "tabular-nums @2xl:text-end",
    primary ? "font-medium @max-2xl:w-full" : "@max-2xl:text-sm @max-2xl:text-soft",
    wideOnly && "@max-2xl:hidden",
    className,
    primary && "text-start",
  );

export interface Sorted {
  readonly by: string;
  readonly order: "asc" | "desc";
}

const words = { asc: "ascending", desc: "descending" } as const;

/** Sorts by this column or reverses the order; it keeps filters and returns to the first page. */
function SortLink({
  sort,
  sorted,
  head,
}: {
  sort: NonNullable<Column<never>["sort"]>;
  sorted: Sorted;
  head: ReactNode;
}) {
  const { pathname, search } = useLocation();
  const isOn = sorted.by === sort.by;
  const order = isOn ? (sorted.order === "asc" ? "desc" : "asc") : sort.first;
  const next = new URLSearchParams(search);
  next.delete("cursor");
  next.set("sort", sort.by);
  next.set("order", order);
  return (
    <Link
      to={withQuery(pathname, next)}
      preventScrollReset
      className={cx("hover:text-ink hover:underline", isOn && "text-ink")}
    >
      {head}
      {isOn && <span aria-hidden="true">{sorted.order === "asc" ? " ↑" : " ↓"}</span>}
    </Link>
  );
}

/** Renders rows that hold one link or one sentence each. */
export function List({ children, label }: { children: ReactNode; label?: string }) {
  return (
    <ul aria-label={label} className="divide-y divide-line border-y border-line">
      {children}
    </ul>
  );
}
