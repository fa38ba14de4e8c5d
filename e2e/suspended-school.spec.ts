import { School } from "@lectern/tenants/school";
import { expect, heading, look, openSchool, test } from "./support/index.ts";

test("a suspended school shows its closed page and nothing else, and comes back", async ({
  page,
  school,
  browserOf,
  trouble,
}) => {
  test.setTimeout(150_000);
  trouble.expect(/ status of 503/);
  const neighbour = await openSchool("Neighbour School");
  const owner = await browserOf(school, school.owner);
  await owner.goto(school.at("/studio"));
  await expect(owner.getByRole("heading", { level: 1, name: "Courses" })).toBeVisible();
  expect((await page.goto(school.at("/")))?.status()).toBe(200);

  await School.suspend({ slug: school.route.slug, reason: "The journey closes it." });
  await expect.poll(async () => (await page.goto(school.at("/")))?.status(), { timeout: 60_000 }).toBe(503);
  await look(page, "closed school", heading(page, "This school is closed for now"));
  await expect(page.getByText(/^Request \S{8,}$/)).toBeVisible();
  await expect(page.getByText("The journey closes it.")).toBeHidden();

  // Pages, API and sign-in are all closed, signed in or not.
  expect((await owner.goto(school.at("/studio")))?.status()).toBe(503);
  await expect(owner.getByRole("heading", { level: 1, name: "This school is closed for now" })).toBeVisible();
  const api = await page.goto(school.at("/api/v1/courses"));
  expect(api?.status()).toBe(503);
  const problem = (await api?.json()) as { code: string; requestId: string };
  expect(problem.code).toBe("school.suspended");
  expect(problem.requestId).toBe(api?.headers()["x-request-id"]);
  expect((await page.goto(school.at("/auth/sign-in")))?.status()).toBe(503);
  await expect(heading(page, "This school is closed for now")).toBeVisible();
  expect((await page.goto(neighbour.at("/")))?.status()).toBe(200);

  await School.resume({ slug: school.route.slug });
  await expect.poll(async () => (await page.goto(school.at("/")))?.status(), { timeout: 60_000 }).toBe(200);
  // Pages, API and sign-in each cache the directory for 30 seconds.
  const courses = school.at("/api/v1/courses");
  await expect.poll(async () => (await page.goto(courses))?.status(), { timeout: 60_000 }).toBe(200);
  await page.goto(school.at("/auth/sign-in"));
  await expect(heading(page, "Sign in to Journey School")).toBeVisible();
  // Sessions survive a suspension.
  expect((await owner.goto(school.at("/studio")))?.status()).toBe(200);
  await expect(owner.getByRole("heading", { level: 1, name: "Courses" })).toBeVisible();
});
