import { Course } from "@lectern/core/learn/course";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { Progress } from "@lectern/core/learn/progress";
import { aCourse, expect, fillSignIn, type Page, sidewaysOf, smallCourse, tabTo, test } from "./support/index.ts";

const flash = (page: Page, words: string) => expect(page.getByRole("status").filter({ hasText: words })).toBeVisible();

test("an instructor writes, orders, previews and publishes a course with the keyboard alone", async ({
  page,
  school,
  browserOf,
  trouble,
}) => {
  test.setTimeout(150_000);
  trouble.expect(/\/studio\/courses\/\S+ .*status of 422/);
  trouble.expect(/\/courses\/knots\S* .*status of 404/);
  const { keyboard } = page;
  const main = page.getByRole("main");
  const type = async (label: string, text: string) => {
    await tabTo(main.getByLabel(label, { exact: true }));
    await keyboard.type(text);
  };
  const press = async (role: "button" | "link", name: string | RegExp) => {
    await tabTo(main.getByRole(role, { name }));
    await keyboard.press("Enter");
  };
  await school.signIn(page.context(), await school.person("instructor"));
  await page.goto(school.at("/studio"));
  await press("link", "New course");
  await type("Title", "Knots");
  await keyboard.press("Enter");
  await flash(page, "The draft is ready.");
  await type("Module title", "First knots");
  await keyboard.press("Enter");
  await flash(page, "Module added.");
  await expect(main.getByLabel("Module title").last()).toHaveValue("");
  // The list of what is missing links lessons too; only the outline moves them.
  const outline = main.getByRole("list").filter({ has: page.getByRole("button", { name: /^Move / }) });
  const lessons = outline.getByRole("link", { name: /^(Bowline|Clove hitch)$/ });
  for (const [at, title] of ["Bowline", "Clove hitch"].entries()) {
    await type("Lesson title", title);
    await keyboard.press("Enter");
    await expect(lessons.nth(at)).toHaveText(title);
    await expect(main.getByLabel("Lesson title")).toHaveValue("");
  }

  // An empty course cannot be published, and the page lists what is missing.
  await press("button", "Publish course");
  await expect(page.getByRole("alert")).toContainText("Write a lesson and publish it.");
  await expect(page.getByRole("alert")).toBeFocused();
  await expect.poll(() => new URL(page.url()).search).toBe("");

  await press("button", "Move Clove hitch up");
  await expect(lessons).toHaveText(["Clove hitch", "Bowline"]);
  await tabTo(lessons.filter({ hasText: "Bowline" }));
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Bowline" })).toBeVisible();
  await type("Text", "## The king of knots\n\nIt **holds** under load.");
  await press("button", "Preview");
  const preview = page.getByRole("region", { name: "Preview" });
  await expect(preview.getByRole("heading", { name: "The king of knots" })).toBeVisible();
  await expect(preview.locator("strong")).toHaveText("holds");
  await press("button", "Save lesson");
  await flash(page, "Saved.");
  await expect(main.getByLabel("Text")).toHaveValue(/king of knots/);
  await type("Text", " slips");
  await press("button", "Save lesson");
  await expect(main.getByText("2 earlier versions")).toBeVisible();
  // The editor must hold the restored text; otherwise the next save would undo the restore.
  await tabTo(main.locator("summary", { hasText: "2 earlier versions" }));
  await keyboard.press("Enter");
  await tabTo(main.locator("#history").getByRole("listitem").first().getByRole("link"));
  await keyboard.press("Enter");
  await tabTo(main.locator("summary", { hasText: "Restore this version" }));
  await keyboard.press("Enter");
  await press("button", "Restore it");
  await flash(page, "The earlier version is restored.");
  await expect(main.getByLabel("Text")).toHaveValue("## The king of knots\n\nIt **holds** under load.");

  await press("link", "Knots");
  // Only the button below the confirmation publishes.
  await expect(main.getByRole("button", { name: "Publish course" })).toHaveCount(0);
  await press("button", "Publish with these choices");
  await flash(page, "“Knots” is published.");
  const visitor = await browserOf();
  expect((await visitor.goto(school.at("/courses/knots")))?.status()).toBe(200);
  await expect(visitor.getByText("Bowline")).toBeVisible();
  await expect(visitor.getByText("Clove hitch")).toHaveCount(0);

  await tabTo(main.locator("summary", { hasText: "Unpublish" }));
  await keyboard.press("Enter");
  await press("button", "Unpublish “Knots”");
  await flash(page, "“Knots” is a draft again.");
  expect((await visitor.goto(school.at("/courses/knots")))?.status()).toBe(404);
});

