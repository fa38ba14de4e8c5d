import { common } from "../../messages/en/common.ts";
import { cx } from "../../util/class.ts";

/** Renders a progress bar. Screen readers read `label`, by default "40 % complete". */
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
