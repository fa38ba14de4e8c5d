import { expect, heading, look, openSchool, platform, test } from "../support/index.ts";

test("the platform's pages", async ({ page, trouble }) => {
  test.setTimeout(240_000);
  trouble.expect(/status of (404|409|422)/);
  await page.goto(platform());
  await look(page, "home", heading(page, /^A school of your own/));
  await page.goto(platform("/pricing"));
  await look(page, "pricing", heading(page, "Free, for now"));

  await page.goto(platform("/sign-up"));
  await look(page, "sign-up", heading(page, "Open a school"));
  await page.getByRole("button", { name: "Open a school" }).click();
  await look(page, "sign-up, nothing filled in", page.getByRole("alert"));
  const { route } = await openSchool();
  await page.getByLabel("Address").fill(route.slug);
  await look(page, "sign-up, address taken", page.getByText("Another school lives at this address."));
  await page.getByRole("button", { name: `${route.slug}-school` }).click();
  await look(page, "sign-up, address free", page.getByText(/is free\.$/));
  await page.getByLabel("School name").fill("Journey School");
  await page.getByLabel("Given name").fill("Olive");
  await page.getByLabel("E-mail").fill("olive@journey.example");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Open a school" }).click();
  await look(page, "sign-up, password too short", page.getByRole("alert"));
  await expect(page.getByLabel("E-mail")).toHaveValue("olive@journey.example");

  await page.goto(platform("/find-my-school"));
  await look(page, "find my school", heading(page, "Find my school"));
  await page.getByLabel("E-mail").fill("not an address");
  await page.getByRole("button", { name: "Mail me my schools" }).click();
  await look(page, "find my school, no address", page.getByRole("alert"));
  await page.getByLabel("E-mail").fill("somebody@journey.example");
  await page.getByRole("button", { name: "Mail me my schools" }).click();
  await look(page, "find my school, sent", heading(page, "Look in your inbox"));

  await page.goto(platform("/operator"));
  await look(page, "operators, not signed in", heading(page, "For operators"));
  await page.getByRole("button", { name: "Show me" }).click();
  await look(page, "operators, no token", page.getByRole("alert"));

  expect((await page.goto(platform("/no-such-page")))?.status()).toBe(404);
  await look(page, "not found", heading(page, "This page is not here"));
  expect((await page.goto(platform().replace("://", "://nobody-here.")))?.status()).toBe(404);
  await look(page, "unknown host", heading(page, "There is no school at this address"));
});
