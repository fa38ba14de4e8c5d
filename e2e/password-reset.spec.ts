import { Clicks, expect, fillSignIn, linkIn, mailsTo, mailTo, password, test } from "./support/index.ts";

const chosen = "four quite different words";

test("a forgotten password is replaced through the inbox, and every session ends", async ({
  page,
  school,
  browserOf,
  trouble,
}) => {
  test.setTimeout(120_000);
  const learner = await school.person("learner");
  const elsewhere = await browserOf(school, learner);
  await elsewhere.goto(school.at("/account"));
  await expect(elsewhere.getByRole("heading", { level: 1, name: "Account" })).toBeVisible();

  const clicks = new Clicks();
  await page.goto(school.at("/auth/sign-in?next=/account"));
  await page.getByLabel("E-mail address").fill(learner.email);
  await clicks.on(page.getByRole("button", { name: "Forgot your password?" }));
  await expect(page.getByLabel("E-mail address")).toHaveValue(learner.email);
  await clicks.on(page.getByRole("button", { name: "Send the link" }));
  await expect(page.getByRole("heading", { level: 1, name: "Check your inbox" })).toBeVisible();
  const link = linkIn(await mailTo(learner.email, /^Choose a new password for Journey School$/), "/reset");
  await clicks.onMail(page, link);
  await expect(page.getByText(learner.email)).toBeVisible();
  await page.getByLabel("New password", { exact: true }).fill(chosen);
  await clicks.on(page.getByRole("button", { name: "Save new password" }));
  await expect(page).toHaveURL(school.at("/account"));
  await expect(page.getByText("Menu of Pat Person")).toBeAttached();
  expect(clicks.count).toBe(4);

  // The notice leads to a new password in any browser.
  const notice = linkIn(await mailTo(learner.email, /^Your password at Journey School was changed$/), "screen=reset");
  await page.goto(notice);
  await expect(page).toHaveURL(school.at("/account"));

  const other = await browserOf();
  await other.goto(notice);
  await expect(other.getByRole("heading", { level: 1, name: "Choose a new password" })).toBeVisible();
  await expect(other.getByLabel("E-mail address")).toHaveValue(learner.email);
  trouble.expect(/\/sign-in.* status of 401/);
  await other.goto(school.at("/auth/sign-in"));
  await fillSignIn(other, learner.email, password);
  await expect(other.getByRole("alert")).toBeVisible();
  await expect(other.getByLabel("E-mail address")).toHaveValue(learner.email);
  await fillSignIn(other, learner.email, chosen);
  await expect(other).toHaveURL(school.at("/learn"));

  // Earlier sessions have ended.
  await expect(async () => {
    await elsewhere.goto(school.at("/account"));
    await expect(elsewhere.getByRole("heading", { name: /^Sign in to / })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000, intervals: [1_000] });

  trouble.expect(/\/reset.* status of 410/);
  await page.goto(link);
  await expect(page.getByRole("heading", { level: 1, name: "This link no longer works" })).toBeVisible();
});

test("an unknown address gets the same answer and no mail", async ({ page, school }) => {
  const known = await school.person("learner");
  const words: string[] = [];
  for (const email of [`nobody@${school.route.slug}.example`, known.email]) {
    await page.goto(school.at("/auth/sign-in"));
    await page.getByRole("button", { name: "Forgot your password?" }).click();
    await page.getByLabel("E-mail address").fill(email);
    await page.getByRole("button", { name: "Send the link" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Check your inbox" })).toBeVisible();
    words.push(((await page.getByRole("main").textContent()) ?? "").replace(email, "(address)"));
  }
  expect(words[0]).toBe(words[1]);
  // Requests are sent in order: once the known account has its mail, the other would have arrived too.
  await mailTo(known.email, /^Choose a new password/);
  expect(await mailsTo(`nobody@${school.route.slug}.example`)).toEqual([]);
});
