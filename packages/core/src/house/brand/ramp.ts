// Registers only the color spaces of CSS.
import "culori/css";
import { clampChroma, converter, formatHex, type Oklch, parse, wcagContrast } from "culori/fn";

export type Theme = "light" | "dark";
export type Tokens = Readonly<Record<string, string>>;

const toOklch = converter("oklch");
const black = "#000000";
const white = "#ffffff";

interface Ground {
  /** Backgrounds of accent text besides the accent's own tints: ground, surface, stripes and hovered rows. */
  readonly surfaces: readonly string[];
  /** Lightness and maximum chroma of steps 1 to 7, from barely visible to a visible line. */
  readonly tints: readonly (readonly [lightness: number, chroma: number])[];
  /** Direction of more contrast: -1 darker, +1 lighter. */
  readonly away: -1 | 1;
}

/** The site's neutral grounds (steps 1 to 5 of its ramp and the raised surface); accents are computed against them. */
export const grounds: Record<Theme, Ground> = {
  light: {
    surfaces: [
      "oklch(98.5% 0.004 85)",
      "oklch(99.7% 0.0015 85)",
      "oklch(96.9% 0.005 85)",
      "oklch(95% 0.006 85)",
      "oklch(92.6% 0.007 84)",
    ].map(hex),
    tints: [
      [0.985, 0.006],
      [0.97, 0.014],
      [0.945, 0.028],
      [0.92, 0.042],
      [0.89, 0.056],
      [0.85, 0.07],
      [0.79, 0.085],
    ],
    away: -1,
  },
  dark: {
    surfaces: [
      "oklch(17% 0.008 260)",
      "oklch(19.5% 0.009 260)",
      "oklch(20% 0.009 260)",
      "oklch(23.5% 0.01 260)",
      "oklch(27% 0.011 260)",
    ].map(hex),
    tints: [
      [0.185, 0.012],
      [0.21, 0.02],
      [0.255, 0.04],
      [0.285, 0.05],
      [0.315, 0.06],
      [0.35, 0.068],
      [0.42, 0.08],
    ],
    away: 1,
  },
};

/** AA for text, AA for the parts of a control and other marks, AAA for the strongest text. */
const text = 4.5;
const mark = 3;
const strong = 7;

/**
 * Returns the accent's twelve steps for one theme, as `--accent-1` to `--accent-12` and `--on-accent`, in sRGB hex.
 * Keeps the school's hue and, within sRGB, its chroma; moves lightness until each step meets AA: 8 (lines, 3:1) and 9
 * (solid, 3:1) on the ground, 11 (text, 4.5:1) and 12 (7:1) on every ground and tint, `--on-accent` (4.5:1) on 9 and
 * 10. Large fills use `--accent-fill`, `--accent-fill-hover`, `--on-fill` (4.5:1) and the outline `--accent-edge` (3:1
 * on the ground).
 */
export function ramp(accent: string, theme: Theme): Tokens {
  const { l, c, h } = lchOf(accent);
  const { surfaces, tints, away } = grounds[theme];
  const tones = tints.map(([lightness, most]) => at(lightness, Math.min(c, most), h));
  // Text is also set on the tints of a resting, hovered and selected row.
  const under = [...surfaces, ...tones.slice(0, 5)];
  const ground = surfaces.slice(0, 2);
  const { solid, on } = solidOf(accent, theme);
  const solidLightness = lchOf(solid).l;
  const hover = at(solidLightness + (on === white ? -0.04 : 0.04), c, h);
  const steps = [
    ...tones,
    meet({ l: away < 0 ? 0.68 : 0.5, c, h }, surfaces, mark, away),
    solid,
    hover,
    meet({ l: away < 0 ? Math.min(l, 0.52) : Math.max(l, 0.72), c, h }, under, text, away),
    meet({ l: away < 0 ? 0.36 : 0.88, c: Math.min(c, 0.1), h }, under, strong, away),
  ];
  const tokens: Record<string, string> = {};
  for (const [index, value] of steps.entries()) tokens[`--accent-${index + 1}`] = value;
  tokens["--on-accent"] = on;
  const filled = fillOf({ l, c, h }, theme, solid, tokens["--accent-12"] ?? solid);
  const onFill = onOf(filled);
  tokens["--accent-fill"] = filled;
  tokens["--accent-fill-hover"] = at(
    lchOf(filled).l + (onFill === white ? -0.04 : 0.04),
    lchOf(filled).c,
    lchOf(filled).h,
  );
  tokens["--on-fill"] = onFill;
  const stands = ground.every((each) => wcagContrast(filled, each) >= mark);
  tokens["--accent-edge"] = stands ? filled : (tokens["--accent-8"] ?? filled);
  return tokens;
}

/** Step 9 of the accent and what reads on it. */
function solidOf(accent: string, theme: Theme): { readonly solid: string; readonly on: string } {
  const { surfaces, away } = grounds[theme];
  const solid = meet(lchOf(accent), surfaces.slice(0, 2), mark, away);
  return { solid, on: onOf(solid) };
}

const onOf = (colour: string): string => (wcagContrast(colour, white) >= wcagContrast(colour, black) ? white : black);

/**
 * Returns the color of large fills. A bright color on a light ground stays unchanged and gets a contrasting outline:
 * yellow moved to 3:1 would be mustard. A gray too close to the ground becomes `strong`.
 */
function fillOf({ l, c, h }: Lch, theme: Theme, solid: string, strong: string): string {
  const raw = at(l, c, h);
  if (grounds[theme].surfaces.slice(0, 2).every((ground) => wcagContrast(raw, ground) >= mark)) return raw;
  if (c < 0.03) return strong;
  return theme === "light" ? raw : solid;
}

interface Lch {
  readonly l: number;
  readonly c: number;
  readonly h: number;
}

/**
 * Returns the color, moved in lightness as little as needed for a contrast of `ratio` with each background. Contrast
 * grows with the distance, so bisection finds the first step.
 */
function meet({ l, c, h }: Lch, backgrounds: readonly string[], ratio: number, away: -1 | 1): string {
  const last = Math.floor((away < 0 ? l : 1 - l) / stride + 1e-9);
  // Measures the displayed color: after fitting the chroma into sRGB and rounding to eight bits.
  const shown = (step: number): string => at(l + away * step * stride, c, h);
  const isMet = (step: number): boolean => {
    const colour = shown(step);
    return backgrounds.every((background) => wcagContrast(colour, background) >= ratio);
  };
  let [low, high] = [0, last + 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isMet(middle)) high = middle;
    else low = middle + 1;
  }
  if (low <= last) return shown(low);
  return away < 0 ? black : white;
}

/** How far lightness is moved at a time: less than anybody sees. */
const stride = 0.005;

function at(l: number, c: number, h: number): string {
  const colour: Oklch = { mode: "oklch", l: Math.min(1, Math.max(0, l)), c, h };
  return formatHex(clampChroma(colour, "oklch"));
}

function lchOf(colour: string): Lch {
  const { l, c, h } = toOklch(parse(colour)) ?? { l: 0.5, c: 0, h: 0 };
  return { l, c, h: h ?? 0 };
}

function hex(colour: string): string {
  const { l, c, h } = lchOf(colour);
  return at(l, c, h);
}
