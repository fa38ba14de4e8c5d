import { pathTo } from "@lectern/core/kernel/path";
import { Link, useFetcher, useNavigate } from "@remix-run/react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { common } from "../messages/en/common.ts";
import type { SearchHit } from "../routes/search.tsx";
import { Dialog } from "./ui/dialog.tsx";
import { Icon } from "./ui/icon.tsx";
import { Duration } from "./ui/when.tsx";

/** Renders the search dialog, loaded on first use. Results are links; arrow keys move between them. */
export default function SearchDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const fetcher = useFetcher<{ typed: string; didYouMean: string | null; items: SearchHit[] }>();
  const navigate = useNavigate();
  const [q, setQ] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const { load } = fetcher;

  useEffect(() => {
    const wanted = q.trim();
    if (!wanted) return;
    const timer = setTimeout(() => load(pathTo.search(wanted)), 160);
    return () => clearTimeout(timer);
  }, [q, load]);
  useEffect(() => {
    if (open) field.current?.select();
  }, [open]);

  const move = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops: HTMLElement[] = [
      ...(field.current ? [field.current] : []),
      ...(list.current?.querySelectorAll<HTMLElement>("a") ?? []),
    ];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    stops[Math.min(stops.length - 1, Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1)))]?.focus();
    event.preventDefault();
  };
  const items = q.trim() ? (fetcher.data?.items ?? []) : [];
  const isDone = fetcher.state === "idle" && fetcher.data !== undefined && q.trim() !== "";
  const meant = fetcher.data?.didYouMean;
  const all = pathTo.catalog({ q: q.trim() });

  return (
    <Dialog open={open} onClose={onClose} title={common("searchCourses")} hideTitle>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys are an extra; every stop can receive the focus. */}
      <div onKeyDown={move}>
        <search>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              navigate(all);
              onClose();
            }}
            className="flex items-center gap-3 border-b border-line px-5"
          >
            <Icon name="search" className="text-muted" />
            <input
              ref={field}
              type="search"
              autoFocus
              value={q}
              onChange={(event) => setQ(event.target.value)}
              aria-label={common("searchCourses")}
              placeholder={common("searchHint")}
              className="h-14 w-full bg-transparent text-lg outline-none"
            />
          </form>
        </search>
        <ul ref={list} className="p-2 empty:hidden">
          {items.map((item) => (
            <li key={item.slug}>
              <Link
                to={pathTo.course(item.slug)}
                prefetch="intent"
                onClick={onClose}
                className="block rounded-s px-3 py-2.5 hover:bg-hover focus:bg-hover"
              >
                <span className="block font-read text-lg font-medium" dir="auto">
                  {item.title}
                </span>
                <span className="block truncate text-sm text-muted" dir="auto">
                  <Duration minutes={item.minutes} />
                  {item.summary && ` · ${item.summary}`}
                </span>
              </Link>
            </li>
          ))}
          {items.length > 0 && (
            <li>
              <Link
                to={all}
                onClick={onClose}
                className="block rounded-s px-3 py-2.5 text-sm text-accent-ink hover:bg-hover"
              >
                {common("searchAll")}
              </Link>
            </li>
          )}
        </ul>
        <p role="status" className="px-5 text-ui text-soft not-empty:pb-5 not-empty:pt-1">
          {isDone && items.length === 0
            ? common("searchNone", { q: q.trim() })
            : isDone && meant
              ? common("searchMeant", { typed: fetcher.data?.typed ?? "", meant })
              : null}
        </p>
      </div>
    </Dialog>
  );
}
