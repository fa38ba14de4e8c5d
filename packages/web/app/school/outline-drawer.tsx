import { pathTo } from "@lectern/core/kernel/path";
import { Link } from "@remix-run/react";
import { useEffect, useRef } from "react";
import { Dialog } from "../components/ui/dialog.tsx";
import { Icon } from "../components/ui/icon.tsx";
import { learn } from "../messages/en/learn.ts";
import { cx } from "../util/class.ts";
import { useHotkey } from "../util/hotkey.ts";
import { minutesInWords } from "../util/time.ts";
import type { SyllabusModule } from "./syllabus.tsx";

/** Renders the course's outline beside the lesson, loaded on first use and scrolled to the current lesson. */
export default function OutlineDrawer({
  open,
  onClose,
  courseSlug,
  outline,
  currentSlug,
}: {
  open: boolean;
  onClose: () => void;
  courseSlug: string;
  outline: readonly SyllabusModule[];
  currentSlug: string;
}) {
  const current = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (!open) return;
    // `scrollIntoView` would also scroll the drawer's title out of sight, so only the list scrolls.
    const row = current.current;
    const list = row?.closest("nav")?.parentElement;
    if (row && list)
      list.scrollTop += row.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 2;
  }, [open]);
  return (
    <Dialog open={open} onClose={onClose} title={learn("openOutline")} side="start">
      <CloseKey onClose={onClose} />
      <nav aria-label={learn("openOutline")} className="px-3 pb-8">
        {outline.map((module) => (
          <section key={module.id} className="mt-3">
            <h3 className="px-2 py-1.5 text-sm font-semibold text-muted" dir="auto">
              {module.title}
            </h3>
            <ol>
              {module.lessons.map((lesson) => {
                const isCurrent = lesson.slug === currentSlug;
                return (
                  <li key={lesson.slug}>
                    <Link
                      ref={isCurrent ? current : undefined}
                      to={pathTo.lesson(courseSlug, lesson.slug)}
                      onClick={onClose}
                      aria-current={isCurrent ? "page" : undefined}
                      className={cx(
                        "flex items-baseline gap-2.5 rounded-s px-2 py-2",
                        isCurrent ? "bg-selected font-semibold" : "hover:bg-hover",
                      )}
                    >
                      <span className="w-4 shrink-0 self-center text-accent-ink">
                        {lesson.isDone && <Icon name="check" />}
                      </span>
                      <span className="min-w-0 flex-1" dir="auto">
                        {lesson.title}
                        {lesson.isDone && <span className="sr-only">, {learn("done")}</span>}
                      </span>
                      <span className="text-xs font-normal text-muted tabular-nums">
                        {minutesInWords(lesson.minutes)}
                      </span>
                    </Link>
                  </li>
                );
              })}
            </ol>
          </section>
        ))}
      </nav>
    </Dialog>
  );
}

/** The page's hotkeys are off while the drawer is open; `[` closes it. */
function CloseKey({ onClose }: { onClose: () => void }) {
  useHotkey("[", onClose, true);
  return null;
}
