import type { Locator } from "@playwright/test";
import { aCourse, expect, heading, look, openSchool, sidewaysOf, smallCourse, test } from "./support/index.ts";

// The brightest and the darkest a school may choose: its text, buttons and links stay readable on light and on dark.

for (const accent of ["#ffe100", "#000000"]) {
  test(`a school in ${accent} is readable everywhere`, async ({ page, school, browserOf }) => {
    test.setTimeout(120_000);
    await aCourse(school);
    await school.signIn(page.context(), school.owner);
    await page.goto(school.at("/admin/brand"));
    await page.getByLabel("School name").fill("Academy of Extremes");
    await page.getByLabel("Tagline").fill("Learn at the edges.");
    await page.getByLabel("Color").first().fill(accent);
    await page.getByLabel("Typeface").selectOption({ label: "Newsreader" });
    await page.getByLabel("Round").check();
    // The preview is a page in the brand that is not saved yet, and follows what is typed.
    const preview = page.frameLocator('iframe[title="Preview"]');
    const start = preview.locator("main");
    await expect(start.locator("h1")).toHaveText("Learn at the edges.");
    const fillOf = (button: Locator) => button.evaluate((element) => getComputedStyle(element).backgroundColor);
    const expected = accent === "#000000" ? "rgb(0, 0, 0)" : "rgb(255, 225, 0)";
    await expect(start.locator("a").first()).toHaveCSS("background-color", expected);
    await expect(start.locator("a").first()).toHaveCSS("border-radius", "10px");
    await page.getByLabel("Dark", { exact: true }).check();
    await expect(preview.locator("html")).toHaveAttribute("data-theme", "dark");
    await page.getByRole("button", { name: "Save brand" }).click();
    await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
    await expect(page.getByRole("banner").getByRole("link", { name: "Academy of Extremes" })).toBeVisible();
    // The page that saved it wears it too, without being loaded again.
    await expect(page.getByRole("button", { name: "Save brand" })).toHaveCSS("background-color", expected);
    await look(page, "brand page", heading(page, "Brand"));

    const visitor = await browserOf();
    await visitor.goto(school.at());
    await look(visitor, "home", heading(visitor, "Learn at the edges."));
    const button = visitor.getByRole("link", { name: "Browse all courses" }).first();
    expect(await fillOf(button)).toBe(expected);
    await visitor.goto(school.at(`/courses/${smallCourse.slug}`));
    await look(visitor, "course", heading(visitor, smallCourse.title));
    await visitor.getByRole("link", { name: "Sign in to enroll" }).click();
    await look(visitor, "sign in", heading(visitor, "Sign in to Academy of Extremes"));
    expect(await fillOf(visitor.getByRole("button", { name: "Sign in" }))).toBe(expected);

    const learner = await school.person("learner");
    const reader = await browserOf(school, learner);
    await reader.goto(school.at(`/courses/${smallCourse.slug}`));
    await reader.getByRole("button", { name: "Enroll for free" }).click();
    await look(reader, "lesson", heading(reader, smallCourse.lessons[0].title));
    await reader.getByRole("button", { name: "Mark done" }).click();
    await reader.goto(school.at("/learn"));
    await look(reader, "my learning", heading(reader, "My learning"));
  });
}

