import { aCourse, expect, heading, password, smallCourse, tabTo, test } from "./support/index.ts";

// Journeys with the keyboard alone; studio.spec.ts covers writing a course.

test("somebody skips to the content, searches, signs in, enrolls, learns and looks at the outline", async ({
  page,
  school,
}) => {
  test.setTimeout(120_000);
  const { keyboard } = page;
  await aCourse(school);
  const learner = await school.person("learner");
  await page.goto(school.at());
  await keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeInViewport();
  await keyboard.press("Enter");
  await keyboard.press("Tab");
  await expect(page.getByRole("main").locator(":focus")).toHaveCount(1);

  const search = page.getByRole("banner").getByRole("link", { name: "Search" });
  await tabTo(search);
  await keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Search courses" });
  await expect(dialog.getByRole("searchbox")).toBeFocused();
  await keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(search).toBeFocused();
  await keyboard.press("/");
  await keyboard.type("web develpment");
  await expect(dialog.getByRole("link", { name: smallCourse.title })).toBeVisible();
  await tabTo(dialog.getByRole("button", { name: "Close" }));
  await keyboard.press("Tab");
  await expect(dialog.getByRole("searchbox")).toBeFocused();
  await keyboard.press("ArrowDown");
  await expect(dialog.getByRole("link", { name: smallCourse.title })).toBeFocused();
  await keyboard.press("Enter");
  await expect(heading(page, smallCourse.title)).toBeVisible();

  await tabTo(page.getByRole("link", { name: "Sign in to enroll" }).first());
  await keyboard.press("Enter");
  await expect(page.getByLabel("E-mail address")).toBeFocused();
  await keyboard.type(learner.email);
  await tabTo(page.getByLabel("Password", { exact: true }));
  await keyboard.type(password);
  await tabTo(page.getByRole("button", { name: "Show password" }));
  await keyboard.press("Enter");
  await expect(page.getByLabel("Password", { exact: true })).toHaveValue(password);
  await expect(page.getByLabel("Password", { exact: true })).toHaveAttribute("type", "text");
  await tabTo(page.getByRole("button", { name: "Sign in" }));
  await keyboard.press("Enter");

  const [first, second] = smallCourse.lessons;
  await expect(heading(page, first.title)).toBeVisible();
  // Keyboard shortcuts work only after hydration.
  await expect(page.locator("html[data-awake]")).toBeAttached();
  await keyboard.press("[");
  const outline = page.getByRole("dialog", { name: "Outline of the course" });
  await tabTo(outline.getByRole("link", { name: second.title }));
  await keyboard.press("[");
  await expect(outline).toBeHidden();
  await expect(page.locator("#main:focus, #main :focus")).toHaveCount(1);
  await tabTo(page.getByRole("button", { name: "Mark done" }));
  await keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "Done" })).toBeVisible();
  // The focus must stay where the key acted, not jump to the start of the page.
  await expect(page.getByRole("button", { name: "Mark as not done" })).toBeFocused();
  await keyboard.press("j");
  await expect(heading(page, second.title)).toBeFocused();
  await keyboard.press("k");
  await expect(heading(page, first.title)).toBeFocused();
  await tabTo(page.getByRole("button", { name: "Mark as not done" }));
  await keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Mark done" })).toBeFocused();
  // Undo the completion first.
  await expect(page.getByRole("link", { name: "0 % of the course", exact: true })).toBeVisible();
  await keyboard.press("c");
  await expect(heading(page, second.title)).toBeFocused();
  await tabTo(page.getByRole("button", { name: "Complete and finish" }));
  await keyboard.press("Enter");
  await expect(page.getByText("You finished it.")).toBeVisible();
  await expect(page.getByRole("link", { name: "See your certificate" })).toBeVisible({ timeout: 30_000 });
  await tabTo(page.getByRole("link", { name: "See your certificate" }));
  await keyboard.press("Enter");
  await expect(heading(page, "Certificate of completion")).toBeVisible();
});

