import { wcagContrast } from "culori";
import { describe, expect, test } from "vitest";
import { Brand } from "./index.ts";
import { grounds } from "./ramp.ts";

const brandOf = (accent: string) => ({ accent, font: "inter", radius: "soft" }) as const;

// A seeded generator, so a failure can be run again.
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
const seed = Date.now() % 1_000_000;
const next = random(seed);
const randomAccents = Array.from(
  { length: 500 },
  () =>
    `#${Math.floor(next() * 0x1000000)
      .toString(16)
      .padStart(6, "0")}`,
);
const hard = ["#ffe100", "#000000", "#ffffff", "#39ff14", "#00ffff", "#ff0000", "#0000ff", "#808080", "#1f6f54"];

/** Returns the site's pairs of text and ground that miss their required contrast. */
function shortfalls(accent: string): string[] {
  const found: string[] = [];
  const both = Brand.tokens(brandOf(accent));
  for (const theme of ["light", "dark"] as const) {
    const token = (name: string): string => both[theme][name] ?? "missing";
    const surfaces = grounds[theme].surfaces;
    const check = (what: string, colour: string, ground: string, least: number) => {
      const contrast = wcagContrast(colour, ground);
      if (!(contrast >= least)) found.push(`${accent} ${theme} ${what}: ${contrast.toFixed(2)}`);
    };
    for (const ground of surfaces) check("text on ground", token("--accent-11"), ground, 4.5);
    for (const step of [1, 2, 3, 4, 5])
      check(`text on tint ${step}`, token("--accent-11"), token(`--accent-${step}`), 4.5);
    for (const ground of surfaces) check("strong text on ground", token("--accent-12"), ground, 7);
    for (const step of [9, 10])
      check(`on-accent on solid ${step}`, token("--on-accent"), token(`--accent-${step}`), 4.5);
    for (const fill of ["--accent-fill", "--accent-fill-hover"])
      check(`text on ${fill}`, token("--on-fill"), token(fill), 4.5);
    for (const ground of surfaces.slice(0, 2)) check("edge of a fill", token("--accent-edge"), ground, 3);
    for (const ground of surfaces.slice(0, 2)) check("solid on ground", token("--accent-9"), ground, 3);
    for (const ground of surfaces) check("line on ground", token("--accent-8"), ground, 3);
  }
  return found;
}

describe("contrast", () => {
  test(`500 random accents meet AA wherever they are used (seed ${seed})`, () => {
    expect(randomAccents.flatMap(shortfalls)).toEqual([]);
  });

  test.each(hard)("the hard accent %s meets AA", (accent) => {
    expect(shortfalls(accent)).toEqual([]);
  });

  // Planted: the check itself notices a ramp that is not moved.
  test("an accent used as it is would be found out", () => {
    const raw = "#ffe100";
    expect(wcagContrast(raw, grounds.light.surfaces[0] ?? "")).toBeLessThan(3);
  });
});

describe("style sheet", () => {
  test("carries both themes, the font and the corners", () => {
    const css = Brand.css(brandOf("#1f6f54"));
    expect(css).toMatch(/^:root\{--accent-1:light-dark\(#[0-9a-f]{6},#[0-9a-f]{6}\);/);
    expect(css).toContain('--font-ui:"Inter"');
    expect(css).toContain("--radius-m:10px");
  });

  test("whatever the directory holds, nothing but tokens reaches the page", () => {
    const css = Brand.css({ ...brandOf("red;}</style><script>"), font: "</style>" });
    expect(css).not.toMatch(/[<>]|script/);
    expect(css).toBe(Brand.css({ ...brandOf("#1f6f54"), font: "instrument-sans" }));
  });

  test("a bright colour fills as itself, and black turns round in the dark", () => {
    expect(Brand.tokens(brandOf("#ffe100")).light["--accent-fill"]).toBe("#ffe100");
    const dark = Brand.tokens(brandOf("#000000")).dark;
    expect(wcagContrast(dark["--accent-fill"] ?? "", grounds.dark.surfaces[0] ?? "")).toBeGreaterThan(7);
  });

  test("keeps the hue of a colour that fits as it is", () => {
    expect(Brand.tokens(brandOf("#1f6f54")).light["--accent-9"]).toBe("#1f6f54");
  });
});

test.each(["#1f6f54", "#ffe100", "#000000", "#fdfdfd", "nonsense"])(
  "what has no style sheet is filled with %s as pages are",
  (accent) => {
    for (const theme of ["light", "dark"] as const) {
      const page = Brand.tokens(brandOf(accent))[theme];
      expect(Brand.fill(brandOf(accent), theme)).toEqual({
        accent: page["--accent-fill"],
        onAccent: page["--on-fill"],
        edge: page["--accent-edge"],
        radius: page["--radius-s"],
      });
    }
  },
);

describe("accent", () => {
  test.each([
    ["#1F6F54", "#1f6f54"],
    ["#abc", "#aabbcc"],
    ["rebeccapurple", "#663399"],
    [" rgb(0 128 0) ", "#008000"],
  ])("%s is read as %s", (text, expected) => {
    expect(Brand.Accent.parse(text)).toBe(expected);
  });

  test.each(["", "nope", "#12345", "rgb(0 0 0 / 50%)", "var(--x)"])("%j is refused", (text) => {
    expect(Brand.Accent.safeParse(text).success).toBe(false);
  });
});
