import { NavLink } from "@remix-run/react";
import type { ReactNode } from "react";
import { cx } from "../../util/class.ts";

/** Renders sibling pages as links. Set `end` on the first, because the other addresses begin with its address. */
export function Tabs({
  label,
  items,
}: {
  label: string;
  items: readonly { to: string; label: ReactNode; end?: boolean }[];
}) {
  return (
    <nav aria-label={label} className="mb-8 border-b border-line">
      <ul className="-mb-px flex gap-6 overflow-x-auto scroll-quiet">
        {items.map((item) => (
          <li key={item.to}>
            <NavLink
              to={item.to}
              end={item.end ?? false}
              prefetch="intent"
              className={({ isActive }) =>
                cx(
                  "block border-b-2 py-2.5 text-ui whitespace-nowrap -outline-offset-2",
                  isActive ? "border-accent-ink font-semibold text-ink" : "border-transparent text-soft hover:text-ink",
                )
              }
            >
              {item.label}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
