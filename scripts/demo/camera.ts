import { closeSync, openSync, readSync, writeSync } from "node:fs";
import type { CDPSession, Locator, Page } from "@playwright/test";
import type { Point } from "./canvas.ts";
import type { Shot } from "./film.ts";
import type { Caption } from "./timed-text.ts";

/** Size of the film; the captions use its lowest part, below the camera's picture. */
export const size = { width: 1280, height: 720, strip: 84 } as const;
export const view = { width: size.width, height: size.height - size.strip } as const;

interface Kept {
  readonly atMs: number;
  readonly from: number;
  readonly bytes: number;
}

interface Moved {
  readonly atMs: number;
  readonly x: number;
  readonly y: number;
  readonly isPress: boolean;
  readonly isHidden?: true;
}

/**
 * Films one page at a time. Its clock stops during work that viewers should not see. Pictures go to a file, because an
 * hour of them exceeds the memory.
 */
export class Camera {
  readonly captions: Caption[] = [];
  readonly strips: Shot[] = [];
  readonly #file: number;
  readonly #shots: Kept[] = [];
  readonly #moves: Moved[] = [];
  readonly #drawStrip: (text: string, step: string) => Promise<Buffer>;
  /** Below 1, pauses are shorter, for trial runs. */
  readonly #pace: number;
  #bytes = 0;
  #page: Page | undefined;
  #session: CDPSession | undefined;
  #startedAt = performance.now();
  #stoppedAt: number | undefined;
  #caption: { readonly fromMs: number; readonly text: string } | undefined;
  step = "";

  constructor(options: { file: string; pace: number; drawStrip: (text: string, step: string) => Promise<Buffer> }) {
    this.#file = openSync(options.file, "w+");
    this.#pace = options.pace;
    this.#drawStrip = options.drawStrip;
  }

