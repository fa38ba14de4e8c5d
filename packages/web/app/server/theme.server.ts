import { cookieOf, type RequestArgs, stateOf } from "./request.server.ts";

// How a reader likes the pages to look. Kept in the browser, a cookie each; nobody else needs to know.

export type Theme = "auto" | "light" | "dark";

export const isTheme = (value: unknown): value is Theme => value === "auto" || value === "light" || value === "dark";

const year = 365 * 24 * 60 * 60;
const cookie = (name: string, value: string, isSet: boolean): string =>
  `__Host-${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${isSet ? year : 0}`;

/** What the reader chose; "auto" follows the system. */
export function themeOf(args: RequestArgs): Theme {
  const raw = cookieOf(args.request, "__Host-theme");
  if (!isTheme(raw) || raw === "auto") return "auto";
  stateOf(args).isPrivate = true;
  return raw;
}

export const themeCookie = (theme: Theme): string => cookie("theme", theme, theme !== "auto");

/** Does the rail of studio and admin show icons only? */
export const isRailFolded = ({ request }: RequestArgs): boolean => cookieOf(request, "__Host-rail") === "folded";

export const railCookie = (isFolded: boolean): string => cookie("rail", "folded", isFolded);
