import { expect, linkIn, mailTo, password, test } from "./support/index.ts";

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
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Role").selectOption({ label: "Instructor" });
  await page.getByLabel("A few words from you").fill("We would love to have you.");
  await page.getByRole("button", { name: "Send invitation" }).click();
  await expect(page.getByRole("status")).toContainText(`An invitation is on its way to ${email}.`);
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
  await expect(invited).toHaveURL(school.at("/"));
  await invited.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Studio" }).click();
  await expect(invited.getByRole("heading", { level: 1, name: "Courses" })).toBeVisible();
  await expect(invited.getByRole("main").getByRole("link", { name: "New course" })).toBeVisible();

  // The link worked once, and the invitation is no longer open.
  trouble.expect(/\/invitation.* status of 410/);
  await invited.goto(link);
  await expect(invited.getByRole("heading", { level: 1, name: "This link is over" })).toBeVisible();
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
    await expect(invited.getByRole("heading", { level: 1, name: "People" })).toBeVisible({ timeout: 1_000 });
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