test("leaving an editor with text that is not saved asks first, and loses nothing", async ({ page, school }) => {
  const instructor = await school.person("instructor");
  const { courseId } = await aCourse(school, instructor);
  await school.signIn(page.context(), instructor);
  await page.goto(school.at(`/studio/courses/${courseId}`));
  await page.getByRole("main").getByRole("link", { name: smallCourse.lessons[0].title }).click();
  const text = page.getByLabel("Text", { exact: true });
  const question = page.getByRole("dialog", { name: "You have not saved" });
  const away = page.getByRole("main").getByRole("link", { name: smallCourse.title });
  await expect(text).toBeVisible();

  // Nothing was typed, so no question appears.
  await away.click();
  await expect(page).toHaveURL(school.at(`/studio/courses/${courseId}`));
  await page.goBack();

  await text.fill("Typed and not saved.");
  await away.click();
  await expect(question).toBeVisible();
  await question.getByRole("button", { name: "Stay here" }).click();
  await expect(question).toBeHidden();
  await expect(text).toHaveValue("Typed and not saved.");
  await page.goBack();
  await expect(question).toBeVisible();
  await question.getByRole("button", { name: "Stay here" }).click();

  // After a save the page can be left; unsaved text needs a confirmation.
  await page.getByRole("button", { name: "Save lesson" }).click();
  await flash(page, "Saved.");
  await text.fill("Lost on purpose.");
  await away.click();
  await question.getByRole("button", { name: "Leave without saving" }).click();
  await expect(page).toHaveURL(school.at(`/studio/courses/${courseId}`));
  await page.getByRole("main").getByRole("link", { name: smallCourse.lessons[0].title }).click();
  await expect(text).toHaveValue("Typed and not saved.");
});

test("a save that gets no answer loses no text: offline, a failing server, an ended session", async ({
  page,
  school,
  trouble,
}) => {
  test.setTimeout(120_000);
  trouble.expect(/favicon\.ico/);
  trouble.expect(/ERR_INTERNET_DISCONNECTED|status of (500|412)|SyntaxError/);
  const instructor = await school.person("instructor");
  const { courseId } = await aCourse(school, instructor);
  const { origin } = new URL(school.at("/"));
  await school.signIn(page.context(), instructor);
  await page.goto(school.at(`/studio/courses/${courseId}`));
  await page.getByRole("main").getByRole("link", { name: smallCourse.lessons[0].title }).click();
  const text = page.getByLabel("Text", { exact: true });
  await expect(text).toBeVisible();
  const editor = page.url();
  const save = page.getByRole("button", { name: "Save lesson" });
  const back = page.getByText("Your last save did not arrive.");

  await text.fill("Typed in a tunnel.");
  await page.getByRole("checkbox", { name: "Free preview" }).check();
  await page.context().setOffline(true);
  await save.click();
  await expect(page.getByRole("heading", { level: 1, name: "You are offline" })).toBeVisible();
  await page.context().setOffline(false);
  await page.getByRole("link", { name: "Try again" }).click();
  await expect(back).toBeVisible();
  await expect(text).toHaveValue("Typed in a tunnel.");
  await expect(page.getByRole("checkbox", { name: "Free preview" })).toBeChecked();
  await save.click();
  await flash(page, "Saved.");
  await expect(back).toBeHidden();

  // An answered save leaves no copy behind.
  await page.reload();
  await expect(text).toHaveValue("Typed in a tunnel.");
  await expect(back).toBeHidden();

  await text.fill("Typed before a failure.");
  await page.route(`${origin}/studio/**`, (route) =>
    route.request().method() === "POST" ? route.fulfill({ status: 500, body: "failed" }) : route.continue(),
  );
  await save.click();
  await expect(page.getByRole("heading", { level: 1, name: "Something broke on our side" })).toBeVisible();
  await page.unroute(`${origin}/studio/**`);
  const lessonId = editor.split("/").at(-1) ?? "";
  await school.as(instructor, async () => {
    const { lesson } = await Course.lesson({ courseIdOrSlug: courseId, lessonIdOrSlug: lessonId });
    await Course.updateLesson({ lessonId, version: lesson.version, source: "A colleague's text." });
  });
  await page.getByRole("link", { name: "Try again" }).click();
  await expect(text).toHaveValue("Typed before a failure.");
  // Preview renders the page again, which must not make the text look newer than the colleague's.
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("region", { name: "Preview" })).toContainText("Typed before a failure.");
  await save.click();
  await expect(page.getByRole("region", { name: "Somebody else has saved this" })).toContainText("A colleague's text.");
  await text.fill("Typed twice.");

  // The text is safe, so the way to the sign-in page opens without a question.
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Keep mine and save" }).click();
  await fillSignIn(page, instructor.email);
  await expect(page).toHaveURL(editor);
  await expect(back).toBeVisible();
  await expect(text).toHaveValue("Typed twice.");
  await save.click();
  await flash(page, "Saved.");
});

