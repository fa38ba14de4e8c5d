import { readFile } from "node:fs/promises";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { Progress } from "@lectern/core/learn/progress";
import { aCourse, expect, linkIn, mailTo, type Page, smallCourse, test } from "./support/index.ts";

// Bulk actions and CSV export, with and without JavaScript.

const row = (page: Page, name: string) => page.getByRole("row", { name: new RegExp(name) });
const tick = (page: Page, name: string) => page.getByRole("checkbox", { name: `Choose ${name}` }).check();

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("an owner changes several people at once, and the page lists those it skipped", async ({
      page,
      school,
      trouble,
    }) => {
      trouble.expect(/status of 422/);
      for (const givenName of ["Lena", "Tess"]) await school.person("learner", { givenName });
      await school.signIn(page.context(), school.owner);
      await page.goto(school.at("/admin/people"));
      const open = async () => {
        const suspend = page.locator("summary", { hasText: "Suspend" });
        if (!(await suspend.isVisible())) await page.locator("summary", { hasText: "Change several people" }).click();
        return suspend;
      };
      const suspend = await open();
      await page.getByRole("button", { name: "Give role" }).click();
      await expect(page.getByRole("alert")).toContainText("Choose at least one person in the list.");

      for (const name of ["Lena Person", "Tess Person", "Olive Owner"]) await tick(page, name);
      await suspend.click();
      await page.getByRole("button", { name: "Suspend everybody chosen" }).click();
      await expect(page.getByRole("alert")).toContainText("Olive Owner: You cannot suspend your own account.");
      await expect(page.getByText("Done for Lena Person, Tess Person.")).toBeVisible();
      for (const name of ["Lena", "Tess"]) await expect(row(page, name)).toContainText("Suspended");
      await expect(row(page, "Olive")).not.toContainText("Suspended");

      await page.goto(school.at("/admin/people?status=suspended"));
      await open();
      for (const name of ["Lena Person", "Tess Person"]) await tick(page, name);
      await page.getByRole("button", { name: "Let back in" }).click();
      await expect(page.getByText("May sign in again: Lena Person, Tess Person.")).toBeVisible();
      // The filter is kept.
      await expect(page).toHaveURL(/status=suspended$/);

      await page.goto(school.at("/admin/people?q=person"));
      await open();
      if (javaScriptEnabled) {
        await page.getByRole("checkbox", { name: "Everybody on this page" }).focus();
        await page.keyboard.press("Space");
        await expect(page.getByText("2 chosen")).toBeVisible();
      } else for (const name of ["Lena Person", "Tess Person"]) await tick(page, name);
      await page.locator("#many-role").selectOption("assistant");
      await page.getByRole("button", { name: "Give role" }).click();
      await expect(page.getByText("Now Assistant: Lena Person, Tess Person.")).toBeVisible();
      for (const name of ["Lena", "Tess"]) await expect(row(page, name)).toContainText("Assistant");
    });

    test("the list is saved as it is filtered", async ({ page, school }) => {
      await school.person("learner", { givenName: "=1+1" });
      await school.person("learner", { givenName: "Zoë" });
      await school.signIn(page.context(), school.owner);
      await page.goto(school.at("/admin/people?role=learner"));
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "Export as CSV" }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(
        new RegExp(`^${school.route.slug}-people-\\d{4}-\\d\\d-\\d\\d\\.csv$`),
      );
      const text = await readFile(await download.path(), "utf8");
      expect(text.startsWith("\ufeffFamily name,Given name,E-mail,Roles,")).toBe(true);
      expect(
        text
          .split("\r\n")
          .slice(1)
          .map((line) => line.split(",").slice(0, 2).join(" ")),
      ).toEqual(["Person '=1+1", "Person Zoë", ""]);

      const names = page.locator("tbody").getByRole("rowheader");
      await page.goto(school.at("/admin/people?role=learner&q=PERSON"));
      await expect(names).toContainText(["=1+1", "Zoë"]);
      await page.getByRole("columnheader", { name: "Name" }).getByRole("link").click();
      await expect(page).toHaveURL(/role=learner.*sort=name&order=desc/);
      await expect(names).toContainText(["Zoë", "=1+1"]);
      await expect(page.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "descending");

      await page.goto(school.at("/admin/audit"));
      await page.getByLabel("Find an entry").fill("exported");
      await page.getByLabel("Kind").selectOption("people");
      await page.getByRole("button", { name: "Show" }).click();
      await expect(page).toHaveURL(/kind=people/);
      await expect(page.getByRole("row", { name: /People exported/ })).toHaveCount(1);
      await expect(page.getByRole("main")).not.toContainText("sch_");
      await page
        .getByRole("row", { name: /People exported/ })
        .locator("summary", { hasText: "Details" })
        .click();
      await expect(page.getByText("learner", { exact: true })).toBeVisible();
      const [trail] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "Export as CSV" }).click(),
      ]);
      expect(await readFile(await trail.path(), "utf8")).toContain(",People exported,");
    });
  });
}

test("an owner reissues and revokes a certificate, and the learner's pages say which it is", async ({
  page,
  school,
  browserOf,
}) => {
  const { courseId } = await aCourse(school);
  const learner = await school.person("learner");
  await school.as(learner, async () => {
    await Enrollment.create({ courseId });
    for (const { lessonId } of (await Progress.of({ courseId })).remaining)
      await Progress.markDone({ courseId, lessonId });
  });
  await school.signIn(page.context(), school.owner);
  await page.goto(linkIn(await mailTo(learner.email, /^Your certificate: /), "/certificates/"));
  const reissue = page.getByRole("button", { name: "Reissue the certificate" });
  await page.locator("summary", { hasText: "Reissue" }).click();
  await reissue.click();
  await expect(page.getByRole("status")).toContainText("reissued under a new number");
  await expect(reissue).toBeHidden();
  await expect
    .poll(async () => (await mailTo(learner.email, /^Your certificate: /)).text)
    .toContain("has reissued your certificate");
  await page.locator("summary", { hasText: "Revoke" }).click();
  await page.getByLabel("Reason").fill("Handed in by somebody else.");
  await page.getByRole("button", { name: "Revoke the certificate" }).click();
  await expect(page.getByText(/^Revoked\. /)).toBeVisible();
  const reader = await browserOf(school, learner);
  await reader.goto(school.at(`/learn/${smallCourse.slug}`));
  await expect(reader.getByText("The school has revoked your certificate")).toBeVisible();
  await expect(reader.getByText("Your certificate is being made")).toBeHidden();
  await reader.getByRole("link", { name: "See the certificate" }).click();
  await expect(reader.getByText(/^Revoked\. /)).toBeVisible();
});

test("an assistant's rail holds the pages that assistants may open", async ({ page, school }) => {
  await school.signIn(page.context(), await school.person("assistant"));
  await page.goto(school.at("/studio"));
  const rail = page.getByRole("navigation", { name: "Teaching" });
  await expect(rail.getByRole("link", { name: "Courses" })).toBeVisible();
  await expect(page.getByRole("link", { name: "New course" })).toBeHidden();
  await expect(page.getByRole("link", { name: "Imports" })).toBeHidden();
});
