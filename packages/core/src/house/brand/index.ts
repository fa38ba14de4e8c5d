/** Turns a school's few brand choices into the site's tokens, with contrast computed so that no choice can fail AA. */
import { formatHex, parse } from "culori/fn";
import { LRUCache } from "lru-cache";
import * as z from "zod";
import type { Brand as Chosen } from "../../kernel/actor/index.ts";
import { lazy } from "../../kernel/lazy/index.ts";
import { ramp, type Theme, type Tokens } from "./ramp.ts";
import type { CleanSvg } from "./svg.ts";

export { isVector, logoKey, logoPaths } from "./logo.ts";
export { grounds, type Theme, type Tokens } from "./ramp.ts";

const svg = lazy(() => import("./svg.ts"));

/** See `svg.ts`; the parser is loaded by the first SVG only. */
export const cleanSvg = async (bytes: Uint8Array): Promise<CleanSvg> => (await svg()).cleanSvg(bytes);

export const fonts = ["instrument-sans", "inter", "newsreader", "source-serif-4"] as const;
export const radii = ["sharp", "soft", "round"] as const;

/** Any opaque CSS color; returned as `#rrggbb`. */
export const Accent = z
  .string()
  .trim()
  .max(100)
  .transform((text, context) => {
    const colour = parsed(text);
    if (!colour || (colour.alpha ?? 1) < 1) {
      context.addIssue({ code: "custom", message: "That is not a color: use six digits such as #1f6f54." });
      return z.NEVER;
    }
    return formatHex(colour);
  });
/** The parser throws on some invalid text, such as `a(2b`. */
const parsed = (text: string) => {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
};
export const Font = z.enum(fonts, "Please choose one of the fonts on offer.");
export const Radius = z.enum(radii, "Please choose sharp, soft or round.");

/** What of a brand decides its tokens. */
type Choice = Pick<Chosen, "accent" | "font" | "radius">;

const computed = new LRUCache<string, { readonly light: Tokens; readonly dark: Tokens }>({ max: 2_000 });
/** The accent of a school that has chosen none. */
export const defaultAccent = "#1f6f54";

/**
 * Returns a brand's tokens, per theme: `--accent-1` to `--accent-12`, `--on-accent`, `--accent-fill` and related,
 * `--font-ui`, `--font-read`, `--radius-s`, `--radius-m`, `--radius-l`.
 */
export function tokens(brand: Choice): { readonly light: Tokens; readonly dark: Tokens } {
  const name = JSON.stringify([brand.accent, brand.font, brand.radius]);
  const known = computed.get(name);
  if (known) return known;
  const accent = accentOf(brand);
  const shared = { ...typeOf(brand.font), ...cornersOf(brand.radius) };
  const made = { light: { ...ramp(accent, "light"), ...shared }, dark: { ...ramp(accent, "dark"), ...shared } };
  computed.set(name, made);
  return made;
}

const accentOf = (brand: Choice): string => Accent.safeParse(brand.accent).data ?? defaultAccent;

/** A filled area such as a button: the text on it, and its outline. */
export interface Fill {
  readonly accent: string;
  readonly onAccent: string;
  readonly edge: string;
  readonly radius: string;
}

/** The same tokens by name, for what has no style sheet: mails and icons. */
export function fill(brand: Choice, theme: Theme = "light"): Fill {
  const of = tokens(brand)[theme];
  const token = (name: string): string => of[name] ?? defaultAccent;
  return {
    accent: token("--accent-fill"),
    onAccent: token("--on-fill"),
    edge: token("--accent-edge"),
    radius: token("--radius-s"),
  };
}

const styles = new LRUCache<string, string>({ max: 2_000 });

/** As a style sheet for after the site's own tokens; the reader's theme decides which of the two is used. */
export function css(brand: Choice): string {
  const name = JSON.stringify([brand.accent, brand.font, brand.radius]);
  const known = styles.get(name);
  if (known) return known;
  const { light, dark } = tokens(brand);
  const lines = Object.entries(light).map(([token, value]) => {
    const other = dark[token] ?? value;
    return `${token}:${other === value ? value : `light-dark(${value},${other})`}`;
  });
  const style = `:root{${lines.join(";")}}`;
  styles.set(name, style);
  return style;
}

const interfaceFont = '"Instrument Sans","Instrument Sans Fallback",system-ui,sans-serif';
const readingFont = '"Newsreader","Newsreader Fallback",Georgia,serif';

/** A sans serif choice changes the interface, a serif one what is read. */
function typeOf(font: string): Tokens {
  if (font === "inter")
    return { "--font-ui": '"Inter","Inter Fallback",system-ui,sans-serif', "--font-read": readingFont };
  if (font === "source-serif-4")
    return { "--font-ui": interfaceFont, "--font-read": '"Source Serif 4","Source Serif 4 Fallback",Georgia,serif' };
  return { "--font-ui": interfaceFont, "--font-read": readingFont };
}

const corners = { sharp: [2, 3, 4], soft: [6, 10, 16], round: [10, 16, 24] } as const;

function cornersOf(radius: Choice["radius"]) {
  const [s, m, l] = corners[radius] ?? corners.soft;
  return { "--radius-s": `${s}px`, "--radius-m": `${m}px`, "--radius-l": `${l}px` };
}

export * as Brand from "./index.ts";
