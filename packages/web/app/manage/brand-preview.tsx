import { pathTo } from "@lectern/core/kernel/path";
import { type RefObject, useEffect, useRef } from "react";
import { buttonClass } from "../components/ui/button.tsx";
import { admin } from "../messages/en/admin.ts";

const pauseMs = 300;

/**
 * Renders the school's start page with the form's brand. With scripts it follows typing; without, "Preview" reloads the
 * page with the form's values in its address.
 */
export function BrandPreview({ src, theme }: { src: string; theme: "light" | "dark" }) {
  const frame = useRef<HTMLIFrameElement>(null);
  useFollowing(frame);
  return (
    <section aria-labelledby="preview" className="grid content-start gap-3 lg:sticky lg:top-20">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 id="preview" className="text-ui font-medium">
          {admin("preview")}
        </h2>
        <fieldset className="flex items-center gap-4 text-sm">
          <legend className="sr-only">{admin("previewGround")}</legend>
          {(["light", "dark"] as const).map((value) => (
            <label key={value} className="flex items-center gap-1.5">
              <input
                type="radio"
                name="theme"
                value={value}
                defaultChecked={value === theme}
                className="size-4.5 accent-(--accent-11)"
              />
              {admin(value === "light" ? "previewLight" : "previewDark")}
            </label>
          ))}
          <button
            type="submit"
            formMethod="get"
            name="preview"
            value="1"
            className={buttonClass("secondary", "small", "unscripted")}
          >
            {admin("previewShow")}
          </button>
        </fieldset>
      </div>
      <iframe
        ref={frame}
        src={src}
        title={admin("preview")}
        tabIndex={-1}
        sandbox="allow-same-origin"
        className="h-128 w-full rounded-m border border-line-strong bg-ground"
      />
      <p className="text-sm text-muted">{admin("previewText")}</p>
    </section>
  );
}

/** Updates the frame shortly after the last key. It replaces the address, so the browser's history does not grow. */
function useFollowing(frame: RefObject<HTMLIFrameElement | null>): void {
  useEffect(() => {
    const form = frame.current?.closest("form");
    if (!form) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const follow = () => {
      clearTimeout(timer);
      timer = setTimeout(() => frame.current?.contentWindow?.location.replace(addressOf(form)), pauseMs);
    };
    form.addEventListener("input", follow);
    return () => {
      clearTimeout(timer);
      form.removeEventListener("input", follow);
    };
  }, [frame]);
}

function addressOf(form: HTMLFormElement): string {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") query.set(name, value);
  return pathTo.brandPreview(query);
}
