import type { ReactNode } from "react";

/** Nothing here yet: says what will be, and offers the one thing to do. */
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
