import { expect, type Locator } from "@playwright/test";

/** Presses Tab until this control has the focus, then checks that its focus ring is visible and nothing covers it. */
export async function tabTo(target: Locator): Promise<void> {
  const page = target.page();
  await expect(target).toBeVisible();
  const isThere = () => target.evaluate((element) => element === document.activeElement);
  for (let presses = 0; !(await isThere()); presses++) {
    if (presses > 120) throw new Error(`Tab does not reach ${target}`);
    await page.keyboard.press("Tab");
  }
  const seen = () =>
    target.evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      const points = [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) => [left + width * x, top + height * y]));
      const shows = points.some(([x = 0, y = 0]) => {
        const above = document.elementFromPoint(x, y);
        return element.contains(above);
      });
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return { ring: outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1, shows };
    });
  // Polled, because a message that goes away moves the page under the control.
  await expect.poll(seen, { message: `the focus on ${target}`, timeout: 3_000 }).toEqual({ ring: true, shows: true });
}
