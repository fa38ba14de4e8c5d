import { pathTo } from "@lectern/core/kernel/path";
import { Form, Link, NavLink, useLocation } from "@remix-run/react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { common } from "../../messages/en/common.ts";
import { cx } from "../../util/class.ts";
import { useHotkey } from "../../util/hotkey.ts";
import { Avatar } from "../ui/avatar.tsx";
import { buttonClass } from "../ui/button.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
import { Menu, menuItemClass } from "../ui/menu.tsx";
import { FlashLine } from "./flash.tsx";
import { type FrameData, type Person, useFrame } from "./frame-data.ts";
import { LegalLinks } from "./legal-links.tsx";
import { SchoolMark } from "./mark.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";

const SearchDialog = lazy(() => import("../search-dialog.tsx"));

/** Renders a school's page with top bar and footer; phones get a bottom bar of at most four items. */
export function SchoolFrame({ children }: { children: ReactNode }) {
  const frame = useFrame();
  return (
    <div className="flex min-h-dvh flex-col max-md:pb-16">
      <TopBar frame={frame} />
      <FlashLine />
      <main
        id="main"
        tabIndex={-1}
        className="mx-auto w-full max-w-6xl flex-1 px-4 pt-8 pb-16 outline-none md:px-6 md:pt-10"
      >
        {children}
      </main>
      <Foot person={frame.person} />
      <BottomBar person={frame.person} unread={frame.unread} />
    </div>
  );
}

function TopBar({ frame }: { frame: FrameData }) {
  const { person, unread, school } = frame;
  if (!school) return null;
  return (
    <header className="no-print sticky top-0 z-40 border-b border-line bg-ground">
      <div className="mx-auto flex h-14 max-w-6xl items-center gap-1 px-4 md:px-6">
        <SchoolMark school={school} />
        <nav aria-label={common("mainNavigation")} className="ms-2 flex items-center gap-1 max-md:hidden">
          <BarLink to="/courses">{common("courses")}</BarLink>
          {person && <BarLink to="/learn">{common("myLearning")}</BarLink>}
          {person?.canTeach && <BarLink to="/studio">{common("studio")}</BarLink>}
          {person?.canAdmin && <BarLink to="/admin">{common("admin")}</BarLink>}
        </nav>
        <div className="ms-auto flex items-center gap-1">
          <SearchButton />
          {person ? (
            <>
              <Bell unread={unread} />
              <PersonMenu person={person} />
            </>
          ) : (
            <SignInLinks canSignUp={frame.canSignUp} />
          )}
        </div>
      </div>
    </header>
  );
}

function BarLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <NavLink
      to={to}
      prefetch="intent"
      className={({ isActive }) =>
        cx(
          "rounded-s px-3 py-1.5 text-ui whitespace-nowrap hover:bg-hover",
          isActive ? "font-semibold text-ink" : "text-soft",
        )
      }
    >
      {children}
    </NavLink>
  );
}

/** Links to the catalog; with scripts it opens the search dialog. `/` opens it too. */
export function SearchButton() {
  const [state, setState] = useState<"never" | "open" | "closed">("never");
  useHotkey("/", () => setState("open"));
  return (
    <>
      <Link
        to="/courses#search"
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          setState("open");
        }}
        aria-keyshortcuts="/"
        className="flex min-h-10 items-center gap-2 rounded-s px-2.5 text-ui text-soft hover:bg-hover hover:text-ink"
      >
        <Icon name="search" className="size-4.5 md:size-4" />
        <span className="max-lg:sr-only">{common("search")}</span>
        <span
          aria-hidden="true"
          className="rounded-[4px] border border-line-strong px-1.5 text-xs text-muted max-lg:hidden"
        >
          /
        </span>
      </Link>
      {state !== "never" && (
        <Suspense>
          <SearchDialog open={state === "open"} onClose={() => setState("closed")} />
        </Suspense>
      )}
    </>
  );
}

/** Hidden on phones, where the bottom bar links to notifications, unless `always` is set. */
export function Bell({ unread, always = false }: { unread: number; always?: boolean }) {
  return (
    <Link
      to="/notifications"
      prefetch="intent"
      className={cx(
        "relative flex size-10 items-center justify-center rounded-s text-soft hover:bg-hover hover:text-ink",
        !always && "max-md:hidden",
      )}
    >
      <Icon name="bell" className="size-4.5" />
      <span className="sr-only">
        {unread > 0 ? common("notificationsUnread", { count: unread }) : common("notifications")}
      </span>
      <UnreadDot unread={unread} className="end-0.5 top-0.5" />
    </Link>
  );
}

function UnreadDot({ unread, className }: { unread: number; className: string }) {
  if (unread === 0) return null;
  return (
    <span
      aria-hidden="true"
      className={cx(
        "absolute min-w-4.5 rounded-full border border-accent-edge bg-accent px-1 text-center text-[0.6875rem] leading-4 font-semibold text-on-accent tabular-nums",
        className,
      )}
    >
      {unread > 99 ? "99+" : unread}
    </span>
  );
}

