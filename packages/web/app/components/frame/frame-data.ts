import { useRouteLoaderData } from "@remix-run/react";
import type { Flash } from "../../server/flash.server.ts";
import type { Theme } from "../../server/theme.server.ts";

/** What every page knows: whose site it is, who reads, and how they read. Answered by the root loader. */
export interface FrameData {
  readonly kind: "platform" | "school";
  readonly requestId: string;
  /** The server's clock when the page was made, ISO. */
  readonly now: string;
  readonly locale: string;
  readonly dir: "ltr" | "rtl";
  /** IANA zone dates are said in: the reader's, else the school's. */
  readonly zone: string;
  readonly theme: Theme;
  /** The rail of studio and admin shows its icons only. */
  readonly railFolded: boolean;
  readonly flash: Flash | null;
  /** The legal pages and the contact of whose site this is. */
  readonly legal: readonly { readonly page: LegalPage; readonly href: string }[];
  /** Whom an error page names. */
  readonly help: Help;
  /** The platform's own address, for the pages that are about it. */
  readonly platformUrl: string;
  readonly school: SchoolFace | null;
  readonly person: Person | null;
  /** Notifications not yet read. */
  readonly unread: number;
  /** A visitor may make an account here. */
  readonly canSignUp: boolean;
}

export type LegalPage = "privacy" | "terms" | "imprint" | "contact";

/** Addresses of who can help, where they are known. */
export interface Help {
  readonly school: string | null;
  readonly platform: string | null;
}

export interface SchoolFace {
  readonly name: string;
  /** The school's own language, which its name is in: the page's words may be in another. */
  readonly locale: string;
  readonly tagline: string | null;
  /** Addresses of the logo for light and dark grounds, or null: then the name's first letter takes its place. */
  readonly logo: { readonly light: string | null; readonly dark: string | null };
  /** The logo is a wordmark: no name is written beside it. */
  readonly logoHasName: boolean;
  /** Whether people may ask to teach. */
  readonly instructorRequests: boolean;
  readonly font: string;
  readonly css: string;
}

export interface Person {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  /** Owns the school and has not proved their address yet: until an owner has, it writes to nobody else. */
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

/** The frame's data; `undefined` on an error page that came before it was known. */
export const useMaybeFrame = (): FrameData | undefined => useRouteLoaderData("root") as FrameData | undefined;

/** The frame's data. A page that has stood open for a while says times by the reader's own clock. */
export function useFrame(): FrameData {
  const frame = useMaybeFrame() ?? unknown;
  if (typeof document === "undefined" || Date.now() - Date.parse(frame.now) < 60_000) return frame;
  return { ...frame, now: new Date().toISOString() };
}
