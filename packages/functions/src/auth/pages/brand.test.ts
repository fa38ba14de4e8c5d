import { readFileSync } from "node:fs";
import { Brand } from "@lectern/core/house/brand";
import { defaultBrand } from "@lectern/tenants/school";
import { expect, test } from "vitest";
import { lookOf } from "../../mail/look.ts";
import { renderLetter } from "../../mail/render.tsx";
import { contrast } from "../../mail/testing/contrast.ts";
import { letters, route } from "../../mail/testing/samples.ts";
import { style } from "./style.ts";

// A school's button must look the same on its pages, on the sign-in pages and in mails. (The admin preview is a page.)

interface Button {
  readonly ground: string;
  readonly ink: string;
  readonly edge: string;
}

const valuesOf = (css: string): Map<string, string> =>
  new Map([...css.matchAll(/(--[\w-]+):\s*([^;}]+)/g)].map(([, name = "", value = ""]) => [name, value]));

/** Returns the value of `var(--name)` in a theme, in the order of the style sheets. */
function resolved(value: string, known: Map<string, string>, theme: Brand.Theme): string {
  const name = /^var\((--[\w-]+)\)$/.exec(value)?.[1];
  if (name) return resolved(known.get(name) ?? "", known, theme);
  const [, light = value, dark = value] = /^light-dark\(([^,]+),([^,]+)\)$/.exec(value) ?? [];
  return theme === "light" ? light : dark;
}

function siteButton(css: string, theme: Brand.Theme): Button {
  const app = readFileSync(new URL("../../../../web/app/styles/app.css", import.meta.url), "utf8");
  const known = new Map([...valuesOf(app), ...valuesOf(css)]);
  const of = (name: string) => resolved(`var(${name})`, known, theme);
  return { ground: of("--color-accent"), ink: of("--color-on-accent"), edge: of("--color-accent-edge") };
}

function signInButton(css: string, theme: Brand.Theme): Button {
  const rule = /\.button\{([^}]+)\}/.exec(style)?.[1] ?? "";
  const known = valuesOf(css);
  const of = (pattern: RegExp) => resolved(pattern.exec(rule)?.[1] ?? "", known, theme);
  return {
    ground: of(/;background:([^;]+)/),
    ink: of(/;color:([^;]+)/),
    edge: of(/;border:1px solid ([^;]+)/),
  };
}

function mailButton(brand: typeof defaultBrand): Button {
  const { html } = renderLetter(letters.verify, lookOf({ ...route, brand }, "https://school.example/", null, null));
  const rule = /<a class="button"[^>]* style="([^"]+)"/.exec(html)?.[1] ?? "";
  const of = (pattern: RegExp) => pattern.exec(rule)?.[1] ?? "";
  return {
    ground: of(/background-color:([^;]+)/),
    ink: of(/(?:^|;)color:([^;]+)/),
    edge: of(/border:1px solid ([^;]+)/),
  };
}

test.each(["#ffe100", "#000000", "#ffffff", "#39ff14", "#14213d"])("a %s button is equal everywhere", (accent) => {
  const brand = { ...defaultBrand, accent };
  const css = Brand.css(brand);
  for (const theme of ["light", "dark"] as const) {
    const site = siteButton(css, theme);
    expect(signInButton(css, theme)).toEqual(site);
    if (theme === "light") expect(mailButton(brand)).toEqual(site);
    expect(contrast(site.ink, site.ground), theme).toBeGreaterThanOrEqual(4.5);
    for (const ground of Brand.grounds[theme].surfaces.slice(0, 2))
      expect(contrast(site.edge, ground), theme).toBeGreaterThanOrEqual(3);
  }
});

test("yellow stays yellow", () => {
  const brand = { ...defaultBrand, accent: "#ffe100" };
  expect(signInButton(Brand.css(brand), "light").ground).toBe("#ffe100");
  expect(mailButton(brand).ground).toBe("#ffe100");
});
