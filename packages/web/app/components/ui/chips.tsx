import { Link, useSearchParams } from "@remix-run/react";
import { cx } from "../../util/class.ts";

/**
 * Renders filters as links that set or clear the search parameter `name` and return to the first page.
 * `<Chips name="level" label="Level" options={[{ value: "beginner", label: "Beginner" }]} />`
 */
export function Chips({
  name,
  label,
  options,
  all,
}: {
  name: string;
  label: string;
  options: readonly { value: string; label: string }[];
  /** Label of the chip that clears the filter. */
  all: string;
}) {
  const [params] = useSearchParams();
  const chosen = params.get(name) ?? "";
  const to = (value: string) => {
    const next = new URLSearchParams(params);
    next.delete("cursor");
    if (value) next.set(name, value);
    else next.delete(name);
    return `?${next}`;
  };
  return (
    <nav aria-label={label} className="flex flex-wrap gap-1.5">
      {[{ value: "", label: all }, ...options].map((option) => {
        const on = option.value === chosen;
        return (
          <Link
            key={option.value}
            to={to(option.value)}
            preventScrollReset
            aria-current={on ? "true" : undefined}
            className={cx(
              "inline-flex min-h-8 items-center rounded-full border px-3 py-1 text-sm",
              on
                ? option.value
                  ? "border-ink bg-ink text-ground font-medium"
                  : "border-transparent bg-selected text-ink font-medium"
                : "border-line-strong text-soft hover:border-control hover:text-ink",
            )}
          >
            {option.label}
          </Link>
        );
      })}
    </nav>
  );
}
