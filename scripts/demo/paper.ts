import { readFileSync } from "node:fs";
import path from "node:path";
import type { Browser, Page } from "@playwright/test";
import { size, view } from "./camera.ts";

// Pictures of the film that are not the product: title, captions and a terminal's window.

const root = path.join(import.meta.dirname, "../..");

const font = (name: string, file: string): string => {
  const bytes = readFileSync(path.join(root, "node_modules/@fontsource-variable", file));
  return `@font-face{font-family:"${name}";src:url(data:font/woff2;base64,${bytes.toString("base64")}) format("woff2");font-weight:100 900}`;
};

const style = `
  ${font("Instrument Sans", "instrument-sans/files/instrument-sans-latin-wght-normal.woff2")}
  ${font("Newsreader", "newsreader/files/newsreader-latin-wght-normal.woff2")}
  ${font("Geist Mono", "geist-mono/files/geist-mono-latin-wght-normal.woff2")}
  * { box-sizing: border-box; margin: 0 }
  body { background: #fbf9f5; color: #1f1b16; font-family: "Instrument Sans", sans-serif; overflow: hidden }
`;

export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A page without external resources. */
export async function paper(browser: Browser, body: string, height: number = view.height): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: size.width, height } });
  await page.setContent(`<!doctype html><meta charset="utf-8"><style>${style}</style>${body}`);
  // `document.fonts.ready` resolves before any layout has asked for a font, so load the fonts explicitly.
  await page.evaluate(() => Promise.all(Array.from(document.fonts, (face) => face.load())));
  return page;
}

/** The film's title or end. */
export const card = (browser: Browser, title: string, lines: readonly string[]): Promise<Page> =>
  paper(
    browser,
    `<main style="height:100vh;display:grid;place-content:center;gap:22px;text-align:center">
       <h1 style="font:500 78px Newsreader,serif;letter-spacing:-.01em">${escaped(title)}</h1>
       ${lines.map((line) => `<p style="font-size:26px;color:#5d554a">${escaped(line)}</p>`).join("")}
     </main>`,
  );

/** Draws the words below the picture. */
export async function stripDrawer(browser: Browser): Promise<(text: string, step: string) => Promise<Buffer>> {
  const page = await paper(
    browser,
    `<div style="height:100vh;border-top:2px solid #e4ddd0;background:#fffdf9;display:flex;align-items:center;gap:26px;padding:0 34px">
       <span id="step" style="flex:none;font-size:19px;font-weight:600;color:#0e6b7c;min-width:118px"></span>
       <p id="text" style="font-size:25px;line-height:1.24;text-wrap:balance"></p>
     </div>`,
    size.strip,
  );
  return async (text, step) => {
    await page.evaluate(
      ([words, number]) => {
        const [at, into] = [document.getElementById("step"), document.getElementById("text")];
        if (at) at.textContent = number ?? "";
        if (into) into.textContent = words ?? "";
      },
      [text, step],
    );
    return page.screenshot({ type: "jpeg", quality: 92 });
  };
}
