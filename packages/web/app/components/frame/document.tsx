import instrument from "@fontsource-variable/instrument-sans/files/instrument-sans-latin-wght-normal.woff2?url";
import inter from "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url";
import newsreader from "@fontsource-variable/newsreader/files/newsreader-latin-wght-normal.woff2?url";
import sourceSerif from "@fontsource-variable/source-serif-4/files/source-serif-4-latin-wght-normal.woff2?url";
import { Links, Meta, Scripts, ScrollRestoration, useMatches, useNavigation } from "@remix-run/react";
import { type ReactNode, useEffect, useState } from "react";
import { common } from "../../messages/en/common.ts";
import stylesheet from "../../styles/app.css?url";
import { useNonce } from "../../util/nonce.ts";
import { useMaybeFrame } from "./frame-data.ts";

/** Files to preload for each font: the interface's and the reading font. */
const preloads: Record<string, readonly string[]> = {
  "instrument-sans": [instrument, newsreader],
  inter: [inter, newsreader],
  newsreader: [instrument, newsreader],
  "source-serif-4": [instrument, sourceSerif],
};

/**
 * Catalogs exist in English only, whatever the reader's locale is. Text that a school wrote carries the school's
 * language.
 */
const interfaceLanguage = "en";

/** Makes `/` follow the search link before hydration; `useHotkey` takes over afterwards. */
const earlyKey = `addEventListener("keydown",function(e){if(e.key!=="/"||e.ctrlKey||e.metaKey||e.altKey||document.documentElement.dataset.awake||/^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName))return;var a=document.querySelector('[aria-keyshortcuts="/"]');if(a){e.preventDefault();a.click()}})`;

/** Renders the HTML shell of every page, error pages included. */
export function Document({ children }: { children: ReactNode }) {
  const frame = useMaybeFrame();
  const nonce = useNonce();
  // A route exports `handle = { isStill: true }` to render without scripts, as a picture of a page.
  const isStill = useMatches().some((match) => (match.handle as { isStill?: boolean } | undefined)?.isStill === true);
  const fonts = preloads[frame?.school?.font ?? "instrument-sans"] ?? preloads["instrument-sans"];
  return (
    <html
      lang={interfaceLanguage}
      dir={frame?.dir ?? "ltr"}
      data-theme={frame && frame.theme !== "auto" ? frame.theme : undefined}
    >
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content="light dark" />
        <Meta />
        {fonts?.map((href) => (
          <link key={href} rel="preload" href={href} as="font" type="font/woff2" crossOrigin="anonymous" />
        ))}
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href={stylesheet} />
        <Links />
        {frame?.school && <BrandStyle css={frame.school.css} nonce={nonce} />}
      </head>
      <body {...(isStill && { inert: "" })}>
        <a
          href="#main"
          className="sr-only z-50 rounded-s bg-ink px-4 py-2 text-ground focus:not-sr-only focus:fixed focus:start-4 focus:top-2"
        >
          {common("skip")}
        </a>
        <Navigating />
        {children}
        {!isStill && (
          <>
            {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant. */}
            <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: earlyKey }} />
            <ScrollRestoration nonce={nonce} />
            <Scripts nonce={nonce} />
          </>
        )}
      </body>
    </html>
  );
}

/**
 * Applies the school's brand. The CSP allows only the inline style that the server sent, so a later change of brand is
 * applied as a constructed style sheet.
 */
function BrandStyle({ css, nonce }: { css: string; nonce: string | undefined }) {
  const [first] = useState(css);
  useEffect(() => {
    if (css === first) return;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    return () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
    };
  }, [css, first]);
  // biome-ignore lint/security/noDangerouslySetInnerHtml: made of the brand's checked tokens only.
  return <style nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: first }} />;
}

/** Shows a progress line within 100 ms of a navigation. */
function Navigating() {
  const { state, formMethod } = useNavigation();
  if (state === "idle") return null;
  return <div key={formMethod ?? "GET"} className="navigating" role="progressbar" aria-label={common("working")} />;
}
