import { expect, sidewaysOf, test, violationsOf } from "../support/index.ts";

// The other files expect no findings; this one proves that the check finds planted faults.

test("a planted fault is found in either colour scheme, and a wide page is", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.setContent(`<!doctype html><html lang="en"><title>Planted</title>
    <style>@media (prefers-color-scheme: dark) { body { background: #000 } p { color: #333 } }</style>
    <main><h1>Planted</h1><p>Readable by day only.</p></main>`);
  expect(await violationsOf(page)).toEqual([]);
  expect(await sidewaysOf(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  expect((await violationsOf(page, ["color-contrast"])).join()).toContain("color-contrast: <p>");
  await page.emulateMedia({ colorScheme: "light" });
  await page.locator("main").evaluate((main) => {
    main.innerHTML += '<input name="q"><div style="width: 400px">Wide</div>';
  });
  expect((await violationsOf(page)).join()).toContain("label: <input");
  expect((await sidewaysOf(page)).join()).toContain("Wide");
});
