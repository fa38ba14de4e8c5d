import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { common } from "../../messages/en/common.ts";
import { buttonClass } from "../ui/button.tsx";
import { FlashLine } from "./flash.tsx";
import { LegalLinks } from "./legal-links.tsx";
import { LecternMark } from "./mark.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";

export function PlatformFrame({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col">
      <header>
        <div className="mx-auto flex h-18 max-w-6xl items-center gap-2 px-4 md:px-6">
          <LecternMark />
          <nav aria-label={common("mainNavigation")} className="ms-auto flex items-center gap-1">
            <Link
              to="/pricing"
              prefetch="intent"
              className="rounded-s px-3 py-2 text-ui whitespace-nowrap text-soft hover:text-ink max-[26rem]:hidden"
            >
              {common("pricing")}
            </Link>
            <Link
              to="/find-my-school"
              prefetch="intent"
              className="rounded-s px-3 py-2 text-ui whitespace-nowrap text-soft hover:text-ink"
            >
              {common("findMySchool")}
            </Link>
            <Link
              to="/sign-up"
              prefetch="intent"
              className={buttonClass("primary", "small", "ms-2 min-h-9 max-sm:hidden")}
            >
              {common("openSchool")}
            </Link>
          </nav>
        </div>
      </header>
      <FlashLine />
      <main id="main" tabIndex={-1} className="mx-auto w-full max-w-6xl flex-1 px-4 pb-20 outline-none md:px-6">
        {children}
      </main>
      <footer className="border-t border-line">
        <div className="mx-auto flex max-w-6xl flex-wrap items-center justify-between gap-x-8 gap-y-4 px-4 py-8 md:px-6">
          <ThemeSwitch />
          <nav aria-label={common("more")} className="flex flex-wrap gap-x-6 gap-y-2 text-sm text-soft">
            <Link to="/pricing" className="py-1 hover:text-ink hover:underline underline-offset-2">
              {common("pricing")}
            </Link>
            <Link to="/find-my-school" className="py-1 hover:text-ink hover:underline underline-offset-2">
              {common("findMySchool")}
            </Link>
            <Link to="/sign-up" className="py-1 hover:text-ink hover:underline underline-offset-2">
              {common("openSchool")}
            </Link>
            <LegalLinks className="py-1 hover:text-ink hover:underline underline-offset-2" />
          </nav>
        </div>
      </footer>
    </div>
  );
}