test("a school uploads its logo, is told when it is none, and lets it go", async ({ page, school, browserOf }) => {
  await school.signIn(page.context(), school.owner);
  await page.goto(school.at("/admin/brand"));
  const upload = async (name: string, mimeType: string, buffer: Buffer) => {
    await page.getByLabel("Logo", { exact: true }).setInputFiles({ name, mimeType, buffer });
    await page.getByRole("button", { name: "Upload logo", exact: true }).click();
  };
  await upload("sign.png", "image/png", Buffer.from("<html>not a picture</html>"));
  await expect(page.getByRole("status").filter({ hasText: "A logo must be a PNG" })).toBeVisible();
  await upload("poster.png", "image/png", Buffer.alloc(600 * 1024, 1));
  await expect(page.getByText("This file is 600 KB. The limit is 512 KB.")).toBeVisible();
  await expect(page.getByLabel("Logo", { exact: true })).toBeFocused();
  await upload("sign.png", "image/png", sign);
  await expect(page.getByRole("status").filter({ hasText: "The logo is in place." })).toBeVisible();
  const logo = page.getByRole("banner").locator("img");
  await expect(logo).toBeVisible();
  const visitor = await browserOf();
  await visitor.goto(school.at());
  const source = await visitor.getByRole("banner").locator("img").getAttribute("src");
  const answer = await visitor.request.get(school.at(source ?? ""));
  expect([answer.status(), answer.headers()["content-type"]]).toEqual([200, "image/png"]);

  // A wordmark in SVG for light pages, another for dark ones; the name is not written beside it.
  const picture = (color: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 60"><path fill="${color}" d="M0 0h300v60z"/></svg>`;
  await upload(
    "bad.svg",
    "image/svg+xml",
    Buffer.from(picture("#000").replace("<path", "<script>alert(1)</script><path")),
  );
  await expect(page.getByRole("status").filter({ hasText: "This SVG contains a script" })).toBeVisible();
  await upload("word.svg", "image/svg+xml", Buffer.from(picture("#14213d")));
  await expect(page.getByRole("checkbox", { name: "The logo contains the school’s name" })).toBeChecked();
  await page
    .getByLabel("Logo for dark pages")
    .setInputFiles({ name: "word.svg", mimeType: "image/svg+xml", buffer: Buffer.from(picture("#ffffff")) });
  await page.getByRole("button", { name: "Upload logo for dark pages" }).click();
  await expect(page.getByRole("button", { name: "Remove logo for dark pages" })).toBeVisible();
  await visitor.goto(school.at());
  const mark = visitor.getByRole("banner").getByRole("link").first();
  await expect(mark.getByRole("img", { name: school.route.name })).toBeVisible();
  expect(await mark.textContent()).toBe("");
  const shown = () => mark.locator("img").evaluate((image: HTMLImageElement) => image.currentSrc);
  const light = await shown();
  await visitor.emulateMedia({ colorScheme: "dark" });
  await expect.poll(async () => ["", light].includes(await shown())).toBe(false);
  const vector = await visitor.request.get(await shown());
  expect(vector.headers()).toMatchObject({
    "content-type": "image/svg+xml",
    "x-content-type-options": "nosniff",
    "content-security-policy": expect.stringContaining("sandbox"),
  });

  await page.getByRole("button", { name: "Remove logo for dark pages" }).click();
  await expect(page.getByRole("status").filter({ hasText: "for dark pages is removed" })).toBeVisible();
  await page.getByRole("button", { name: "Remove logo" }).click();
  await expect(page.getByRole("status").filter({ hasText: "The logo is removed." })).toBeVisible();
  await expect(logo).toHaveCount(0);
});

test("on a phone the way to studio and admin is behind You, and a long name pushes nothing aside", async ({
  browserOf,
}) => {
  const name = "Donaudampfschifffahrtsgesellschaftskapitänsakademie Regensburg";
  const school = await openSchool(name);
  const phone = await browserOf(school, school.owner, { viewport: { width: 360, height: 740 } });
  await phone.goto(school.at());
  const bar = phone.getByRole("navigation", { name: "Main" }).filter({ visible: true });
  await bar.getByRole("link", { name: "You" }).click();
  await phone.getByRole("navigation", { name: "More" }).getByRole("link", { name: "Admin" }).click();
  await look(phone, "overview", heading(phone, "Overview"));
  const visitor = await browserOf(undefined, undefined, { viewport: { width: 360, height: 740 } });
  await visitor.goto(school.at("/auth/sign-in"));
  await expect(heading(visitor, `Sign in to ${name}`)).toBeVisible();
  expect(await sidewaysOf(visitor)).toEqual([]);
});

/** A picture of one dot. */
const sign = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
