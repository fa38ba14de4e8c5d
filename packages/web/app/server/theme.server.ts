import { cookieOf, type RequestArgs, stateOf } from "./request.server.ts";

// Display preferences are in cookies only; the server stores none.

export type Theme = "auto" | "light" | "dark";

export const isTheme = (value: unknown): value is Theme => value === "auto" || value === "light" || value === "dark";

const year = 365 * 24 * 60 * 60;
const cookie = (name: string, value: string, isSet: boolean): string =>
  `__Host-${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${isSet ? year : 0}`;

/** Returns the chosen theme; "auto" follows the system. */
export function themeOf(args: RequestArgs): Theme {
  const raw = cookieOf(args.request, "__Host-theme");
  if (!isTheme(raw) || raw === "auto") return "auto";
  stateOf(args).isPrivate = true;
  return raw;
}

export const themeCookie = (theme: Theme): string => cookie("theme", theme, theme !== "auto");

/** Returns whether the rail of studio and admin shows icons only. */
export const isRailFolded = ({ request }: RequestArgs): boolean => cookieOf(request, "__Host-rail") === "folded";

export const railCookie = (isFolded: boolean): string => cookie("rail", "folded", isFolded);
