import { withQuery } from "@lectern/core/kernel/path";
import { Link, useLocation } from "@remix-run/react";
import { common } from "../../messages/en/common.ts";
import { buttonClass } from "./button.tsx";
import { Icon } from "./icon.tsx";

/** Renders the "next" link of a cursor list and keeps the filters. The browser's back button goes back. */
export function Pagination({
  nextCursor,
  shown,
  total,
}: {
  nextCursor: string | null;
  shown?: number;
  total?: number | undefined;
}) {
  const { pathname, search } = useLocation();
  const here = new URLSearchParams(search);
  const isFirst = !here.has("cursor");
  if (isFirst && !nextCursor) return null;
  const to = (cursor: string | null) => {
    const params = new URLSearchParams(search);
    if (cursor) params.set("cursor", cursor);
    else params.delete("cursor");
    return withQuery(pathname, params);
  };
  return (
    <nav aria-label={common("pages")} className="flex flex-wrap items-center gap-3 border-t border-line pt-4 text-sm">
      {shown !== undefined && total !== undefined && (
        <span className="me-auto text-muted tabular-nums">{common("ofTotal", { shown, total })}</span>
      )}
      {!isFirst && (
        <Link to={to(null)} className={buttonClass("quiet", "small")}>
          {common("firstPage")}
        </Link>
      )}
      {nextCursor && (
        <Link to={to(nextCursor)} prefetch="intent" className={buttonClass("secondary", "small")}>
          {common("next")}
          <Icon name="next" />
        </Link>
      )}
    </nav>
  );
}
