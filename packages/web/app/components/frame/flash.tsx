import { useEffect, useState, useSyncExternalStore } from "react";
import { common } from "../../messages/en/common.ts";
import { cx } from "../../util/class.ts";
import { Icon } from "../ui/icon.tsx";
import { useFrame } from "./frame-data.ts";

/** Has the browser lost its connection? Never while the page is being made. */
function useOffline(): boolean {
  return useSyncExternalStore(
    (changed) => {
      window.addEventListener("online", changed);
      window.addEventListener("offline", changed);
      return () => {
        window.removeEventListener("online", changed);
        window.removeEventListener("offline", changed);
      };
    },
    () => !navigator.onLine,
    () => false,
  );
}

/** What the last action did, said once under the bar. It does not vanish by itself: people read at their own pace. */
export function FlashLine() {
  const { flash } = useFrame();
  const [closed, setClosed] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each flash is a new sentence, shown again.
  useEffect(() => setClosed(false), [flash]);
  const isOffline = useOffline();
  return (
    <div role="status" className="no-print">
      {isOffline && (
        <p className="flex items-center gap-3 bg-warning-tint px-4 py-2.5 text-ui text-warning-ink md:px-6">
          <Icon name="warning" />
          {common("offline")}
        </p>
      )}
      {flash && !closed && (
        <div
          className={cx(
            "flex items-center gap-3 px-4 py-2.5 text-ui md:px-6",
            flash.tone === "success" && "bg-success-tint text-success-ink",
            flash.tone === "info" && "bg-info-tint text-info-ink",
            flash.tone === "warning" && "bg-warning-tint text-warning-ink",
          )}
        >
          <Icon name={flash.tone === "success" ? "check" : flash.tone === "info" ? "info" : "warning"} />
          <p className="min-w-0 flex-1">{flash.message}</p>
          <button
            type="button"
            onClick={() => setClosed(true)}
            aria-label={common("close")}
            className="scripted -me-2 rounded-s p-2"
          >
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}
