import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { common } from "../../messages/en/common.ts";

export interface Crumb {
  to: string;
  label: string;
}

/** Renders the page's heading with its parent link and one primary action. */
export function PageHeader({
  title,
  crumbs = [],
  lead,
  action,
  badge,
}: {
  title: ReactNode;
  crumbs?: readonly Crumb[];
  lead?: ReactNode;
  action?: ReactNode;
  badge?: ReactNode;
}) {
  return (
    <header className="mb-8 grid gap-2">
      <Breadcrumbs crumbs={crumbs} />
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="text-2xl font-semibold tracking-tight" dir="auto">
            {title}
          </h1>
          {badge}
        </div>
        {action && <div className="flex flex-wrap gap-2">{action}</div>}
      </div>
      {lead && <p className="max-w-prose text-md text-soft">{lead}</p>}
    </header>
  );
}

export function Breadcrumbs({ crumbs }: { crumbs: readonly Crumb[] }) {
  if (crumbs.length === 0) return null;
  return (
    <nav aria-label={common("breadcrumbs")} className="text-sm text-muted">
      <ol className="flex flex-wrap items-center gap-x-2 gap-y-1">
        {crumbs.map((crumb, index) => (
          <li key={crumb.to} className="flex items-center gap-2">
            {index > 0 && <span aria-hidden="true">/</span>}
            <Link to={crumb.to} prefetch="intent" className="py-0.5 hover:text-ink hover:underline underline-offset-2">
              <bdi>{crumb.label}</bdi>
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** Renders a part of a page with its own heading. */
export function Section({
  title,
  lead,
  children,
  id,
}: {
  title: ReactNode;
  lead?: ReactNode;
  children: ReactNode;
  id?: string;
}) {
  return (
    <section id={id} className="grid gap-x-12 gap-y-4 border-t border-line py-8 lg:grid-cols-[15rem_minmax(0,1fr)]">
      <div>
        <h2 className="text-lg font-semibold">{title}</h2>
        {lead && <p className="mt-1 text-sm text-muted">{lead}</p>}
      </div>
      <div className="min-w-0 [&>.empty]:py-0 [&>.empty>h2]:text-xl [&>.empty>h2]:leading-7">{children}</div>
    </section>
  );
}
