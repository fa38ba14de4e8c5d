import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** No violation of WCAG 2.2 A or AA on the page as it stands. */
export async function expectAccessible(page: Page, about = page.url()): Promise<void> {
  // The legacy mode is for pages without frames of other origins, which ours never have; it saves a tab a call.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).withTags(tags).analyze();
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
  expect(told, about).toEqual([]);
}

/** Nothing on the page is wider than its window: nobody has to scroll sideways to read it. */
export async function expectNoSideways(page: Page, about = page.url()): Promise<void> {
  const wide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const culprits = [...document.body.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .map((element) => element.outerHTML.slice(0, 160));
    return [`${scrollWidth} > ${clientWidth}`, ...culprits.slice(-3)];
  });
  expect(wide, about).toEqual([]);
}

export const desktop = { width: 1280, height: 800 };
export const phone = { width: 360, height: 740 };

/** The page as it stands, in light and dark, on a desktop and on a phone of 360 px. */
export async function expectAccessibleEverywhere(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries({ desktop, phone })) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await expectAccessible(page, `${name}, ${size}, ${colorScheme}`);
    }
    await expectNoSideways(page, `${name}, ${size}`);
  }
  await page.setViewportSize(desktop);
  await page.emulateMedia({ colorScheme: "light" });
}
