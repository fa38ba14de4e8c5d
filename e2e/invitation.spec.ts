import { Course } from "@lectern/core/learn/course";
import { aCourse, Clicks, expect, linkIn, mailTo, type Page, password, smallCourse, test } from "./support/index.ts";

async function accept(page: Page, email: string): Promise<void> {
  const clicks = new Clicks();
  await clicks.onMail(page, linkIn(await mailTo(email, /invites you to Journey School$/), "/invitation"));
  await expect(page.getByText(`You begin with ${smallCourse.title}.`)).toBeVisible();
  await page.getByLabel("Given name").fill("Lena");
  await page.getByLabel("Choose a password", { exact: true }).fill(password);
  await clicks.on(page.getByRole("button", { name: "Accept and create account" }));
  await expect(page.getByRole("heading", { level: 1, name: smallCourse.lessons[0].title })).toBeVisible();
  expect(clicks.count).toBe(2);
}

test("a list of people is invited to a course, and each lands in its first lesson", async ({
  page,
  school,
  browserOf,
  trouble,
}) => {
  test.setTimeout(120_000);
  const { courseId } = await aCourse(school);
  const at = (name: string) => `${name}@${school.route.slug}.example`;
  const member = await school.person("learner");
  await school.signIn(page.context(), school.owner);
  await page.goto(school.at("/admin/invitations"));
  await page.getByLabel("E-mail addresses").fill(`Lena Moreau <${at("lena")}>, ${member.email}\nnot an address`);
  const csv = Buffer.from(`Name;E-mail\nBob;${at("bob")}\n`);
  await page.getByLabel("Or a CSV file").setInputFiles({ name: "class.csv", mimeType: "text/csv", buffer: csv });
  await page.getByLabel("Course").selectOption({ label: smallCourse.title });
  await page.getByRole("button", { name: "Send invitations" }).click();
  const results = page.getByRole("list", { name: "Result for each address" }).getByRole("listitem");
  await expect(results).toHaveText([
    /Lena.*on its way/,
    /A member already, and enrolled now/,
    /not an address.*not an e-mail address/,
    /bob.*on its way/,
  ]);
  // The form keeps addresses that could not be invited.
  await expect(page.getByLabel("E-mail addresses")).toHaveValue("not an address");
  await accept(await browserOf(), at("lena"));

  // Unknown addresses get the same answer; without the right to invite, the page explains why.
  trouble.expect(/status of 404/);
  const roster = school.at(`/studio/courses/${courseId}/people`);
  await page.goto(roster);
  await page.getByLabel("Enroll by e-mail address").fill(at("nina"));
  await page.getByRole("button", { name: "Enroll", exact: true }).click();
  await page.getByRole("button", { name: `Invite ${at("nina")} to this course` }).click();
  await expect(page.getByRole("status")).toContainText(`An invitation to this course is on its way to ${at("nina")}.`);
  await accept(await browserOf(), at("nina"));
  const instructor = await school.person("instructor");
  await school.as(school.owner, () => Course.addStaff({ courseId, userId: instructor.userId, role: "instructor" }));
  const teacher = await browserOf(school, instructor);
  await teacher.goto(roster);
  await teacher.getByLabel("Enroll by e-mail address").fill(at("nobody"));
  await teacher.getByRole("button", { name: "Enroll", exact: true }).click();
  await expect(teacher.getByText(/your role cannot invite people/).first()).toBeVisible();
  await expect(teacher.getByRole("button", { name: /^Invite / })).toBeHidden();
});

test("an invited instructor accepts, lands signed in and can teach; a role given or taken holds within a minute", async ({
  page,
  school,
  browserOf,
  trouble,
}) => {
  test.setTimeout(180_000);
  const email = `ines@${school.route.slug}.example`;
  await school.signIn(page.context(), school.owner);
  await page.goto(school.at("/admin/invitations"));
  await page.getByLabel("E-mail addresses").fill(email);
  await page.getByLabel("Role").selectOption({ label: "Instructor" });
  await page.getByLabel("A few words from you").fill("We would love to have you.");
  await page.getByRole("button", { name: "Send invitations" }).click();
  await expect(page.getByRole("heading", { name: "1 invitation sent, 1 address read" })).toBeVisible();
  const waiting = page.getByRole("list", { name: "Open invitations" }).getByRole("listitem");
  await expect(waiting.filter({ hasText: email })).toHaveCount(1);

  const mail = await mailTo(email, /invites you to Journey School$/);
  expect(mail.text).toContain("We would love to have you.");
  const link = linkIn(mail, "/invitation");
  const invited = await browserOf();
  await invited.goto(link);
  await expect(invited.getByRole("heading", { level: 1, name: "Join Journey School" })).toBeVisible();
  await expect(invited.getByText(`You are invited as an instructor, with ${email}.`)).toBeVisible();
  await invited.getByLabel("Given name").fill("Ines");
  await invited.getByLabel("Family name").fill("Duarte");
  await invited.getByLabel("Choose a password", { exact: true }).fill(password);
  await invited.getByRole("button", { name: "Accept and create account" }).click();
  await expect(invited).toHaveURL(school.at("/studio"));
  await expect(invited.getByRole("heading", { level: 1, name: "Courses" })).toBeVisible();
  await expect(invited.getByRole("main").getByRole("link", { name: "New course" })).toBeVisible();

  // The link works once; the invitation is then closed.
  trouble.expect(/\/invitation.* status of 410/);
  await invited.goto(link);
  await expect(invited.getByRole("heading", { level: 1, name: "This link no longer works" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "No open invitations" })).toBeVisible();

  trouble.expect(/\/admin.* status of 403/);
  await invited.goto(school.at("/admin"));
  await expect(invited.getByRole("heading", { level: 1, name: "This page is not open to you" })).toBeVisible();

  await page.goto(school.at("/admin/people"));
  await page.getByRole("link", { name: "Ines Duarte" }).click();
  await page.getByLabel("Give role").selectOption({ label: "Admin" });
  await page.getByRole("button", { name: "Give role" }).click();
  await expect(page.getByRole("status")).toContainText("Ines Duarte is now Admin.");
  await expect(async () => {
    await invited.goto(school.at("/admin"));
    await expect(invited.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000, intervals: [1_000] });

  const admin = page.getByRole("listitem").filter({ hasText: /^Admin/ });
  await admin.locator("summary", { hasText: "Take away" }).click();
  await admin.getByRole("button", { name: "Take Admin from Ines Duarte" }).click();
  await expect(page.getByRole("status")).toContainText("Ines Duarte is no longer Admin.");
  await expect(async () => {
    expect((await invited.goto(school.at("/admin/people")))?.status()).toBe(403);
  }).toPass({ timeout: 60_000, intervals: [1_000] });
  expect((await invited.goto(school.at("/studio")))?.status()).toBe(200);
});
