import { common } from "../../messages/en/common.ts";
import { cx } from "../../util/class.ts";

/** How far, as one thin line. `label` is what a screen reader says; it defaults to "40 % complete". */
export function Progress({ percent, label, className }: { percent: number; label?: string; className?: string }) {
  return (
    <progress
      className={cx("line", className)}
      max={100}
      value={percent}
      aria-label={label ?? common("percent", { percent })}
    />
  );
}
