import {
  aCourse,
  Clicks,
  expect,
  linkIn,
  mailsTo,
  mailTo,
  type Page,
  password,
  platform,
  smallCourse,
  smallPackage,
  test,
  unique,
} from "./support/index.ts";

// The whole journey, from the platform's home page to a certificate that a stranger verifies, with and without
// JavaScript.

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("a school opens, imports a course, and a learner earns its certificate", async ({ page, browserOf }) => {
      test.setTimeout(120_000);
      const slug = `j-${unique()}`;
      const school = (path: string) => platform(path).replace("://", `://${slug}.`);

      await openSchool(page, slug);
      await confirmOwner(page, `olive@${slug}.example`, school("/admin"));
      await importCourse(page, javaScriptEnabled);
      await publish(page);

      const learner = await browserOf(undefined, undefined, { javaScriptEnabled });
      const email = `lena@${slug}.example`;
      await find(learner, school("/"));
      await join(learner, email);
      await learn(learner);
      await finish(learner, school);

      const mail = await mailTo(email, /^Your certificate: /);
      expect(mail.subject).toBe(`Your certificate: ${smallCourse.title}`);
      // Learners must see only the school's name, never the platform's.
      const mails = await mailsTo(email);
      expect(mails.length).toBeGreaterThan(2);
      for (const { subject, html, text } of mails)
        expect([subject, html, text].join(), subject).not.toMatch(/lectern/i);
      const stranger = await browserOf(undefined, undefined, { javaScriptEnabled });
      await stranger.goto(linkIn(mail, "/certificates/"));
      await expect(stranger.getByText(/^Valid\. Harbour Night School issued this certificate on /)).toBeVisible();
      const sheet = stranger.getByRole("article");
      await expect(sheet.getByRole("heading", { level: 1, name: "Certificate of completion" })).toBeVisible();
      await expect(sheet).toContainText("Lena Moreau");
      await expect(sheet).toContainText(smallCourse.title);
      await expect(stranger.getByRole("link", { name: "Sign in" })).toBeVisible();
    });
  });
}

test("a learner who left a course and is back goes on where they were", async ({ page, school }) => {
  await aCourse(school);
  const [first, second] = smallCourse.lessons;
  await school.signIn(page.context(), await school.person("learner"));
  const enroll = async () => {
    await page.goto(school.at(`/courses/${smallCourse.slug}`));
    await page.getByRole("button", { name: "Enroll for free" }).click();
  };
  await enroll();
  await expect(page.getByRole("heading", { level: 1, name: first.title })).toBeVisible();
  await page.getByRole("button", { name: "Complete and continue" }).click();
  await expect(page.getByRole("heading", { level: 1, name: second.title })).toBeVisible();
  await page.goto(school.at(`/learn/${smallCourse.slug}`));
  await page.locator("summary", { hasText: "Leave this course" }).click();
  await page.getByRole("button", { name: /^Leave “/ }).click();
  await expect(page.getByRole("status")).toContainText("You have left the course.");
  await enroll();
  await expect(page.getByRole("status")).toContainText("Continue where you stopped.");
  await expect(page.getByRole("heading", { level: 1, name: second.title })).toBeVisible();
});

