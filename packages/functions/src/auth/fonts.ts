import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// Serves the web's fonts from the sign-in host. Without font files, pages fall back to the system fonts in the style.

interface Face {
  readonly family: string;
  readonly weights: string;
  readonly file: string;
}

const faces: readonly Face[] = [
  {
    family: "Instrument Sans",
    weights: "400 700",
    file: "@fontsource-variable/instrument-sans/files/instrument-sans-latin-wght-normal.woff2",
  },
  { family: "Inter", weights: "100 900", file: "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2" },
  {
    family: "Newsreader",
    weights: "200 800",
    file: "@fontsource-variable/newsreader/files/newsreader-latin-wght-normal.woff2",
  },
  {
    family: "Source Serif 4",
    weights: "200 900",
    file: "@fontsource-variable/source-serif-4/files/source-serif-4-latin-wght-normal.woff2",
  },
];

const range =
  "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD";

const files = new Map<string, Buffer<ArrayBuffer>>();

/** One @font-face rule for each bundled font, with an address that contains its hash. */
export const fontFaces: string = faces.map(faceRule).join("");

function faceRule({ family, weights, file }: Face): string {
  const bytes = bytesOf(file);
  if (!bytes) return "";
  const name = `${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}.woff2`;
  files.set(name, bytes);
  return `@font-face{font-family:"${family}";font-weight:${weights};font-display:swap;src:url("/fonts/${name}") format("woff2");unicode-range:${range}}`;
}

function bytesOf(file: string): Buffer<ArrayBuffer> | undefined {
  try {
    return Buffer.from(readFileSync(createRequire(import.meta.url).resolve(file)));
  } catch {
    return undefined;
  }
}

/** Returns the file of an address in `fontFaces`. */
export const fontFile = (name: string): Buffer<ArrayBuffer> | undefined => files.get(name);