test("the question before a deletion fits a phone, however long the name", async ({ page, school }) => {
  const title = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
  const instructor = await school.person("instructor");
  const { courseId } = await aCourse(school, instructor);
  await school.as(instructor, async () => {
    const { id: moduleId } = await Course.addModule({ courseId, title: "Long words" });
    await Course.addLesson({ moduleId, title, source: "Long." });
  });
  await page.setViewportSize({ width: 390, height: 844 });
  await school.signIn(page.context(), instructor);
  await page.goto(school.at(`/studio/courses/${courseId}`));
  const row = page.getByRole("listitem").filter({ hasText: title }).last();
  await row.locator("summary", { hasText: "Delete" }).click();
  await expect(row.getByRole("button", { name: `Delete “${title}”` })).toBeVisible();
  expect(await sidewaysOf(page)).toEqual([]);
});

test("the roster shows how far somebody is; a reset is written down; a withdrawal closes the lessons", async ({
  page,
  school,
  browserOf,
  trouble,
}) => {
  test.setTimeout(120_000);
  const instructor = await school.person("instructor", { givenName: "Ines" });
  const learner = await school.person("learner", { givenName: "Lena" });
  const { courseId } = await aCourse(school, instructor);
  await school.as(learner, async () => {
    await Enrollment.create({ courseId });
    const { remaining } = await Progress.of({ courseId });
    await Progress.markDone({ courseId, lessonId: remaining[0]?.lessonId ?? "" });
  });
  await school.signIn(page.context(), instructor);
  await page.goto(school.at("/studio"));
  await page.getByRole("link", { name: new RegExp(smallCourse.title) }).click();
  await page.getByRole("navigation", { name: smallCourse.title }).getByRole("link", { name: "People" }).click();
  const row = page.getByRole("row", { name: /Lena Person/ });
  const percent = Number((await row.getByText(/^\d+ %$/).textContent())?.replace(" %", ""));
  expect(percent).toBeGreaterThan(0);
  expect(percent).toBeLessThan(100);
  await expect(row).toContainText("1 lesson left");
  await row.getByRole("link", { name: /Lena Person/ }).click();
  await expect(page.getByRole("list", { name: "What is left" }).getByRole("listitem")).toHaveText([
    new RegExp(smallCourse.lessons[1].title),
  ]);

  await page.locator("summary", { hasText: "Reset progress" }).click();
  await page.getByLabel("Reason").fill("She starts again with the new group.");
  await page.getByRole("button", { name: "Reset the progress of Lena Person" }).click();
  await flash(page, "The progress of Lena Person is reset.");
  await expect(page.getByText("0 %", { exact: true })).toBeVisible();
  await expect(page.getByRole("list", { name: "What is left" }).getByRole("listitem")).toHaveCount(2);
  const office = await browserOf(school, school.owner);
  await office.goto(school.at("/admin/audit"));
  const trace = office.getByRole("row", { name: /Progress reset/ });
  await expect(trace).toContainText("Ines Person");
  await expect(trace).toContainText("Lena Person");

  const reader = await browserOf(school, learner);
  const lesson = school.at(`/learn/${smallCourse.slug}/${smallCourse.lessons[0].slug}`);
  await reader.goto(lesson);
  await expect(reader.getByRole("button", { name: "Mark done" })).toBeVisible();
  await page.locator("summary", { hasText: "Withdraw" }).click();
  await page.getByRole("button", { name: "Withdraw Lena Person from the course" }).click();
  await flash(page, "Lena Person is withdrawn.");
  await expect(page.getByRole("heading", { name: "No one is enrolled yet" })).toBeVisible();
  trouble.expect(/\/learn\/.*status of 403/);
  await reader.goto(lesson);
  await expect(reader.getByRole("heading", { level: 1, name: "This lesson is for those enrolled" })).toBeVisible();

  // Enrolling her again by address restores the enrollment.
  await page.getByLabel("Enroll by e-mail address").fill(learner.email);
  await page.getByRole("button", { name: "Enroll" }).click();
  await flash(page, `${learner.email} is enrolled.`);
  await expect(page.getByRole("row", { name: /Lena Person/ })).toContainText("2 lessons left");

  // A course with learners cannot be deleted at once; it must be archived first.
  await page.getByRole("navigation", { name: smallCourse.title }).getByRole("link", { name: "Outline" }).click();
  trouble.expect(/\/studio\/courses\/\S+ .*status of 409/);
  const remove = page.getByRole("button", { name: `Delete “${smallCourse.title}”` });
  await page.locator("summary", { hasText: "Delete course" }).click();
  await remove.click();
  await expect(page.getByRole("alert")).toContainText("One person is enrolled. Archive the course first.");
  await page.locator("summary", { hasText: "Archive course" }).click();
  await page.getByRole("button", { name: `Archive “${smallCourse.title}”` }).click();
  await flash(page, `“${smallCourse.title}” is archived.`);
  await reader.goto(lesson);
  await expect(reader.getByRole("button", { name: "Mark done" })).toBeVisible();
  await page.locator("summary", { hasText: "Delete course" }).click();
  await remove.click();
  await flash(page, `“${smallCourse.title}” is deleted.`);
  await expect(page.getByRole("heading", { name: "Your first course" })).toBeVisible();
});
