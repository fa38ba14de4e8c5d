import { type ReactNode, useEffect, useRef } from "react";
import { common } from "../../messages/en/common.ts";
import { cx } from "../../util/class.ts";
import { Icon } from "./icon.tsx";

/**
 * Renders a native modal dialog. `side` makes it a drawer. Everything inside must also be reachable without scripts.
 */
export function Dialog({
  open,
  onClose,
  title,
  side,
  children,
  hideTitle = false,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  side?: "start" | "end";
  children: ReactNode;
  hideTitle?: boolean;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const opener = useRef<Element | null>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    if (open && !dialog.open) {
      opener.current = document.activeElement;
      dialog.showModal();
    }
    if (!open && dialog.open) dialog.close();
  }, [open]);
  // The browser restores focus to the element that had it. When a hotkey opened the dialog, or a navigation removed
  // that element, focus would be lost, so it moves to the page's content.
  const giveBack = () => {
    const { activeElement: active, body } = document;
    if (active && active !== body && !ref.current?.contains(active)) return;
    const from = opener.current;
    const isThere = from instanceof HTMLElement && from !== body && from.isConnected;
    (isThere ? from : document.getElementById("main"))?.focus({ preventScroll: true });
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the key; the click closes on the scrim.
    <dialog
      ref={ref}
      aria-label={title}
      onClose={() => {
        giveBack();
        onClose();
      }}
      onClick={(event) => event.target === ref.current && onClose()}
      className={cx(
        "m-0 bg-ground shadow-float p-0 text-ui",
        side === "start" &&
          "fixed inset-y-0 start-0 end-auto h-dvh max-h-none w-[min(24rem,92vw)] border-e border-line",
        side === "end" && "fixed inset-y-0 start-auto end-0 h-dvh max-h-none w-[min(24rem,92vw)] border-s border-line",
        !side && "mx-auto mt-[max(1rem,12vh)] w-[min(40rem,calc(100vw-2rem))] rounded-l border border-line",
      )}
    >
      <div className={cx("flex max-h-full flex-col", side && "h-full")}>
        <div
          className={cx(
            "flex items-center justify-between gap-4 px-5 pt-4 pb-2",
            // The close button must be visible while it has focus.
            hideTitle && "not-focus-within:sr-only",
          )}
        >
          <h2 className="text-lg font-semibold">{title}</h2>
          <button
            type="button"
            onClick={onClose}
            aria-label={common("close")}
            className="-me-2 rounded-s p-2 hover:bg-hover"
          >
            <Icon name="close" />
          </button>
        </div>
        <div className="min-h-0 flex-1 overflow-y-auto scroll-quiet">{children}</div>
      </div>
    </dialog>
  );
}
