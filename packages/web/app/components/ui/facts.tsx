import { Fragment } from "react";

/** Short facts in one line, each kept together and in its own direction: "12 lessons · 2 h · Beginner". */
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
          {/* Heard as a pause, and what separates the facts when they are copied. */}
          {index < shown.length - 1 && <span className="sr-only">, </span>}
        </Fragment>
      ))}
    </p>
  );
}
