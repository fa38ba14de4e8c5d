import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";

const levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** What a change of colours alone can break. */
const colourRules = ["color-contrast", "link-in-text-block"];

/**
 * Where axe cannot tell a contrast, looked at once by eye. Each says why it is no fault; anything else it is unsure of
 * counts as a violation until somebody has looked.
 */
const settled: Readonly<Record<string, (html: string) => boolean>> = {
  // A sticky bar or an open menu lies over it at this height of the page; elsewhere the same words are measured.
  bgOverlap: () => true,
  elmPartiallyObscured: () => true,
  // The arrow of a select is a background image beside its text.
  bgImage: (html) => html.startsWith("<select"),
  // The dots between facts, which screen readers do not hear, and the letter of a drawn sample's logo.
  shortTextContent: (html) => html.includes('aria-hidden="true"') || html.startsWith("<text"),
  // The arrow of a sorted column, in the ink of the head beside it.
  nonBmp: (html) => html.includes('aria-hidden="true"'),
  // The name in a drawn sample of a school's look, in ink on the sample's own paper.
  imgNode: (html) => html.startsWith("<text"),
  // An empty field: the same box with words in it is measured beside it.
  emptyValue: () => true,
};

/** Every violation of WCAG 2.2 A or AA on the page as it stands; none is the aim. */
export async function violationsOf(page: Page, rules?: readonly string[]): Promise<string[]> {
  // A document that has axe is not given its half megabyte again: that takes longer than the run itself.
  const isThere = await page.evaluate(() => "axe" in window);
  // The legacy mode is for pages without frames of other origins, which ours never have; it saves a tab a call.
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
 * `violationsOf`, from the top of the page. A sticky bar covers a part of some target at every height of a page, so the size
 * of a target counts only where it is too small at the bottom of the page as well.
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

const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 320, height: 640 } };

/**
 * A state of a page, known by something that only it shows: in light and dark, on a desktop and on the narrowest phone, of 320 px. All
 * of it is told, then the journey goes on to the next state.
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
