import { cookieOf, type RequestArgs, stateOf } from "./request.server.ts";

export type Theme = "auto" | "light" | "dark";
const name = "theme";

export const isTheme = (value: unknown): value is Theme => value === "auto" || value === "light" || value === "dark";

/** What the reader chose; "auto" follows the system. */
export function themeOf(args: RequestArgs): Theme {
  const raw = cookieOf(args.request, name);
  if (!isTheme(raw) || raw === "auto") return "auto";
  stateOf(args).isPrivate = true;
  return raw;
}

export const themeCookie = (theme: Theme): string =>
  `${name}=${theme}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${theme === "auto" ? 0 : 365 * 24 * 60 * 60}`;