function SignInLinks({ canSignUp }: { canSignUp: boolean }) {
  const { pathname, search } = useLocation();
  const next = `${pathname}${search}`;
  return (
    <>
      <a href={pathTo.signIn({ next })} className={buttonClass(canSignUp ? "quiet" : "primary", "small", "ms-1")}>
        {common("signIn")}
      </a>
      {canSignUp && (
        <a href={pathTo.signIn({ next, screen: "sign-up" })} className={buttonClass("primary", "small")}>
          {common("signUp")}
        </a>
      )}
    </>
  );
}

export function PersonMenu({ person, always = false }: { person: Person; always?: boolean }) {
  return (
    <Menu
      label={common("menuOf", { name: person.name })}
      summary={<Avatar name={person.name} />}
      summaryClassName={cx("size-10 justify-center", !always && "max-md:hidden")}
    >
      <p className="px-3 pt-2 pb-2.5">
        <span className="block truncate font-semibold" dir="auto">
          {person.name}
        </span>
        <span className="block truncate text-sm text-muted">{person.email}</span>
      </p>
      <MenuLinks person={person} />
    </Menu>
  );
}

function MenuLinks({ person }: { person: Person }) {
  return (
    <>
      <ul className="border-t border-line pt-1.5">
        <li>
          <Link to="/learn" className={menuItemClass}>
            {common("myLearning")}
          </Link>
        </li>
        {person.canTeach && (
          <li>
            <Link to="/studio" className={menuItemClass}>
              {common("studio")}
            </Link>
          </li>
        )}
        {person.canAdmin && (
          <li>
            <Link to="/admin" className={menuItemClass}>
              {common("admin")}
            </Link>
          </li>
        )}
        <li>
          <Link to="/account" className={menuItemClass}>
            {common("account")}
          </Link>
        </li>
      </ul>
      <Form method="post" action="/auth/sign-out" reloadDocument className="mt-1.5 border-t border-line pt-1.5">
        <button type="submit" className={menuItemClass}>
          {common("signOut")}
        </button>
      </Form>
    </>
  );
}

function Foot({ person }: { person: Person | null }) {
  const { school } = useFrame();
  const link = "py-1 hover:text-ink hover:underline underline-offset-2";
  return (
    <footer className="no-print border-t border-line">
      <div className="mx-auto flex max-w-6xl flex-wrap items-center justify-between gap-4 px-4 py-6 md:px-6">
        <ThemeSwitch />
        <nav aria-label={common("more")} className="flex flex-wrap gap-x-5 gap-y-1 text-sm text-soft">
          <Link to="/courses" className={link}>
            {common("courses")}
          </Link>
          {school?.instructorRequests && !person?.canTeach && (
            <Link to="/teach" className={link}>
              {common("teachHere")}
            </Link>
          )}
          <LegalLinks className={link} />
        </nav>
      </div>
    </footer>
  );
}

function BottomBar({ person, unread }: { person: Person | null; unread: number }) {
  const { pathname } = useLocation();
  const items: { to: string; label: string; icon: IconName; badge?: number }[] = person
    ? [
        { to: "/learn", label: common("learn"), icon: "learn" },
        { to: "/courses", label: common("courses"), icon: "courses" },
        { to: "/notifications", label: common("notifications"), icon: "bell", badge: unread },
        { to: "/account", label: common("you"), icon: "person" },
      ]
    : [
        { to: "/", label: common("home"), icon: "home" },
        { to: "/courses", label: common("courses"), icon: "courses" },
        { to: pathTo.signIn({ next: pathname }), label: common("signIn"), icon: "person" },
      ];
  return (
    <nav
      aria-label={common("mainNavigation")}
      className="no-print fixed inset-x-0 bottom-0 z-40 border-t border-line bg-ground pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      <ul className="flex">
        {items.map((item) => (
          <li key={item.to} className="min-w-0 flex-1">
            <NavLink
              to={item.to}
              end={item.to === "/"}
              reloadDocument={item.to.startsWith("/auth/")}
              className={({ isActive }) =>
                cx(
                  "flex h-14 flex-col items-center justify-center gap-0.5 text-xs -outline-offset-2 max-[23rem]:text-[0.6875rem]",
                  isActive || (item.to === "/learn" && pathname === "/")
                    ? "font-semibold text-accent-ink"
                    : "text-soft",
                )
              }
            >
              <span className="relative flex h-6 w-8 items-center justify-center">
                <Icon name={item.icon} className="size-5" />
                <UnreadDot unread={item.badge ?? 0} className="start-[1.15rem] -top-1" />
              </span>
              <span className="max-w-full truncate px-1 max-[23rem]:px-0">
                {item.label}
                {item.badge ? <span className="sr-only">, {common("unread", { count: item.badge })}</span> : null}
              </span>
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
