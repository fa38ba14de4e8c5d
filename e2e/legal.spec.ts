import { Legal } from "@lectern/core/people/legal";
import { Settings } from "@lectern/core/people/settings";
import { School } from "@lectern/tenants/school";
import { aCourse, expect, heading, look, platform, smallCourse, test } from "./support/index.ts";

// The contact details must appear on every page, error pages included.

test("an owner writes the privacy policy; visitors find it and a contact, on error pages too", async ({
  page,
  school,
  browserOf,
  trouble,
}) => {
  trouble.expect(/status of (404|412|422)/);
  // Before the first visit: the site caches a school's route for 30 seconds.
  await school.as(school.owner, async () => {
    await Legal.update({ page: "terms", text: "Be kind." });
    await Settings.update({ contactEmail: "help@journey.example" });
    await School.followSettings();
  });
  await school.signIn(page.context(), school.owner);
  await page.goto(school.at("/admin/legal"));
  const policy = page.locator("#privacy");
  await policy.getByLabel("Link to a page elsewhere").fill("javascript:alert(1)");
  await policy.getByRole("button", { name: "Save privacy policy" }).click();
  await expect(page.getByRole("alert")).toContainText("begins with https://");
  await policy.getByLabel("Link to a page elsewhere").fill("");
  await policy.getByLabel("Text").fill("# Datenschutz\n\nWir speichern *wenig*. <script>alert(1)</script>");
  await policy.getByRole("button", { name: "Save privacy policy" }).click();
  const said = page.getByRole("status").filter({ hasText: "Privacy policy saved." });
  await expect(said).toBeVisible();
  // A flash message appears once, not on the next page again.
  await page.getByRole("link", { name: "Settings" }).click();
  await expect(heading(page, "Settings")).toBeVisible();
  await expect(said).toHaveCount(0);
  await expect(page.getByLabel("Contact address")).toHaveValue("help@journey.example");
  await expect(page.getByLabel("Domains", { exact: true })).toBeHidden();
  await page.getByLabel("People with certain e-mail domains").check();
  await expect(page.getByLabel("Domains", { exact: true })).toBeVisible();

  // A conflict must not overwrite a colleague's save, and leaving must not lose typed text.
  await page.goto(school.at("/admin/legal"));
  await school.as(school.owner, () => Legal.update({ page: "imprint", text: "Written meanwhile." }));
  const imprint = page.locator("#imprint");
  await imprint.getByLabel("Text").fill("Typed here.");
  await imprint.getByRole("button", { name: "Save imprint" }).click();
  const other = imprint.getByRole("region", { name: "Somebody else has saved this meanwhile" });
  await expect(other).toContainText("Written meanwhile.");
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Stay here" }).click();
  await expect(imprint.getByLabel("Text")).toHaveValue("Typed here.");
  await imprint.getByLabel("Text").fill("");
  await imprint.getByRole("button", { name: "Keep mine and save" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Imprint saved." })).toBeVisible();
  await page.locator("#terms").getByLabel("Text").fill("Be kind, and on time.");
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Leave without saving" }).click();
  await expect(heading(page, "Settings")).toBeVisible();

  const visitor = await browserOf();
  await visitor.goto(school.at("/legal/privacy"));
  await look(visitor, "privacy policy", heading(visitor, "Datenschutz"));
  await expect(visitor.getByRole("main")).toContainText("Last changed");
  await expect(visitor.locator(".reading em")).toHaveText("wenig");
  const foot = visitor.getByRole("contentinfo");
  // The footer follows by an event.
  await expect(async () => {
    await visitor.reload();
    await expect(foot.getByRole("link", { name: "Terms" })).toHaveAttribute("href", "/legal/terms", { timeout: 500 });
  }).toPass({ timeout: 30_000 });
  await expect(foot.getByRole("link", { name: "Contact" })).toHaveAttribute("href", "mailto:help@journey.example");
  await expect(foot.getByRole("link", { name: "Imprint" })).toHaveCount(0);
  await visitor.goto(school.at("/legal/imprint"));
  await expect(visitor.getByRole("main").getByRole("link", { name: "Contact the school" })).toHaveAttribute(
    "href",
    /^mailto:help@journey\.example\?subject=Request/,
  );
  await visitor.goto(platform().replace("://", "://nobody-here."));
  await expect(visitor.getByRole("link", { name: "Contact support" })).toBeVisible();
  await visitor.getByRole("link", { name: "Find my school" }).click();
  await expect(heading(visitor, "Find my school")).toBeVisible();
});

test("a name in any script proposes an address, and it is judged at once", async ({ page, school, trouble }) => {
  trouble.expect(/status of 422/);
  await page.goto(platform());
  await page.getByLabel("Name of your school").first().fill(`日本語 ${school.route.slug}`);
  await page.getByRole("button", { name: "Open a school" }).first().click();
  await expect(page.getByLabel("Address", { exact: true })).toHaveValue(/^ri-ben-yu-j-/);
  await expect(page.getByText(/^ri-ben-yu-\S+ is free\.$/)).toBeVisible();
  await page.getByLabel("Address", { exact: true }).fill("Ünïcode Straße");
  await expect(page.getByRole("button", { name: "unicode-strasse", exact: true })).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill("qwertyuiop123");
  await page.getByRole("button", { name: "Show password" }).click();
  await expect(page.getByLabel("Password", { exact: true })).toHaveAttribute("type", "text");
  await page.getByRole("button", { name: "Open a school" }).click();
  const summary = page.getByRole("alert");
  for (const words of ["cannot be part of an address", "given name", "Please enter your e-mail address.", "guessed"])
    await expect(summary).toContainText(words);
});

test("a drawer gives the focus back, Escape closes a confirmation, and a page keeps a clean address", async ({
  page,
  school,
  trouble,
}) => {
  trouble.expect(/status of 422/);
  const { courseId } = await aCourse(school);
  await school.signIn(page.context(), school.owner);
  await page.goto(school.at(`/learn/${smallCourse.slug}/${smallCourse.lessons[0].slug}`));
  await expect(heading(page, smallCourse.lessons[0].title)).toBeVisible();
  await expect(page.locator(".reading").first()).toHaveCSS("hyphens", "auto");
  await page.keyboard.press("[");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  // After closing, the focus returns to the page's content; a lesson focuses its title.
  await expect(page.locator("#main, #main h1").and(page.locator(":focus"))).toHaveCount(1);

  await page.goto(school.at(`/studio/courses/${courseId}`));
  await page.getByRole("button", { name: "Add module" }).click();
  await expect(page.getByRole("alert").first()).toBeVisible();
  await expect(page).toHaveURL(school.at(`/studio/courses/${courseId}`));

  await page.goto(school.at("/admin/categories"));
  await page.getByLabel("Name").fill("Knots");
  await page.getByRole("button", { name: "Add category" }).click();
  await page.locator("summary", { hasText: "Remove" }).click();
  await expect(page.getByRole("button", { name: "Remove Knots" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Remove Knots" })).toBeHidden();
  await expect(page.locator("summary", { hasText: "Remove" })).toBeFocused();
});
