import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";

const levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** What a change of colours alone can break. */
const colourRules = ["color-contrast", "link-in-text-block"];

/** Every violation of WCAG 2.2 A or AA on the page as it stands; none is the aim. */
export async function violationsOf(page: Page, rules?: readonly string[]): Promise<string[]> {
  // The legacy mode is for pages without frames of other origins, which ours never have; it saves a tab a call.
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  const { violations } = await (rules ? axe.withRules([...rules]) : axe.withTags(levels)).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}

/** What makes the page wider than its window, so that people have to scroll sideways to read it. */
export const sidewaysOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.body.querySelectorAll("*")].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 1,
    );
    return [`${scrollWidth} > ${clientWidth}`, ...wide.slice(-3).map((element) => element.outerHTML.slice(0, 160))];
  });

const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };

/**
 * A state of a page, known by something that only it shows: in light and dark, on a desktop and on a phone of 360 px. All
 * of it is told, then the journey goes on to the next state.
 */
export async function look(page: Page, name: string, proof: Locator): Promise<void> {
  await test.step(name, async () => {
    await expect(proof, name).toBeVisible();
    for (const [size, viewport] of Object.entries(sizes)) {
      await page.setViewportSize(viewport);
      expect.soft(await violationsOf(page), `${name}, ${size}`).toEqual([]);
      expect.soft(await sidewaysOf(page), `${name}, ${size}`).toEqual([]);
      await page.emulateMedia({ colorScheme: "dark" });
      expect.soft(await violationsOf(page, colourRules), `${name}, ${size}, dark`).toEqual([]);
      await page.emulateMedia({ colorScheme: "light" });
    }
    await page.setViewportSize(sizes.desktop);
  });
}