test("somebody changes their name, their password and the colors, and signs out", async ({ page, school, trouble }) => {
  trouble.expect(/\/account\S* .*status of 4\d\d/);
  const { keyboard } = page;
  const learner = await school.person("learner");
  await school.signIn(page.context(), learner);
  await page.goto(school.at("/account"));
  const retype = async (label: string, text: string) => {
    await tabTo(page.getByLabel(label, { exact: true }));
    await keyboard.press("ControlOrMeta+a");
    await keyboard.type(text);
  };
  await retype("Given name", "Robin");
  await keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "Your profile is saved." })).toBeVisible();
  await expect(page.locator("summary", { hasText: "Menu of Robin Person" })).toBeVisible();
  await retype("Current password", "not the password");
  await retype("New password", "an entirely new phrase");
  await keyboard.press("Enter");
  await expect(page.getByRole("alert")).toBeFocused();
  await tabTo(page.getByRole("alert").getByRole("link").first());
  await keyboard.press("Enter");
  await expect(page.getByLabel("Current password")).toBeFocused();
  await retype("Current password", password);
  await retype("New password", "an entirely new phrase");
  await tabTo(page.getByRole("button", { name: "Change password" }));
  await keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "Your password is changed." })).toBeVisible();

  const dark = page.getByRole("button", { name: "Dark" });
  await tabTo(dark);
  await keyboard.press("Enter");
  await expect(dark).toHaveAttribute("aria-pressed", "true");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(dark).toBeFocused();
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");

  const menu = page.locator("summary", { hasText: "Menu of Robin Person" });
  await tabTo(menu);
  await keyboard.press("Enter");
  await tabTo(page.getByRole("link", { name: "Account" }));
  await keyboard.press("Escape");
  await expect(menu).toBeFocused();
  await keyboard.press("Enter");
  await tabTo(page.getByRole("button", { name: "Sign out", exact: true }));
  await keyboard.press("Enter");
  await expect(heading(page, "You are signed out")).toBeVisible();
});

test("an owner orders the categories, filters the people and suspends one", async ({ page, school }) => {
  const { keyboard } = page;
  const learner = await school.person("learner", { givenName: "Lena" });
  await school.signIn(page.context(), school.owner);
  await page.goto(school.at("/admin"));
  await tabTo(page.getByRole("link", { name: "Categories" }));
  await keyboard.press("Enter");
  await expect(heading(page, "Categories")).toBeVisible();
  const names = page.getByRole("list", { name: "Categories" }).getByRole("textbox");
  for (const [at, name] of ["Rope", "Sailing"].entries()) {
    await tabTo(page.getByRole("main").getByRole("textbox", { name: "Name" }).first());
    await keyboard.type(name);
    await keyboard.press("Enter");
    await expect(names).toHaveCount(at + 1);
  }
  const up = page.getByRole("button", { name: /^Move \w+ up$/ }).last();
  const [before] = await Promise.all([names.first().inputValue()]);
  await tabTo(up);
  await keyboard.press("Enter");
  await expect(names.first()).not.toHaveValue(before);

  await tabTo(page.getByRole("link", { name: "People" }));
  await keyboard.press("Enter");
  await tabTo(page.getByLabel("Name or e-mail"));
  await keyboard.type("Lena");
  await keyboard.press("Enter");
  await expect(page.getByRole("row")).toHaveCount(2);
  await tabTo(page.getByRole("link", { name: /Lena Person/ }));
  await keyboard.press("Enter");
  await expect(heading(page, "Lena Person")).toBeVisible();
  await tabTo(page.locator("summary", { hasText: "Suspend" }));
  await keyboard.press("Enter");
  await tabTo(page.getByRole("button", { name: "Suspend Lena Person" }));
  await keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "Lena Person is suspended" })).toBeVisible();
  await expect(page.getByText(learner.email)).toBeVisible();
});