async function openSchool(page: Page, slug: string): Promise<void> {
  await page.goto(platform());
  await page.getByLabel("Name of your school").fill("Harbour Night School");
  await page.getByRole("button", { name: "Open a school" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Open a school" })).toBeVisible();
  await expect(page.getByLabel("School name")).toHaveValue("Harbour Night School");
  await expect(page.getByLabel("Address")).toHaveValue("harbour-night-school");
  await page.getByLabel("Address").fill(slug);
  await page.getByLabel("Given name").fill("Olive");
  await page.getByLabel("Family name").fill("Owner");
  await page.getByLabel("E-mail").fill(`olive@${slug}.example`);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Open a school" }).click();
  await expect(page).toHaveURL(new RegExp(`^http://${slug}\\.localhost:\\d+/admin$`));
  // The overview lists a new school's next steps; it omits teaching requests when the school takes none.
  await expect(page.getByText("0 of 4 done")).toBeVisible();
  await page.getByRole("link", { name: "Go to the studio" }).click();
  await expect(page.getByRole("heading", { name: "Your first course" })).toBeVisible();
}

/** Until the owner confirms the address, every studio page says so and the school sends mail only to the owner. */
async function confirmOwner(page: Page, email: string, overview: string): Promise<void> {
  const line = page.getByRole("region", { name: "Confirm your e-mail address" });
  await expect(line).toContainText(email);
  await line.getByRole("button", { name: "Send again" }).click();
  await expect(page.getByRole("status")).toContainText("The mail is on its way.");
  await page.goto(linkIn(await mailTo(email, /^Confirm your e-mail address/), "/verify"));
  // The browser that opened the school needs no password.
  await expect(page).toHaveURL(overview);
  await expect(page.getByText("1 of 4 done")).toBeVisible();
  await page.getByRole("link", { name: "Go to the studio" }).click();
  await expect(page.getByRole("heading", { name: "Your first course" })).toBeVisible();
  await expect(line).toBeHidden();
}

async function importCourse(page: Page, followsByItself: boolean): Promise<void> {
  await page.getByRole("main").getByRole("link", { name: "Import a course" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Import a course" })).toBeVisible();
  await page
    .getByLabel("File")
    .setInputFiles({ name: smallCourse.file, mimeType: "application/zip", buffer: smallPackage() });
  await page.getByRole("button", { name: "Upload and import" }).click();
  await expect(page).toHaveURL(/\/studio\/import\/imp_/);
  if (!followsByItself) await page.getByRole("button", { name: "Use the file" }).click();
  const title = page.getByRole("heading", { level: 1, name: smallCourse.title });
  if (followsByItself) await expect(title).toBeVisible({ timeout: 30_000 });
  else
    await expect(async () => {
      const again = page.getByRole("link", { name: "Check again" });
      if (await again.isVisible()) await again.click();
      await expect(title).toBeVisible({ timeout: 250 });
    }).toPass({ timeout: 30_000 });
  await expect(page.getByRole("main")).toContainText("1 module and 2 lessons are waiting as a draft.");
  const dropped = page.getByRole("list", { name: "Left out" }).getByRole("listitem");
  await expect(dropped.filter({ hasText: "notes.xyz" })).toHaveCount(1);
  await expect(page.getByRole("heading", { name: /^Moved \([1-9]\d*\)$/ })).toBeVisible();
  await page.getByRole("link", { name: "Open the draft" }).click();
}

async function publish(page: Page): Promise<void> {
  await expect(page.getByRole("link", { name: smallCourse.lessons[0].title })).toBeVisible();
  await page.getByRole("button", { name: "Publish course" }).click();
  await expect(page.getByRole("status")).toContainText(`“${smallCourse.title}” is published.`);
}

async function find(page: Page, home: string): Promise<void> {
  await page.goto(home);
  await expect(page.getByRole("heading", { level: 1, name: "Harbour Night School" })).toBeVisible();
  await expect(page.getByRole("banner").getByRole("link", { name: "Sign in" })).toBeVisible();
  await expect(page.getByRole("banner").getByRole("link", { name: "Sign up" })).toBeVisible();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Courses" }).click();
  await page.getByLabel("Search courses").fill("web develpment");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("main").getByRole("link", { name: smallCourse.title }).click();
  await expect(page.getByRole("heading", { level: 1, name: smallCourse.title })).toBeVisible();
}

/** From the course page to its first lesson, signed in and enrolled: three clicks and one mail. */
async function join(page: Page, email: string): Promise<void> {
  const clicks = new Clicks();
  await clicks.on(page.getByRole("link", { name: "Enroll for free" }));
  await expect(page.getByRole("heading", { level: 1, name: "Create your account" })).toBeVisible();
  const tabs = page.getByRole("navigation", { name: "Sign up or sign in" });
  await expect(tabs.getByRole("link", { name: "Sign in" })).toBeVisible();
  await expect(page.getByText(`you are enrolled in ${smallCourse.title}`)).toBeVisible();
  await page.getByLabel("Given name").fill("Lena");
  await page.getByLabel("Family name").fill("Moreau");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await clicks.on(page.getByRole("button", { name: "Create account" }));
  await expect(page.getByRole("heading", { level: 1, name: "Check your inbox" })).toBeVisible();
  await clicks.onMail(page, linkIn(await mailTo(email, /^Confirm your e-mail address/), "/verify"));
  await expect(page.getByRole("status")).toContainText("You are enrolled.");
  expect(clicks.count).toBe(3);
}

async function learn(page: Page): Promise<void> {
  const [first, second] = smallCourse.lessons;
  await expect(page.getByRole("heading", { level: 1, name: first.title })).toBeVisible();
  await expect(page.getByRole("heading", { level: 2, name: "A first page" })).toBeVisible();
  const picture = page.getByRole("img", { name: "A broker between two devices" });
  await picture.scrollIntoViewIfNeeded();
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(1);
  await page.getByRole("button", { name: "Mark done" }).click();
  await expect(page.getByRole("button", { name: "Mark done" })).toBeHidden();
  // The progress page links what is left to do.
  await page.getByRole("link", { name: /^\d+ % of the course$/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: smallCourse.title })).toBeVisible();
  const progress = page.getByRole("region", { name: "Your progress" });
  const outline = page.getByRole("region", { name: "All lessons" });
  await expect(progress.getByText(/^[1-9]\d? %$/)).toBeVisible();
  await expect(outline.getByText("1 of 2 done")).toBeVisible();
  await expect(outline.getByRole("listitem").filter({ hasText: new RegExp(`^${first.title}.*Done`) })).toHaveCount(1);
  await expect(outline.getByRole("link", { name: second.title })).toBeVisible();
  await page.getByRole("link", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { level: 1, name: second.title })).toBeVisible();
}

async function finish(page: Page, school: (path: string) => string): Promise<void> {
  await page.getByRole("button", { name: "Mark done" }).click();
  await expect(page).toHaveURL(school(`/learn/${smallCourse.slug}`));
  await expect(page.getByText("You finished it.")).toBeVisible();
  await page.goto(school("/learn"));
  const finished = page.getByRole("region", { name: "Finished" });
  await expect(finished.getByRole("link", { name: smallCourse.title, exact: true })).toBeVisible();
}
