import { cx } from "../../util/class.ts";

/** Renders a person's initials. Decorative: put the name beside it or in the control's label. */
export function Avatar({ name, className }: { name: string; className?: string }) {
  const words = name.trim().split(/\s+/);
  const initials = [words[0], words.length > 1 ? words[words.length - 1] : undefined]
    .map((word) => (word ? [...word][0] : ""))
    .join("")
    .toUpperCase();
  return (
    <span
      aria-hidden="true"
      className={cx(
        "inline-flex size-8 shrink-0 items-center justify-center rounded-full bg-selected text-xs font-semibold text-soft",
        className,
      )}
    >
      {initials}
    </span>
  );
}
