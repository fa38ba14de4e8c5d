import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";

const levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const colourRules = ["color-contrast", "link-in-text-block"];

/**
 * Contrasts that axe cannot compute and a person has checked. Each says why it is no fault; other uncertain results
 * count as violations.
 */
const settled: Readonly<Record<string, (html: string) => boolean>> = {
  // A sticky bar or an open menu covers the text here; axe measures the same words elsewhere.
  bgOverlap: () => true,
  elmPartiallyObscured: () => true,
  // The arrow of a select is a background image beside its text.
  bgImage: (html) => html.startsWith("<select"),
  shortTextContent: (html) => html.includes('aria-hidden="true"') || html.startsWith("<text"),
  // The arrow of a sorted column has the color of its header.
  nonBmp: (html) => html.includes('aria-hidden="true"'),
  imgNode: (html) => html.startsWith("<text"),
  // An empty field; axe measures a filled one.
  emptyValue: () => true,
};

/** Returns every WCAG 2.2 A or AA violation on the page. */
export async function violationsOf(page: Page, rules?: readonly string[]): Promise<string[]> {
  // Injecting axe's half megabyte again takes longer than the run.
  const isThere = await page.evaluate(() => "axe" in window);
  // Legacy mode does not support cross-origin frames, which our pages never have; it saves a tab per call.
  const axe = new AxeBuilder({ page, ...(isThere ? { axeSource: "void 0" } : {}) })
    .setLegacyMode(true)
    .options({ resultTypes: ["violations", "incomplete"] });
  const { violations, incomplete } = await (rules ? axe.withRules([...rules]) : axe.withTags(levels)).analyze();
  const unsure = incomplete.map((result) => ({
    id: `${result.id} (unsure)`,
    nodes: result.nodes.filter(({ any, html }) => !any.some(({ data }) => settled[data?.messageKey]?.(html))),
  }));
  return [...violations, ...unsure].flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}

/**
 * As `violationsOf`, from the top of the page. A sticky bar always covers some target, so a target's size counts only
 * when it also fails at the bottom of the page.
 */
async function violationsAnywhere(page: Page, rules?: readonly string[]): Promise<string[]> {
  const isSize = (violation: string) => violation.startsWith("target-size");
  const nameOf = (violation: string) => violation.split("\n")[0];
  await page.evaluate(() => window.scrollTo(0, 0));
  const found = await violationsOf(page, rules);
  if (!found.some(isSize)) return found;
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  const below = new Set((await violationsOf(page, ["target-size"])).map(nameOf));
  return found.filter((violation) => !isSize(violation) || below.has(nameOf(violation)));
}

/** Returns the elements that make the page scroll sideways. */
export const sidewaysOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.body.querySelectorAll("*")].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 1,
    );
    return [`${scrollWidth} > ${clientWidth}`, ...wide.slice(-3).map((element) => element.outerHTML.slice(0, 160))];
  });

const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 320, height: 640 } };

/**
 * Checks a page's state, identified by `proof`, in light and dark on a desktop and at 320 px, and reports all findings
 * at once.
 */
export async function look(page: Page, name: string, proof: Locator): Promise<void> {
  await test.step(name, async () => {
    await expect(proof, name).toBeVisible();
    for (const [size, viewport] of Object.entries(sizes)) {
      await page.setViewportSize(viewport);
      expect.soft(await violationsAnywhere(page), `${name}, ${size}`).toEqual([]);
      expect.soft(await sidewaysOf(page), `${name}, ${size}`).toEqual([]);
      await page.emulateMedia({ colorScheme: "dark" });
      expect.soft(await violationsOf(page, colourRules), `${name}, ${size}, dark`).toEqual([]);
      await page.emulateMedia({ colorScheme: "light" });
    }
    await page.setViewportSize(sizes.desktop);
  });
}
