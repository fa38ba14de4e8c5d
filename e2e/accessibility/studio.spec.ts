import { Course } from "@lectern/core/learn/course";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { Progress } from "@lectern/core/learn/progress";
import { aCourse, expect, heading, look, smallCourse, smallPackage, test } from "../support/index.ts";

test("the studio", async ({ page, school, trouble }) => {
  test.setTimeout(300_000); // Thirty states with four checks each; the limit only catches hangs.
  trouble.expect(/status of (404|409|422)/);
  const instructor = await school.person("instructor", { givenName: "Ines" });
  const learner = await school.person("learner", { givenName: "Lena" });
  await school.signIn(page.context(), instructor);
  await page.goto(school.at("/studio"));
  await look(page, "courses, none", page.getByRole("heading", { name: "Your first course" }));
  await page.goto(school.at("/studio/new"));
  await look(page, "new course", page.getByRole("button", { name: "Create course" }));
  await page.getByRole("button", { name: "Create course" }).click();
  await look(page, "new course, no title", page.getByRole("alert"));
  await page.goto(school.at("/studio/import"));
  await look(page, "imports, none", page.getByRole("heading", { name: "No imports yet" }));
  const broken = { name: "broken.zip", mimeType: "application/zip", buffer: Buffer.from("This is no zip.") };
  await page.getByLabel("File").setInputFiles(broken);
  await page.getByRole("button", { name: "Upload and import" }).click();
  await look(page, "import, refused", page.getByText("archive.corrupt"));
  await page.goto(school.at("/studio/import"));
  await page
    .getByLabel("File")
    .setInputFiles({ name: smallCourse.file, mimeType: "application/zip", buffer: smallPackage() });
  await page.getByRole("button", { name: "Upload and import" }).click();
  await expect(page.getByRole("link", { name: "Open the draft" })).toBeVisible({ timeout: 30_000 });
  await look(page, "import, its report", page.getByRole("list", { name: "Left out" }));
  await page.locator("summary", { hasText: "Undo the import" }).click();
  await look(page, "import, asked to undo", page.getByRole("button", { name: "Delete the imported draft" }));
  await page.goto(school.at("/studio/import"));
  await look(page, "imports", page.getByRole("list", { name: "Imports" }));

  const { courseId } = await aCourse(school, instructor);
  const empty = await school.as(instructor, () => Course.create({ title: "An empty course" }));
  const at = (path = "") => school.at(`/studio/courses/${courseId}${path}`);
  await page.goto(school.at("/studio"));
  await look(page, "courses", page.getByRole("link", { name: /An empty course/ }));
  await page.goto(school.at(`/studio/courses/${empty.id}`));
  await look(page, "outline, empty", page.getByRole("heading", { name: "An outline is a good start" }));
  await page.getByRole("button", { name: "Publish course" }).click();
  await look(page, "outline, not ready to publish", page.getByRole("alert"));
  await page.goto(at());
  await look(page, "outline", page.getByRole("link", { name: smallCourse.lessons[0].title }));
  await page.locator("summary", { hasText: "Delete lesson" }).first().click();
  await page.locator("summary", { hasText: "Rename" }).first().click();
  await page.locator("summary", { hasText: "Delete course" }).click();
  await look(page, "outline, asked to delete", page.getByRole("button", { name: /^Delete “Web development/ }));
  await page.goto(at("/details"));
  await look(page, "details", page.getByRole("button", { name: "Save details" }));
  await page.getByLabel("Title").fill("");
  await page.getByRole("button", { name: "Save details" }).click();
  await look(page, "details, no title", page.getByRole("alert"));

  await page.goto(at());
  await page.getByRole("link", { name: smallCourse.lessons[0].title }).click();
  await look(page, "lesson editor", page.getByRole("button", { name: "Save lesson" }));
  await page.getByRole("button", { name: "Preview" }).click();
  await look(page, "lesson editor, preview", page.getByRole("region", { name: "Preview" }));
  await page.goto(at("/people"));
  await look(page, "people, nobody", page.getByRole("heading", { name: "No one is enrolled yet" }));
  await page.getByLabel("Enroll by e-mail address").fill(`nobody@${school.route.slug}.example`);
  await page.getByRole("button", { name: "Enroll" }).click();
  await look(page, "people, not a person here", page.getByRole("alert"));
  await school.as(learner, async () => {
    await Enrollment.create({ courseId });
    const { remaining } = await Progress.of({ courseId });
    await Progress.markDone({ courseId, lessonId: remaining[0]?.lessonId ?? "" });
  });
  await page.goto(at("/people"));
  await look(page, "people", page.getByRole("row", { name: /Lena Person/ }));
  await page.goto(at(`/people/${learner.userId}`));
  await look(page, "a learner", heading(page, "Lena Person"));
  await page.locator("summary", { hasText: "Reset progress" }).click();
  await page.getByLabel("Reason").fill("x");
  await page.getByRole("button", { name: "Reset the progress of Lena Person" }).click();
  await look(page, "a learner, reset with hardly a reason", page.getByRole("alert"));
  await page.goto(school.at(`/learn/${smallCourse.slug}/${smallCourse.lessons[0].slug}`));
  await look(page, "lesson, as its author", page.getByRole("link", { name: "Edit lesson" }));
});
