import { Link } from "@remix-run/react";
import { type SchoolFace, useFrame } from "./frame-data.ts";

/** Renders the school's logo, or its initial in the accent, with the name unless the logo contains it. */
export function SchoolMark({ school }: { school: SchoolFace }) {
  if (school.logo.light && school.logoHasName)
    return (
      <Link to="/" className="flex min-w-0 items-center py-1 pe-2">
        <Logo logo={school.logo} alt={school.name} className="h-8 max-w-52 w-auto object-contain max-sm:max-w-40" />
      </Link>
    );
  return (
    <Link to="/" className="flex min-w-0 items-center gap-2.5 py-1 pe-2">
      {school.logo.light ? (
        <Logo logo={school.logo} alt="" className="h-8 max-w-40 w-auto object-contain max-sm:max-w-24" />
      ) : (
        <span
          aria-hidden="true"
          className="flex size-8 shrink-0 items-center justify-center rounded-s border border-accent-edge bg-accent pt-[0.1em] font-read text-lg leading-none font-semibold text-on-accent"
        >
          {[...school.name.trim()][0]?.toUpperCase()}
        </span>
      )}
      <span className="truncate font-semibold" lang={school.locale} dir="auto">
        {school.name}
      </span>
    </Link>
  );
}

/** Renders the logo for the reader's theme; with the "auto" theme, `<picture>` follows the system. */
export function Logo({ logo, alt, className }: { logo: SchoolFace["logo"]; alt: string; className: string }) {
  const { theme } = useFrame();
  const { light, dark } = logo;
  if (!light) return null;
  if (!dark || dark === light || theme !== "auto")
    return <img src={(theme === "dark" && dark) || light} alt={alt} className={className} />;
  return (
    <picture className="contents">
      <source media="(prefers-color-scheme: dark)" srcSet={dark} />
      <img src={light} alt={alt} className={className} />
    </picture>
  );
}

export function LecternMark({ to = "/" }: { to?: string }) {
  return (
    <Link to={to} className="flex items-center gap-2 py-1 pe-2">
      <svg viewBox="0 0 24 24" aria-hidden="true" className="size-7">
        <path d="M4 5.5 20 3v9.5L4 15z" className="fill-accent" />
        <path d="M12 14v7M7.5 21h9" fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />
      </svg>
      <span className="font-read text-xl font-semibold tracking-tight">Lectern</span>
    </Link>
  );
}
