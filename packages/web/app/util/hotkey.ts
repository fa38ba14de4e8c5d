import { useEffect, useRef } from "react";

/**
 * Runs `act` when the key is pressed outside fields and without modifiers. Each act must also have a visible control.
 * While a dialog is open, only hotkeys with `inDialog` run.
 */
export function useHotkey(key: string, act: () => void, inDialog = false): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== key || event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
      const target = event.target;
      if (
        target instanceof HTMLElement &&
        (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
      )
        return;
      if ((document.querySelector("dialog[open]") !== null) !== inDialog) return;
      event.preventDefault();
      latest.current();
    };
    document.documentElement.dataset.awake = "";
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [key, inDialog]);
}
