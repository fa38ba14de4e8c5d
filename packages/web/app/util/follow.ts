import { useNavigate } from "@remix-run/react";
import type { MouseEvent } from "react";

/**
 * Returns the click handler of plain links to pages of this site; it navigates without a reload: `<a href={path}
 * onClick={follow}>`. For long lists: each `Link` resolves its path against every route of the page, which costs the
 * server more than the rest of its row.
 */
export function useFollow() {
  const navigate = useNavigate();
  return (event: MouseEvent<HTMLAnchorElement>) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const { pathname, search, hash } = event.currentTarget;
    navigate({ pathname, search, hash });
  };
}
