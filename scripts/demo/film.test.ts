import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, chromium } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findChromium } from "../chromium.mjs";
import { Camera, size } from "./camera.ts";
import { writeFilm } from "./film.ts";
import { look } from "./look.ts";
import { card, paper, stripDrawer } from "./paper.ts";
import { lineAsHtml, Terminal } from "./terminal.ts";
import { textSamples } from "./timed-text.ts";

// A short film of a card, a page and a terminal must play to its end with its captions.

const folder = mkdtempSync(path.join(tmpdir(), "lectern-film-"));
let browser: Browser;
beforeAll(async () => {
  const executablePath = findChromium();
  browser = await chromium.launch(executablePath ? { executablePath } : {});
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a film has a picture, captions, and nothing blank at its ends", { timeout: 60_000 }, async () => {
  const file = path.join(folder, "short.mp4");
  const drawStrip = await stripDrawer(browser);
  const begin = performance.now();
  const camera = new Camera({ file: path.join(folder, "pictures"), pace: 0.1, drawStrip });
  const terminal = await Terminal.open(browser, {});
  await camera.on(await card(browser, "Lectern", ["A school of your own."]));
  await camera.say("It begins – with a name.");
  const page = await paper(browser, `<button style="margin:200px;font-size:40px">Open a school</button>`);
  await camera.on(page);
  camera.step = "1  Open";
  await camera.say("One press.");
  await camera.press(page.getByRole("button"));
  const output = await terminal.run(camera, "echo one; echo two");
  expect(output).toBe("one\ntwo\n");
  expect(await terminal.page.locator("pre").textContent()).toContain("echo one; echo two\none\ntwo\n");
  await camera.without(() => new Promise((resolve) => setTimeout(resolve, 3_000)));
  await camera.say("And it ends.");
  await camera.stop();
  const durationMs = camera.ms;
  const wallMs = performance.now() - begin;
  await writeFilm({
    ...{ file, width: size.width, height: size.height, stripHeight: size.strip, framesPerSecond: 10 },
    ...{ durationMs, shots: camera.shots(), strips: camera.strips, captions: camera.captions },
    pointer: (ms) => camera.pointer(ms),
  });
  camera.close();
  const seen = await look(file);
  expect(seen).toMatchObject({ width: size.width, height: size.height, codec: "h264" });
  expect(Math.abs(seen.durationMs - durationMs)).toBeLessThan(250);
  expect(seen.frames).toBe(Math.ceil(durationMs / 100));
  expect(seen.captions.map(({ text }) => text)).toEqual(["It begins – with a name.", "One press.", "And it ends."]);
  // Work off camera is not in the film.
  expect(wallMs - durationMs).toBeGreaterThan(2_900);
  for (const contrast of seen.contrast) expect(contrast).toBeGreaterThan(3);

  // The check must recognize an empty film.
  const blank = path.join(folder, "blank.mp4");
  const white = await (await paper(browser, "")).screenshot({ type: "jpeg" });
  await writeFilm({
    ...{ file: blank, width: 640, height: 360, framesPerSecond: 10, durationMs: 1_500 },
    ...{ shots: [{ atMs: 0, jpeg: white }], captions: [] },
  });
  const nothing = await look(blank);
  expect(nothing.captions).toEqual([]);
  for (const contrast of nothing.contrast) expect(contrast).toBeLessThan(1);
});

test("every font has arrived before a page is filmed", async () => {
  const page = await paper(browser, "");
  expect(await page.evaluate(() => Array.from(document.fonts, (face) => face.status))).toEqual(Array(3).fill("loaded"));
});

test("the first picture of a page waits for its fonts", async () => {
  const page = await browser.newPage({ viewport: size });
  const bytes = readFileSync(
    path.join(
      import.meta.dirname,
      "../../node_modules/@fontsource-variable/newsreader/files/newsreader-latin-wght-normal.woff2",
    ),
  );
  await page.route("http://fonts.test/late.woff2", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await route.fulfill({ body: bytes, contentType: "font/woff2", headers: { "access-control-allow-origin": "*" } });
  });
  await page.setContent(
    `<style>@font-face{font-family:Late;src:url(http://fonts.test/late.woff2);font-display:block}
     body{background:#fff;color:#000;font:160px Late}</style><p>Lectern</p>`,
    { waitUntil: "commit" },
  );
  const camera = new Camera({ file: path.join(folder, "late"), pace: 0, drawStrip: async () => Buffer.alloc(0) });
  await camera.on(page);
  const [first] = camera.shots();
  const file = path.join(folder, "late.mp4");
  await writeFilm({
    ...{ file, width: size.width, height: size.height, framesPerSecond: 10, durationMs: 500 },
    ...{ shots: first ? [first] : [], captions: [] },
  });
  camera.close();
  const { contrast } = await look(file);
  expect(contrast[0]).toBeGreaterThan(10);
});

test("captions leave no hole and do not overlap", () => {
  const samples = textSamples(
    [
      { fromMs: 500, toMs: 1_500, text: "a" },
      { fromMs: 1_400, toMs: 2_000, text: "b" },
      { fromMs: 2_000, toMs: 9_000, text: "c" },
    ],
    3_000,
  );
  expect(samples.map(({ fromMs, toMs, text }) => [fromMs, toMs, text])).toEqual([
    [0, 500, ""],
    [500, 1_500, "a"],
    [1_500, 2_000, "b"],
    [2_000, 3_000, "c"],
  ]);
});

test("a line of a terminal keeps its colours and nothing that could be markup", () => {
  const start = String.fromCharCode(27);
  expect(lineAsHtml(`${start}[32m✓${start}[39m <b> is done`)).toBe(
    '<span style="color:#1b7a3d;">✓</span> &lt;b&gt; is done',
  );
  expect(lineAsHtml(`10 %\r${start}[2K100 %`)).toBe("100 %");
});
