import type { Route } from "../../kernel/actor/index.ts";
import { idPattern } from "../../kernel/id/index.ts";
import { pathTo } from "../../kernel/path/index.ts";

export type Ground = "light" | "dark";

/** The last part of a confirmed logo's key, or null. Only `confirmLogo` writes below `<school>/brand/`. */
function nameOf({ schoolId }: Route, key: string | null): string | null {
  const [owner, folder, name, ...more] = key?.split("/") ?? [];
  if (owner !== schoolId || folder !== "brand" || !name || more.length > 0) return null;
  return idPattern("asset").test(name.replace(/\.svg$/, "")) ? name : null;
}

/**
 * Returns the paths of the school's logo on its own host for a light and a dark ground, or null. They contain the
 * file's id, because browsers cache a logo forever.
 */
export function logoPaths(school: Route): { readonly light: string | null; readonly dark: string | null } {
  const light = nameOf(school, school.brand.logo);
  const dark = nameOf(school, school.brand.logoDark) ?? light;
  const path = (name: string | null) => name && pathTo.logo(name);
  return { light: path(light), dark: path(dark) };
}

/** Returns the key behind a path of `logoPaths`: the one whose name is `version`, else the one for light grounds. */
export function logoKey(school: Route, version: string | null): string | null {
  const { logo, logoDark } = school.brand;
  const key = version !== null && version === nameOf(school, logoDark) ? logoDark : logo;
  return nameOf(school, key) && key;
}

/** Whether the file is an SVG, which mail programs do not show. */
export const isVector = (path: string | null): boolean => path?.endsWith(".svg") ?? false;
