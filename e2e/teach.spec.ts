import { expect, linkIn, mailTo, type Page, type TestSchool, test } from "./support/index.ts";

/** Waits until the news tells of it, and sees that the bell counts what is unread. */
async function expectNews(page: Page, school: TestSchool, title: RegExp): Promise<void> {
  const news = page.getByRole("list", { name: "Notifications" });
  await expect(async () => {
    await page.goto(school.at("/notifications"));
    await expect(news.getByRole("button", { name: title })).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 30_000, intervals: [250, 500] });
  const unread = await news.getByRole("button", { name: /^Unread/ }).count();
  await expect(page.getByRole("link", { name: `Notifications, ${unread} unread` })).toBeVisible();
  await expect(news.getByRole("button", { name: title })).toHaveAccessibleName(/^Unread/);
}

test("somebody applies to teach, an admin says yes, and both are told", async ({
  page,
  school,
  browserOf,
  trouble,
}) => {
  test.setTimeout(150_000);
  trouble.expect(/\/teach\S* .*status of 422/);
  const learner = await school.person("learner", { givenName: "Tess" });
  const admin = await school.person("admin", { givenName: "Ada" });
  await school.signIn(page.context(), learner);
  await page.goto(school.at("/teach"));
  await page.getByRole("button", { name: "Send request" }).click();
  await expect(page.getByRole("alert")).toBeFocused();
  await page.getByRole("alert").getByRole("link", { name: "Please write a few sentences." }).click();
  await expect(page.getByLabel("What would you like to teach?")).toBeFocused();
  await page
    .getByLabel("What would you like to teach?")
    .fill("Astronomy for beginners.\nTen years of evening classes.");
  await page.getByRole("button", { name: "Send request" }).click();
  await expect(page.getByText("Your request is waiting for an answer")).toBeVisible();
  await expect(page.getByRole("button", { name: "Send request" })).toHaveCount(0);

  const asked = await mailTo(admin.email, /^Tess Person would like to teach at Journey School$/);
  expect(asked.text).toContain("Ten years of evening classes.");
  const office = await browserOf(school, admin);
  await expectNews(office, school, /Tess Person would like to teach/);
  await office.goto(linkIn(asked, "/admin/requests"));
  const request = office.getByRole("list", { name: "Requests" }).getByRole("listitem");
  await expect(request).toContainText("Astronomy for beginners.");
  await request.getByRole("button", { name: "Approve" }).click();
  await expect(office.getByRole("status").filter({ hasText: "Tess Person can teach here now." })).toBeVisible();
  await expect(office.getByRole("heading", { name: "No requests are waiting" })).toBeVisible();

  const answer = await mailTo(learner.email, /^You can teach at Journey School$/);
  await expectNews(page, school, /You can teach now/);
  await page.getByRole("button", { name: /You can teach now/ }).click();
  await expect(page).toHaveURL(linkIn(answer, "/studio"));
  await expect(async () => {
    await page.goto(school.at("/studio"));
    await expect(page.getByRole("heading", { level: 1, name: "Courses" })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000, intervals: [1_000] });
  await page.goto(school.at("/notifications"));
  await expect(page.getByRole("button", { name: /^You can teach now/ })).toBeVisible();
});
