import { Form, Link, NavLink, useLocation } from "@remix-run/react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { common } from "../../messages/en/common.ts";
import { cx } from "../../util/class.ts";
import { SubmitButton } from "../ui/button.tsx";
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
  /** Consecutive items of one group share a heading. */
  group?: string;
  /** Number of waiting entries. */
  badge?: number;
}

/**
 * Renders the side navigation of studio and admin, one level deep; on phones it folds into a menu. Use it in a layout
 * route that exports `handle = { frame: "bare" }`:
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
                <Bell unread={unread} always />
                <PersonMenu person={person} always />
              </>
            )}
          </div>
        </div>
      </header>
      <FlashLine />
      {person?.mustVerify && <VerifyLine email={person.email} />}
      <div className="flex flex-1 flex-col md:flex-row">
        <Rail area={area} items={items} />
        <main id="main" tabIndex={-1} className="min-w-0 flex-1 px-4 pt-8 pb-20 outline-none md:px-10">
          <div className="mx-auto max-w-5xl">{children}</div>
        </main>
      </div>
    </div>
  );
}

/** Renders a reminder on studio and admin pages until the owner confirms their address. */
function VerifyLine({ email }: { email: string }) {
  const { pathname } = useLocation();
  return (
    <section
      aria-label={common("verifyTitle")}
      className="no-print flex flex-wrap items-center gap-x-4 gap-y-2 bg-warning-tint px-4 py-2.5 text-ui text-warning-ink md:px-6"
    >
      <p className="min-w-0 flex-1 basis-64">
        <strong className="font-semibold">{common("verifyTitle")}.</strong>{" "}
        <span className="break-words">{common("verifyBody", { email })}</span>
      </p>
      <Form method="post" action="/account">
        <input type="hidden" name="intent" value="verify" />
        <input type="hidden" name="from" value={pathname.startsWith("/studio") ? "studio" : "admin"} />
        <SubmitButton variant="secondary" size="small">
          {common("verifyAgain")}
        </SubmitButton>
      </Form>
    </section>
  );
}

function Rail({ area, items }: { area: string; items: readonly RailItem[] }) {
  const { pathname } = useLocation();
  const { railFolded } = useFrame();
  const menu = useRef<HTMLDetailsElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the phone's menu.
  useEffect(() => menu.current?.removeAttribute("open"), [pathname]);
  const current = items.find((item) => (item.end ? pathname === item.to : pathname.startsWith(item.to)));
  return (
    <>
      <div
        className={cx(
          "no-print sticky top-14 flex h-[calc(100dvh-3.5rem)] shrink-0 flex-col justify-between overflow-y-auto border-e border-line p-3 max-md:hidden",
          railFolded ? "w-[4.125rem]" : "w-56",
        )}
      >
        <nav aria-label={area}>
          <RailLinks items={items} isFolded={railFolded} />
        </nav>
        <FoldButton isFolded={railFolded} />
      </div>
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

const railRow = "flex min-h-10 items-center gap-2.5 rounded-s px-3 py-1.5 text-ui";

/** Collapses the rail to icons. It is a form, so it works without scripts; a cookie stores the choice. */
function FoldButton({ isFolded }: { isFolded: boolean }) {
  const { pathname, search } = useLocation();
  const word = common(isFolded ? "expand" : "collapse");
  return (
    <Form method="post" action="/theme" preventScrollReset replace>
      <input type="hidden" name="next" value={`${pathname}${search}`} />
      <button
        type="submit"
        name="rail"
        value={isFolded ? "open" : "folded"}
        title={isFolded ? word : undefined}
        className={cx(railRow, "w-full text-muted hover:bg-hover hover:text-ink")}
      >
        <Icon name={isFolded ? "next" : "previous"} />
        <span className={isFolded ? "sr-only" : undefined}>{word}</span>
      </button>
    </Form>
  );
}

function RailLinks({ items, isFolded = false }: { items: readonly RailItem[]; isFolded?: boolean }) {
  const words = cx("min-w-0 flex-1 truncate", isFolded && "sr-only");
  // The page contains the rail twice: as a column and inside the phone's menu.
  const id = useId();
  const groups = [...new Set(items.map(({ group }) => group))];
  const linkOf = (item: RailItem) => (
    <li key={item.to}>
      <NavLink
        to={item.to}
        end={item.end ?? false}
        prefetch="intent"
        title={isFolded ? item.label : undefined}
        className={({ isActive }) =>
          cx(railRow, isActive ? "bg-selected font-semibold text-ink" : "text-soft hover:bg-hover hover:text-ink")
        }
      >
        <Icon name={item.icon} />
        <span className={words}>{item.label}</span>
        {item.badge ? (
          <span className={cx("text-xs font-semibold text-accent-ink tabular-nums", isFolded && "sr-only")}>
            {item.badge}
          </span>
        ) : null}
      </NavLink>
    </li>
  );
  return (
    <ul className="grid gap-0.5">
      {groups.map((group) => {
        const links = items.filter((item) => item.group === group).map(linkOf);
        if (group === undefined) return links;
        return (
          <li
            key={group}
            className={cx("mt-4 first:mt-0", isFolded && "border-t border-line pt-4 first:border-0 first:pt-0")}
          >
            <p
              id={`${id}-${group}`}
              className={cx("px-3 pb-1 text-xs font-semibold text-muted", isFolded && "sr-only")}
            >
              {group}
            </p>
            <ul aria-labelledby={`${id}-${group}`} className="grid gap-0.5">
              {links}
            </ul>
          </li>
        );
      })}
      <li className="mt-3 border-t border-line pt-3">
        <Link
          to="/"
          title={isFolded ? common("toSite") : undefined}
          className={cx(railRow, "text-soft hover:bg-hover hover:text-ink")}
        >
          <Icon name="home" />
          <span className={words}>{common("toSite")}</span>
        </Link>
      </li>
    </ul>
  );
}
