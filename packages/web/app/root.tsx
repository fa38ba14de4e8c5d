import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Outlet, type ShouldRevalidateFunctionArgs, useLocation, useMatches } from "@remix-run/react";
import { type ReactNode, useEffect } from "react";
import { Document } from "./components/frame/document.tsx";
import { ErrorPage } from "./components/frame/error-page.tsx";
import { useMaybeFrame } from "./components/frame/frame-data.ts";
import { PlatformFrame } from "./components/frame/platform-frame.tsx";
import { SchoolFrame } from "./components/frame/school-frame.tsx";
import { frameOf } from "./server/frame.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: data?.school?.name ?? "Lectern" }];

export const loader = (args: LoaderFunctionArgs) => frameOf(args);

/** Frame data changes only with actions, so plain navigations do not reload it. */
export const shouldRevalidate = ({
  formMethod,
  nextUrl,
  currentUrl,
  defaultShouldRevalidate,
}: ShouldRevalidateFunctionArgs) =>
  formMethod && formMethod !== "GET"
    ? defaultShouldRevalidate
    : nextUrl.pathname === "/notifications" || currentUrl.pathname === "/notifications";

/**
 * Removes `?index`, which Remix adds for an index route's form, so that people do not copy it. The form still works.
 */
function useCleanAddress(): void {
  const { search, hash } = useLocation();
  useEffect(() => {
    if (!/[?&]index=?(?:&|$)/.test(search)) return;
    const rest = search
      .slice(1)
      .split("&")
      .filter((part) => part !== "index" && part !== "index=");
    const query = rest.length > 0 ? `?${rest.join("&")}` : "";
    window.history.replaceState(window.history.state, "", `${window.location.pathname}${query}${hash}`);
  }, [search, hash]);
}

export default function App() {
  useCleanAddress();
  return (
    <Document>
      <Frame>
        <Outlet />
      </Frame>
    </Document>
  );
}

/** A route exports `handle = { frame: "bare" }` to bring its own frame: the player, the studio, admin. */
function Frame({ children }: { children: ReactNode }) {
  const frame = useMaybeFrame();
  const isBare = useMatches().some((match) => (match.handle as { frame?: string } | undefined)?.frame === "bare");
  if (!frame) return <Lone>{children}</Lone>;
  if (isBare) return children;
  return frame.kind === "school" ? <SchoolFrame>{children}</SchoolFrame> : <PlatformFrame>{children}</PlatformFrame>;
}

/** Renders an error that occurred before the root loader answered. */
function Lone({ children }: { children: ReactNode }) {
  return (
    <div className="mx-auto max-w-6xl px-4 py-6 md:px-6">
      <main id="main">{children}</main>
    </div>
  );
}

export function ErrorBoundary() {
  const frame = useMaybeFrame();
  return (
    <Document>
      {!frame ? (
        <Lone>
          <ErrorPage />
        </Lone>
      ) : frame.kind === "school" ? (
        <SchoolFrame>
          <ErrorPage />
        </SchoolFrame>
      ) : (
        <PlatformFrame>
          <ErrorPage />
        </PlatformFrame>
      )}
    </Document>
  );
}
