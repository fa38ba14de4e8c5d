import { useLocation, useSubmit } from "@remix-run/react";
import type { FormEvent } from "react";
import { common } from "../../messages/en/common.ts";
import { cx } from "../../util/class.ts";
import { useFrame } from "./frame-data.ts";

const options = [
  { value: "auto", label: common("themeAuto") },
  { value: "light", label: common("themeLight") },
  { value: "dark", label: common("themeDark") },
] as const;

/** Switches between light, dark and system theme. It is a form, so it works without scripts. */
export function ThemeSwitch() {
  const { theme } = useFrame();
  const { pathname, search } = useLocation();
  const submit = useSubmit();
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const submitter = (event.nativeEvent as SubmitEvent).submitter as HTMLButtonElement | null;
    submit(submitter, { replace: true, preventScrollReset: true });
  };
  return (
    <form method="post" action="/theme" onSubmit={onSubmit} className="flex items-center gap-3 text-sm">
      <input type="hidden" name="next" value={`${pathname}${search}`} />
      <span className="text-muted" id="theme-label">
        {common("theme")}
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a legend the label already is. */}
      <div role="group" aria-labelledby="theme-label" className="flex rounded-s border border-line-strong">
        {options.map((option) => (
          <button
            key={option.value}
            type="submit"
            name="theme"
            value={option.value}
            aria-pressed={theme === option.value}
            className={cx(
              "min-h-7 px-2.5 py-1 first:rounded-s-s last:rounded-e-s",
              theme === option.value ? "bg-selected font-medium text-ink" : "text-soft hover:bg-hover",
            )}
          >
            {option.label}
          </button>
        ))}
      </div>
    </form>
  );
}
