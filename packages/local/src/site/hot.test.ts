import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, chromium } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findChromium } from "../../../../scripts/chromium.mjs";
import { type Cloud, startCloud } from "../cloud/index.ts";
import { inRepository } from "../cloud/paths.ts";
import { tempDir, until } from "../testing/index.ts";

// `npm run dev -- --hot` on an editable copy of the pages. The copy is in the repository, where its imports resolve.

const copy = inRepository(".lectern", `hot-${process.pid}`);
const lines: string[] = [];
let dir: ReturnType<typeof tempDir>;
let cloud: Cloud;
let browser: Browser;
beforeAll(async () => {
  const web = inRepository("packages", "web");
  mkdirSync(copy, { recursive: true });
  for (const part of ["app", "package.json", "tsconfig.json", "vite.config.ts"])
    cpSync(join(web, part), join(copy, part), { recursive: true });
  process.env.LECTERN_WEB_FOLDER = copy;
  dir = tempDir();
  const executablePath = findChromium();
  [cloud, browser] = await Promise.all([
    startCloud({ dataDir: dir.path, port: 0, worker: false, hot: true, log: (line) => lines.push(line) }),
    chromium.launch(executablePath ? { executablePath } : {}),
  ]);
}, 120_000);
afterAll(async () => {
  delete process.env.LECTERN_WEB_FOLDER;
  await browser?.close();
  await cloud?.stop();
  dir.remove();
  rmSync(copy, { recursive: true, force: true });
});

/** Replaces the page's title. */
function edit(words: string): void {
  const route = join(copy, "app/routes/pricing.tsx");
  const text = readFileSync(route, "utf8");
  const edited = text.replace(/(<h1[^>]*>)[\s\S]*?(<\/h1>)/, `$1${words}$2`);
  if (edited === text) throw new Error("the page of prices has no title to edit");
  writeFileSync(route, edited);
}

const html = (path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const host = `localhost:${cloud.port}`;
    request({ host: "127.0.0.1", port: cloud.port, path, headers: { host } }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => resolve(body));
    })
      .on("error", reject)
      .end();
  });

test("an edit of a route is in the next answer and in the page that is open, without a restart", async () => {
  const page = await browser.newPage();
  await page.goto(`${cloud.url}/pricing`);
  const title = page.getByRole("heading", { level: 1 });
  await expect.poll(() => title.textContent(), { timeout: 30_000 }).not.toBe("");
  // The page listens for updates only after its first load is complete.
  await page.waitForLoadState("networkidle");
  edit("Edited once");
  expect(
    await until(async () => ((await html("/pricing")).includes("Edited once") ? "there" : undefined), 20_000),
  ).toBe("there");
  await expect.poll(() => title.textContent(), { timeout: 30_000 }).toBe("Edited once");
  edit("Edited twice");
  await expect.poll(() => title.textContent(), { timeout: 30_000 }).toBe("Edited twice");
  expect(await html("/pricing")).toContain("Edited twice");
  expect(lines.filter((line) => line.includes("starts again"))).toEqual([]);
}, 120_000);

test("a route that does not compile ends nothing: after the next edit all is well again", async () => {
  edit("{");
  await sleep(1_500); // the watcher has seen it by then
  const route = join(copy, "app/routes/pricing.tsx");
  writeFileSync(route, readFileSync(inRepository("packages/web/app/routes/pricing.tsx"), "utf8"));
  edit("Well again");
  const well = async () => ((await html("/pricing")).includes("Well again") ? "well" : undefined);
  expect(await until(well, 20_000)).toBe("well");
  expect(lines.filter((line) => line.includes("starts again"))).toEqual([]);
}, 60_000);