  get ms(): number {
    return (this.#stoppedAt ?? performance.now()) - this.#startedAt;
  }

  async on(page: Page): Promise<void> {
    if (page === this.#page) return;
    await this.#session?.send("Page.stopScreencast").catch(() => {});
    await this.#session?.detach().catch(() => {});
    await page.bringToFront();
    this.#page = page;
    const last = this.#moves.at(-1);
    if (last) this.#moves.push({ ...last, atMs: this.ms, isPress: false, isHidden: true });
    // A screenshot waits for fonts and paint; the screencast's first frame may lack either.
    await this.shot();
    const session = await page.context().newCDPSession(page);
    this.#session = session;
    session.on("Page.screencastFrame", ({ data, sessionId }) => {
      if (this.#session === session && this.#stoppedAt === undefined) this.#keep(Buffer.from(data, "base64"));
      session.send("Page.screencastFrameAck", { sessionId }).catch(() => {});
    });
    await session.send("Page.startScreencast", {
      ...{ format: "jpeg", quality: 88, everyNthFrame: 1 },
      ...{ maxWidth: view.width, maxHeight: view.height },
    });
  }

  async shot(): Promise<void> {
    if (this.#page && !this.#page.isClosed()) this.#keep(await this.#page.screenshot({ type: "jpeg", quality: 88 }));
  }

  /** Shows a caption, which stays until the next one, and pauses for reading. */
  async say(text: string, restMs = 0): Promise<void> {
    this.#endCaption();
    const fromMs = this.ms;
    this.#caption = { fromMs, text };
    this.strips.push({ atMs: fromMs, jpeg: await this.#drawStrip(text, this.step) });
    await this.rest(Math.max(2_400, text.split(/\s+/).length * 310) + restMs);
  }

  async rest(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms * this.#pace));
  }

  /** Runs work off camera; the film continues where it stopped. */
  async without<T>(work: () => Promise<T>): Promise<T> {
    this.#stoppedAt = performance.now();
    try {
      return await work();
    } finally {
      this.#startedAt += performance.now() - this.#stoppedAt;
      this.#stoppedAt = undefined;
      await this.shot();
    }
  }

  async press(target: Locator): Promise<void> {
    await this.#moveTo(target);
    this.#note(true);
    await this.rest(160);
    await target.click();
    await this.rest(500);
  }

  async type(target: Locator, text: string): Promise<void> {
    await this.#moveTo(target);
    this.#note(true);
    await target.fill("");
    await target.pressSequentially(text, { delay: Math.max(4, 34 * this.#pace) });
    await this.rest(250);
  }

  /** Scrolls a part of the page into view, slowly enough for viewers. */
  async scrollTo(target: Locator): Promise<void> {
    await target.evaluate((element) => element.scrollIntoView({ behavior: "smooth", block: "center" })).catch(() => {});
    await this.rest(900);
  }

  async scrollBy(pixels: number): Promise<void> {
    await this.#page?.mouse.wheel(0, pixels);
    await this.rest(900);
  }

  async stop(): Promise<void> {
    await this.shot();
    this.#endCaption();
    await this.#session?.send("Page.stopScreencast").catch(() => {});
    this.#stoppedAt = performance.now();
  }

  *shots(): Generator<Shot> {
    for (const { atMs, from, bytes } of this.#shots) {
      const jpeg = Buffer.alloc(bytes);
      readSync(this.#file, jpeg, 0, bytes, from);
      yield { atMs, jpeg };
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Returns the pointer's position at a time, interpolated between two places. */
  pointer(ms: number): Point | undefined {
    let before: Moved | undefined;
    for (const move of this.#moves) {
      if (move.atMs <= ms) {
        before = move;
        continue;
      }
      if (!before || (before.isHidden && ms < move.atMs - 500)) return undefined;
      // Starts late enough not to crawl, and early enough to arrive.
      const leftAt = Math.max(before.atMs, move.atMs - 500);
      const way = ms <= leftAt ? 0 : ease((ms - leftAt) / (move.atMs - leftAt));
      return {
        x: before.x + (move.x - before.x) * way,
        y: before.y + (move.y - before.y) * way,
        press: pressOf(before, ms),
      };
    }
    if (!before || before.isHidden) return undefined;
    return { x: before.x, y: before.y, press: pressOf(before, ms) };
  }

  async #moveTo(target: Locator): Promise<void> {
    const box = await this.#placeOf(target);
    const [x, y] = [box.x + Math.min(box.width / 2, 120), box.y + box.height / 2];
    if (this.#moves.length === 0)
      this.#moves.push({ atMs: this.ms, x: view.width / 2, y: view.height / 2, isPress: false });
    await this.rest(450);
    await this.#page?.mouse.move(x, y);
    this.#moves.push({ atMs: this.ms, x, y, isPress: false });
  }

  /** Returns its position once it is in view. Hydration may replace the element, so look it up again. */
  async #placeOf(target: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
    for (let tries = 0; ; tries += 1) {
      try {
        await target.scrollIntoViewIfNeeded();
        const box = await target.boundingBox();
        if (box) return box;
      } catch (error) {
        if (tries === 5) throw error;
      }
      if (tries === 5) throw new Error(`nothing to point at: ${target}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  #note(isPress: boolean): void {
    const last = this.#moves.at(-1);
    if (last) this.#moves.push({ ...last, atMs: this.ms, isPress });
  }

  #endCaption(): void {
    if (this.#caption) this.captions.push({ ...this.#caption, toMs: this.ms });
    this.#caption = undefined;
  }

  #keep(jpeg: Buffer): void {
    writeSync(this.#file, jpeg, 0, jpeg.byteLength, this.#bytes);
    this.#shots.push({ atMs: this.#shots.length === 0 ? 0 : this.ms, from: this.#bytes, bytes: jpeg.byteLength });
    this.#bytes += jpeg.byteLength;
  }
}

const ease = (way: number): number => (way < 0.5 ? 2 * way * way : 1 - (2 - 2 * way) ** 2 / 2);
const pressOf = ({ isPress, atMs }: Moved, ms: number): number => (isPress ? Math.max(0, 1 - (ms - atMs) / 450) : 0);
