import type { Brand } from "@lectern/core/kernel/actor";

/** How a school looks until it chooses. */
export const defaultBrand: Brand = {
  accent: "#1f6f54",
  font: "instrument-sans",
  radius: "soft",
  logo: null,
  logoDark: null,
  logoHasName: false,
  tagline: null,
};
