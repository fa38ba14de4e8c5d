import { useRouteLoaderData } from "@remix-run/react";
import type { Flash } from "../../server/flash.server.ts";
import type { Theme } from "../../server/theme.server.ts";

/** What the root loader returns to every page: the site, the reader and the reader's preferences. */
export interface FrameData {
  readonly kind: "platform" | "school";
  readonly requestId: string;
  /** Server time at render, ISO. */
  readonly now: string;
  readonly locale: string;
  readonly dir: "ltr" | "rtl";
  /** IANA zone for dates: the reader's, else the school's. */
  readonly zone: string;
  readonly theme: Theme;
  readonly railFolded: boolean;
  readonly flash: Flash | null;
  readonly legal: readonly { readonly page: LegalPage; readonly href: string }[];
  readonly help: Help;
  /** The platform's origin, for links from a school's pages. */
  readonly platformUrl: string;
  readonly school: SchoolFace | null;
  readonly person: Person | null;
  readonly unread: number;
  /** Visitors may create an account here. */
  readonly canSignUp: boolean;
}

export type LegalPage = "privacy" | "terms" | "imprint" | "contact";

export interface Help {
  readonly school: string | null;
  readonly platform: string | null;
}

export interface SchoolFace {
  readonly name: string;
  /** Language of the school's name and texts; the interface may use another. */
  readonly locale: string;
  readonly tagline: string | null;
  /** URLs for light and dark backgrounds; null shows the first letter of the name instead. */
  readonly logo: { readonly light: string | null; readonly dark: string | null };
  /** The logo contains the name, so the frame does not print it again. */
  readonly logoHasName: boolean;
  /** Members may ask for the instructor role. */
  readonly instructorRequests: boolean;
  readonly font: string;
  readonly css: string;
}

export interface Person {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  /** An owner who has not confirmed their address. Until one owner has, the school sends mail to no other address. */
  readonly mustVerify: boolean;
  readonly canTeach: boolean;
  readonly canAdmin: boolean;
}

const unknown: FrameData = {
  kind: "platform",
  requestId: "",
  now: "1970-01-01T00:00:00.000Z",
  locale: "en",
  dir: "ltr",
  zone: "UTC",
  theme: "auto",
  railFolded: false,
  flash: null,
  legal: [],
  help: { school: null, platform: null },
  platformUrl: "/",
  school: null,
  person: null,
  unread: 0,
  canSignUp: false,
};

/** Returns the root's data, or `undefined` on an error page that rendered before the root loader answered. */
export const useMaybeFrame = (): FrameData | undefined => useRouteLoaderData("root") as FrameData | undefined;

/** Returns the root's data. After a minute on one page, `now` follows the reader's clock. */
export function useFrame(): FrameData {
  const frame = useMaybeFrame() ?? unknown;
  if (typeof document === "undefined" || Date.now() - Date.parse(frame.now) < 60_000) return frame;
  return { ...frame, now: new Date().toISOString() };
}
