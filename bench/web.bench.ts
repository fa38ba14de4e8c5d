import { gzipSync } from "node:zlib";
import { chromium, type Page, type Response } from "@playwright/test";
import { findChromium } from "../scripts/chromium.mjs";
import type { Bench, Line } from "./run.ts";
import { round } from "./support/load.ts";
import { startStage } from "./support/stage.ts";

interface Visit {
  readonly requests: number;
  /** Transferred bytes without headers. */
  readonly bytes: number;
  readonly scripts: ReadonlyMap<string, number>;
}

/** Records everything a page fetches while `act` runs, until the network is idle. */
async function watch(page: Page, act: () => Promise<unknown>): Promise<Visit> {
  const answers: Response[] = [];
  // Read the body at once: it is unavailable after navigation.
  const bodies = new Map<Response, Promise<Buffer>>();
  const listen = (response: Response) => {
    answers.push(response);
    if (response.request().resourceType() === "script") bodies.set(response, response.body());
  };
  page.on("response", listen);
  await act();
  await page.waitForLoadState("networkidle");
  page.off("response", listen);
  let bytes = 0;
  const scripts = new Map<string, number>();
  for (const answer of answers) {
    const sizes = await answer.request().sizes();
    bytes += sizes.responseBodySize;
    const body = await bodies.get(answer)?.catch(() => undefined);
    if (body) scripts.set(answer.url(), gzipSync(body).length);
  }
  return { requests: answers.length, bytes, scripts };
}

const total = (sizes: ReadonlyMap<string, number>): number =>
  [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);

/** Measures what a browser fetches: the lesson page signed in, a first visit of the course page, and lazy parts. */
async function run(emit: (line: Line) => void): Promise<void> {
  const stage = await startStage();
  const executablePath = findChromium();
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"],
  });
  try {
    const base = `http://${stage.route.slug}.localhost:${stage.port}`;
    const visitor = await browser.newPage();
    const first = await watch(visitor, () => visitor.goto(`${base}/courses/${stage.course.slug}`));
    const learner = await browser.newContext();
    const [name, ...value] = stage.learner.cookie.split("=");
    await learner.addCookies([
      { name: name ?? "", value: value.join("="), url: base.replace("http:", "https:"), secure: true, httpOnly: true },
    ]);
    const page = await learner.newPage();
    const lesson = await watch(page, () =>
      page.goto(`${base}/learn/${stage.course.slug}/${stage.course.lessons[7]?.slug}`),
    );
    const lazy = await watch(page, async () => {
      await page.keyboard.press("[");
      await page.getByRole("dialog").waitFor();
      await page.goto(`${base}/learn`);
      await page.waitForLoadState("networkidle");
      await page.keyboard.press("/");
      await page.getByRole("dialog").waitFor();
    });
    const held = new Set(lesson.scripts.keys());
    const extra = [...lazy.scripts].filter(([url]) => !held.has(url)).reduce((sum, [, bytes]) => sum + bytes, 0);
    const absolute = { baseline: null, baselineValue: null, ratio: null };
    emit({
      metric: "web.js",
      value: round(total(lesson.scripts) / 1024, 1),
      unit: "KB gzip",
      ...absolute,
      aim: "<= 130",
    });
    emit({
      metric: "web.js_lazy",
      value: round(extra / 1024, 1),
      unit: "KB gzip",
      ...absolute,
      aim: "said, not limited",
    });
    emit({
      metric: "web.first_visit",
      value: round(first.bytes / 1024, 1),
      unit: "KB",
      ...absolute,
      aim: "<= 300 KB in <= 15 requests",
      requests: first.requests,
    });
  } finally {
    await browser.close();
    await stage.stop();
  }
}

export const benches: Bench[] = [{ group: "web", run }];
