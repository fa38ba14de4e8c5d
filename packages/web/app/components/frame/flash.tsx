import { useLocation } from "@remix-run/react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { common } from "../../messages/en/common.ts";
import type { Flash } from "../../server/flash.server.ts";
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

/** On which page each flash was first shown. The root's data outlives the page, and a sentence is said once. */
const shownAt = new WeakMap<Flash, string>();

function useIsHere(flash: Flash | null): boolean {
  const { key } = useLocation();
  if (!flash || typeof document === "undefined") return true;
  if (!shownAt.has(flash)) shownAt.set(flash, key);
  return shownAt.get(flash) === key;
}

/** What the last action did, said once under the bar and not on an error page. It does not vanish automatically: people read at their own pace. */
export function FlashLine() {
  const { flash } = useFrame();
  const [closed, setClosed] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each flash is a new sentence, shown again.
  useEffect(() => setClosed(false), [flash]);
  const isOffline = useOffline();
  const isHere = useIsHere(flash);
  return (
    <div role="status" className="no-print">
      {isOffline && (
        <p className="flex items-center gap-3 bg-warning-tint px-4 py-2.5 text-ui text-warning-ink md:px-6">
          <Icon name="warning" />
          {common("offline")}
        </p>
      )}
      {flash && isHere && !closed && (
        <div
          className={cx(
            "flash flex items-center gap-3 px-4 py-2.5 text-ui md:px-6",
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
