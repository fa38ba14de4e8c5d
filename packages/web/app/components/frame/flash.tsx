import { useLocation } from "@remix-run/react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { common } from "../../messages/en/common.ts";
import type { Flash } from "../../server/flash.server.ts";
import { cx } from "../../util/class.ts";
import { Icon } from "../ui/icon.tsx";
import { useFrame } from "./frame-data.ts";

/** Returns whether the browser is offline; always false on the server. */
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

/**
 * Page on which each flash first appeared. Root data survives navigations, so this keeps a flash from showing twice.
 */
const shownAt = new WeakMap<Flash, string>();

function useIsHere(flash: Flash | null): boolean {
  const { key } = useLocation();
  if (!flash || typeof document === "undefined") return true;
  if (!shownAt.has(flash)) shownAt.set(flash, key);
  return shownAt.get(flash) === key;
}

/** Renders the result of the last action. It does not disappear on a timer, because people read at different speeds. */
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
