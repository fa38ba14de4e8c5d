import { Course } from "@lectern/core/learn/course";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { aCourse, expect, fillSignIn, openSchool, type Page, signOut, smallCourse, test } from "./support/index.ts";

const signedOut = (page: Page) => page.getByRole("heading", { name: /^Sign in to / });

/** Expects that a page behind a session redirects to sign in within a minute. */
const expectEnded = (page: Page, account: string) =>
  expect(async () => {
    await page.goto(account);
    await expect(signedOut(page)).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000, intervals: [1_000] });

test("somebody sees where they are signed in, ends one session, and signs out", async ({ page, school, browserOf }) => {
  test.setTimeout(120_000);
  const account = school.at("/account");
  const learner = await school.person("learner");
  const other = await browserOf();
  for (const browser of [other, page]) {
    await browser.goto(account);
    await fillSignIn(browser, learner.email);
    await expect(browser).toHaveURL(account);
  }
  await page.reload();
  const sessions = page.getByRole("listitem").filter({ hasText: "Last used" });
  await expect(sessions).toHaveCount(2);
  await expect(sessions.filter({ hasText: "This one" })).toHaveCount(1);
  await page.getByRole("button", { name: /^Sign out Chrome on / }).click();
  await expect(page.getByRole("status").filter({ hasText: "That session has ended." })).toBeVisible();
  await expect(sessions).toHaveCount(1);
  await expectEnded(other, account);

  await signOut(page);
  await page.goto(account);
  await expect(signedOut(page)).toBeVisible();
});

test("a link to a lesson, opened signed out, leads through sign-in to that lesson", async ({ page, school }) => {
  const { courseId } = await aCourse(school);
  const learner = await school.person("learner");
  await school.as(school.owner, () => Enrollment.add({ courseId, email: learner.email }));
  const link = school.at(`/learn/${smallCourse.slug}/${smallCourse.lessons[1].slug}?from=mail`);
  await page.goto(link);
  await fillSignIn(page, learner.email);
  await expect(page).toHaveURL(link);
  await expect(page.getByRole("heading", { level: 1, name: smallCourse.lessons[1].title })).toBeVisible();
  await page.goto(school.at());
  await signOut(page);
  // Visitors lose an archived course; its learners keep it.
  await school.as(school.owner, () => Course.archive({ courseId }));
  await page.goto(link);
  await fillSignIn(page, learner.email);
  await expect(page).toHaveURL(link);
  await page.goto(school.at());
  await signOut(page);
  for (const path of ["/studio/new", "/admin/people?role=learner", "/admin/audit", "/learn?x=1", "/notifications"]) {
    await page.goto(school.at(path));
    await expect(signedOut(page)).toBeVisible();
  }
});

test("signing out everywhere ends every browser, this one too", async ({ page, school, browserOf }) => {
  test.setTimeout(120_000);
  const account = school.at("/account");
  const learner = await school.person("learner");
  const other = await browserOf(school, learner);
  await other.goto(account);
  await expect(other.getByRole("heading", { level: 1, name: "Account" })).toBeVisible();
  await school.signIn(page.context(), learner);
  await page.goto(account);
  await page.getByText("Sign out everywhere", { exact: true }).click();
  await page.getByRole("button", { name: "Sign out everywhere, here too" }).click();
  await expect(page).toHaveURL(school.at("/"));
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  await expectEnded(page, account);
  await expectEnded(other, account);
});

test("a session's cookie is no use after signing out, nor at another school", async ({ page, school, browserOf }) => {
  test.setTimeout(120_000);
  const learner = await school.person("learner");
  await school.signIn(page.context(), learner);
  const cookie = (await page.context().cookies(school.at())).find(({ name }) => name === "__Host-session");
  expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: "Lax" });
  const value = cookie?.value ?? "";
  const elsewhere = await browserOf();
  const other = await openSchool();
  await other.setCookie(elsewhere.context(), value);
  await elsewhere.goto(other.at("/account"));
  await expect(signedOut(elsewhere)).toBeVisible();

  await page.goto(school.at("/account"));
  await signOut(page);
  await school.setCookie(elsewhere.context(), value);
  await expectEnded(elsewhere, school.at("/account"));
});
