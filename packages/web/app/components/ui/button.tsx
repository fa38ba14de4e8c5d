import { Link, useNavigation } from "@remix-run/react";
import type { ComponentProps, ReactNode } from "react";
import { common } from "../../messages/en/common.ts";
import { cx } from "../../util/class.ts";

/**
 * `primary`: the page's one main action. `secondary`: other actions. `quiet`: text only. `danger`: deletes or revokes.
 */
export type ButtonVariant = "primary" | "secondary" | "quiet" | "danger";
export type ButtonSize = "small" | "normal" | "large";

const shape =
  "inline-flex items-center justify-center gap-2 font-medium rounded-s text-center transition-colors duration-150 select-none disabled:opacity-60";
const variants: Record<ButtonVariant, string> = {
  primary: "bg-accent text-on-accent border border-accent-edge hover:bg-accent-strong font-semibold",
  secondary: "bg-surface text-ink border border-control hover:bg-hover",
  quiet: "text-soft hover:bg-hover hover:text-ink",
  danger: "bg-surface text-danger-ink border border-danger-ink hover:bg-danger-tint",
};
const sizes: Record<ButtonSize, string> = {
  small: "min-h-8 px-3 py-1 text-sm whitespace-nowrap",
  normal: "min-h-11 px-4 py-2 text-ui",
  large: "min-h-13 px-6 py-3 text-md",
};

export const buttonClass = (variant: ButtonVariant = "primary", size: ButtonSize = "normal", className?: string) =>
  cx(shape, variants[variant], sizes[size], className);

interface Look {
  variant?: ButtonVariant;
  size?: ButtonSize;
}

/** Renders a button. In a form prefer `SubmitButton`, which shows a pending state. */
export function Button({ variant, size, className, ...rest }: ComponentProps<"button"> & Look) {
  return <button type="button" {...rest} className={buttonClass(variant, size, className)} />;
}

/** Renders a link that looks like a button. */
export function ButtonLink({ variant, size, className, ...rest }: ComponentProps<typeof Link> & Look) {
  return <Link prefetch="intent" {...rest} className={buttonClass(variant, size, className)} />;
}

/**
 * Renders a submit button: `<SubmitButton name="intent" value="publish">Publish course</SubmitButton>`. While its form
 * is pending it uses `aria-disabled`, not `disabled`, so keyboard focus stays on it.
 */
export function SubmitButton({
  variant,
  size,
  className,
  children,
  pending,
  ...rest
}: ComponentProps<"button"> & Look & { pending?: ReactNode }) {
  const navigation = useNavigation();
  const mine =
    navigation.state !== "idle" &&
    navigation.formData !== undefined &&
    (rest.name ? navigation.formData.get(rest.name) === rest.value : true) &&
    (rest.formAction ?? navigation.formAction) === navigation.formAction;
  return (
    <button
      type="submit"
      {...rest}
      aria-disabled={mine || undefined}
      onClick={(event) => (mine ? event.preventDefault() : rest.onClick?.(event))}
      className={buttonClass(variant, size, cx(mine && "opacity-70", className))}
    >
      {mine ? (pending ?? children) : children}
      {mine && <span className="sr-only" aria-live="polite">{`, ${common("working")}`}</span>}
    </button>
  );
}
