import { type ReactNode, useEffect, useRef } from "react";
import { cx } from "../../util/class.ts";

/**
 * Renders a menu of links and form buttons. It is a `<details>`, so it opens without scripts; with scripts it also
 * closes on Escape, on an outside click and on blur.
 */
export function Menu({
  summary,
  label,
  children,
  className,
  summaryClassName,
}: {
  summary: ReactNode;
  label: string;
  children: ReactNode;
  className?: string;
  summaryClassName?: string;
}) {
  const ref = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const menu = ref.current;
    if (!menu) return;
    const close = () => menu.removeAttribute("open");
    const onPointer = (event: Event) => event.target instanceof Node && !menu.contains(event.target) && close();
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || !menu.open) return;
      close();
      menu.querySelector("summary")?.focus();
    };
    const onClick = (event: Event) => event.target instanceof Element && event.target.closest("a") && close();
    document.addEventListener("pointerdown", onPointer);
    menu.addEventListener("keydown", onKey);
    menu.addEventListener("click", onClick);
    return () => {
      document.removeEventListener("pointerdown", onPointer);
      menu.removeEventListener("keydown", onKey);
      menu.removeEventListener("click", onClick);
    };
  }, []);
  return (
    <details ref={ref} className="menu relative">
      <summary className={cx("flex items-center rounded-s", summaryClassName)}>
        {summary}
        <span className="sr-only">{label}</span>
      </summary>
      <div
        className={cx(
          "absolute end-0 top-full z-50 mt-1.5 w-64 max-w-[calc(100vw-2rem)] rounded-m border border-line bg-ground p-1.5 shadow-float",
          className,
        )}
      >
        {children}
      </div>
    </details>
  );
}

export const menuItemClass =
  "flex w-full items-center gap-2.5 rounded-s px-3 py-2 text-start text-ui hover:bg-hover min-h-10";
