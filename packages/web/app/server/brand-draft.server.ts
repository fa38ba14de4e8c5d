import type { Brand } from "@lectern/core/house/brand";
import type { Actor, Route } from "@lectern/core/kernel/actor";
import { pathTo } from "@lectern/core/kernel/path";
import { Permission } from "@lectern/core/kernel/permission";
import { School } from "@lectern/tenants/school";

/** Returns whether the request is for the brand page's preview. */
export const isPreview = (request: Request): boolean => new URL(request.url).pathname === pathTo.brandPreview();

/**
 * Returns the school with the brand in the address, validated as if saved. Invalid values, such as a color typed
 * halfway, keep their saved value.
 */
export function draftOf({ school }: Actor, search: URLSearchParams): Route {
  const { name, tagline, accent, font, radius } = School.setBrand.schema.shape;
  const checked = <T>(schema: { safeParse(value: unknown): { data?: T | undefined } }, key: string): T | undefined =>
    search.has(key) ? schema.safeParse(search.get(key)).data : undefined;
  const { brand } = school;
  const promise = search.has("tagline") ? checked(tagline, "tagline") : brand.tagline;
  return {
    ...school,
    name: checked(name, "name") ?? school.name,
    brand: {
      ...brand,
      accent: checked(accent, "accent") ?? brand.accent,
      font: checked(font, "font") ?? brand.font,
      radius: checked(radius, "radius") ?? brand.radius,
      tagline: promise || null,
      logoHasName: search.has("hasLogo") ? search.has("logoHasName") : brand.logoHasName,
    },
  };
}

export const draftTheme = (search: URLSearchParams): Brand.Theme => (search.get("theme") === "dark" ? "dark" : "light");

/** Returns whether the root may apply the draft: only for people who may save it. */
export const seesDraft = (request: Request, actor: Actor): boolean =>
  isPreview(request) && Permission.has("school.brand", actor);
