import { Link, NavLink, useLocation } from "@remix-run/react";
import { type ReactNode, useEffect, useRef } from "react";
import { common } from "../../messages/en/common.ts";
import { cx } from "../../util/class.ts";
import { Icon, type IconName } from "../ui/icon.tsx";
import { FlashLine } from "./flash.tsx";
import { useFrame } from "./frame-data.ts";
import { SchoolMark } from "./mark.tsx";
import { Bell, PersonMenu, SearchButton } from "./school-frame.tsx";

export interface RailItem {
  to: string;
  label: string;
  icon: IconName;
  end?: boolean;
  /** A count that wants attention: waiting requests. */
  badge?: number;
}

/**
 * Studio and admin: a rail of words at the inline start, one level deep, which folds on a phone. Use it in a layout route
 * that exports `handle = { frame: "bare" }`:
 *
 * `<RailLayout area="Admin" items={[{ to: "/admin/people", label: "People", icon: "people" }]}><Outlet /></RailLayout>`
 */
export function RailLayout({
  area,
  items,
  children,
}: {
  area: string;
  items: readonly RailItem[];
  children: ReactNode;
}) {
  const { school, person, unread } = useFrame();
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="no-print sticky top-0 z-40 border-b border-line bg-ground">
        <div className="flex h-14 items-center gap-3 px-4 md:px-6">
          {school && <SchoolMark school={school} />}
          <span aria-hidden="true" className="text-line-strong max-sm:hidden">
            /
          </span>
          <span className="text-soft max-sm:hidden">{area}</span>
          <div className="ms-auto flex items-center gap-1">
            <SearchButton />
            {person && (
              <>
                <Bell unread={unread} />
                <PersonMenu person={person} />
              </>
            )}
          </div>
        </div>
      </header>
      <FlashLine />
      <div className="flex flex-1 flex-col md:flex-row">
        <Rail area={area} items={items} />
        <main id="main" tabIndex={-1} className="min-w-0 flex-1 px-4 pt-8 pb-20 outline-none md:px-10">
          <div className="mx-auto max-w-5xl">{children}</div>
        </main>
      </div>
    </div>
  );
}

function Rail({ area, items }: { area: string; items: readonly RailItem[] }) {
  const { pathname } = useLocation();
  const menu = useRef<HTMLDetailsElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the phone's menu.
  useEffect(() => menu.current?.removeAttribute("open"), [pathname]);
  const current = items.find((item) => (item.end ? pathname === item.to : pathname.startsWith(item.to)));
  return (
    <>
      <nav
        aria-label={area}
        className="no-print sticky top-14 h-[calc(100dvh-3.5rem)] w-56 shrink-0 overflow-y-auto border-e border-line p-3 max-md:hidden"
      >
        <RailLinks items={items} />
      </nav>
      <details ref={menu} className="no-print group border-b border-line md:hidden">
        <summary className="flex h-12 items-center gap-2 px-4 font-medium">
          <Icon name="outline" />
          {current?.label ?? area}
          <Icon name="down" className="ms-auto group-open:rotate-180" />
        </summary>
        <nav aria-label={area} className="p-3 pt-0">
          <RailLinks items={items} />
        </nav>
      </details>
    </>
  );
}

function RailLinks({ items }: { items: readonly RailItem[] }) {
  return (
    <ul className="grid gap-0.5">
      {items.map((item) => (
        <li key={item.to}>
          <NavLink
            to={item.to}
            end={item.end ?? false}
            prefetch="intent"
            className={({ isActive }) =>
              cx(
                "flex min-h-10 items-center gap-2.5 rounded-s px-3 py-1.5 text-ui",
                isActive ? "bg-selected font-semibold text-ink" : "text-soft hover:bg-hover hover:text-ink",
              )
            }
          >
            <Icon name={item.icon} />
            <span className="min-w-0 flex-1 truncate">{item.label}</span>
            {item.badge ? (
              <span className="text-xs font-semibold text-accent-ink tabular-nums">{item.badge}</span>
            ) : null}
          </NavLink>
        </li>
      ))}
      <li className="mt-3 border-t border-line pt-3">
        <Link
          to="/"
          className="flex min-h-10 items-center gap-2.5 rounded-s px-3 py-1.5 text-ui text-soft hover:bg-hover hover:text-ink"
        >
          <Icon name="previous" />
          {common("toSite")}
        </Link>
      </li>
    </ul>
  );
}
