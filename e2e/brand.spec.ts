import { aCourse, expect, heading, look, smallCourse, test } from "./support/index.ts";

// The brightest and the darkest a school may choose: its text, buttons and links stay readable on light and on dark.

for (const accent of ["#ffe100", "#000000"]) {
  test(`a school in ${accent} is readable everywhere`, async ({ page, school, browserOf }) => {
    test.setTimeout(120_000);
    await aCourse(school);
    await school.signIn(page.context(), school.owner);
    await page.goto(school.at("/admin/brand"));
    await page.getByLabel("School name").fill("Academy of Extremes");
    await page.getByLabel("Tagline").fill("Learn at the edges.");
    await page.getByLabel("Colour").first().fill(accent);
    await page.getByLabel("Typeface").selectOption({ label: "Newsreader" });
    await page.getByLabel("Round").check();
    await page.getByRole("button", { name: "Save brand" }).click();
    await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
    await expect(page.getByRole("banner").getByRole("link", { name: "Academy of Extremes" })).toBeVisible();
    await look(page, "brand page", heading(page, "Brand"));

    const visitor = await browserOf();
    await visitor.goto(school.at());
    await look(visitor, "home", heading(visitor, "Learn at the edges."));
    const button = visitor.getByRole("link", { name: "Browse all courses" }).first();
    const colour = await button.evaluate((element) => getComputedStyle(element).backgroundColor);
    expect(colour).toBe(accent === "#000000" ? "rgb(0, 0, 0)" : "rgb(255, 225, 0)");
    await visitor.goto(school.at(`/courses/${smallCourse.slug}`));
    await look(visitor, "course", heading(visitor, smallCourse.title));
    await visitor.getByRole("link", { name: "Sign in to enroll" }).click();
    await look(visitor, "sign in", heading(visitor, "Sign in to Academy of Extremes"));

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
