import { Fragment } from "react";

/** Renders short facts in one line ("12 lessons · 2 h · Beginner"), each isolated in its own text direction. */
export function Facts({
  items,
  className,
}: {
  items: readonly (string | false | null | undefined)[];
  className?: string;
}) {
  const shown = items.filter((item): item is string => Boolean(item));
  return (
    <p className={className}>
      {shown.map((item, index) => (
        <Fragment key={item}>
          {index > 0 && (
            <span aria-hidden="true" className="mx-1.5">
              ·
            </span>
          )}
          <bdi className={item.length < 24 ? "whitespace-nowrap" : undefined}>{item}</bdi>
          {/* Screen readers pause here, and copied text keeps a separator. */}
          {index < shown.length - 1 && <span className="sr-only">, </span>}
        </Fragment>
      ))}
    </p>
  );
}
