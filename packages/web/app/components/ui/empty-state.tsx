import type { ReactNode } from "react";

/** Renders an empty list: what will appear here, and one action. */
export function EmptyState({
  title,
  children,
  action,
}: {
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="empty grid justify-items-start gap-3 py-8">
      <h2 className="font-read text-2xl font-medium">{title}</h2>
      {children && <div className="max-w-prose text-md text-soft">{children}</div>}
      {action && <div className="mt-2">{action}</div>}
    </div>
  );
}
