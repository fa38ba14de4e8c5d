import { Brand } from "@lectern/core/house/brand";
import type { Brand as Chosen } from "@lectern/core/kernel/actor";

/** Brand of a new school. */
export const defaultBrand: Chosen = {
  accent: Brand.defaultAccent,
  font: "instrument-sans",
  radius: "soft",
  logo: null,
  logoDark: null,
  logoHasName: false,
  tagline: null,
};
