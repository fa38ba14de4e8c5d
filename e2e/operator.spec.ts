import { Ops } from "@lectern/core/house/ops";
import { Secrets } from "@lectern/core/kernel/secret";
import { expect, failed, heading, look, platform, test, unique } from "./support/index.ts";

test("an operator shows the token, sees what went wrong, and leaves", async ({ page, school, browserOf, trouble }) => {
  test.setTimeout(120_000);
  trouble.expect(/status of (404|422)/);
  const type = `Planted${unique()}Error`;
  await Ops.gather([failed(school.route.schoolId, type, "fatal"), failed(undefined, type, "fatal")]);

  await page.goto(platform("/operator"));
  await page.getByLabel("Operators’ token").fill("not the token of the operators");
  await page.getByRole("button", { name: "Show me" }).click();
  await expect(page.getByRole("alert")).toContainText("That is not the operators’ token.");
  await expect(page.getByText(type)).toHaveCount(0);

  await page.getByLabel("Operators’ token").fill(await Secrets.get("OperatorToken"));
  await page.getByRole("button", { name: "Show me" }).click();
  await expect(heading(page, "Operations")).toBeVisible();
  const row = page.getByRole("row", { name: new RegExp(type) });
  await expect(row).toContainText("the row <n> is odd");
  await expect(row).toContainText("Critical");
  await row.getByText("Details").click();
  await expect(row).toContainText(school.route.schoolId);
  await look(page, "operations", row);

  // Reads the metrics as a scraper does: with the token, on this host.
  const scrape = (url: string, token: string) =>
    page.request.get(url, { headers: { authorization: `Bearer ${token}` } });
  const token = await Secrets.get("OperatorToken");
  const counters = await (await scrape(platform("/metrics"), token)).text();
  expect(counters).toMatch(/^lectern_requests_total\{endpoint="GET \/operator"\} [1-9]/m);
  expect((await scrape(platform("/metrics"), "wrong")).status()).toBe(401);
  expect((await scrape(school.at("/metrics"), token)).status()).toBe(404);

  // The cookie must not work at a school or in another browser.
  const cookies = await page.context().cookies(platform("/operator"));
  expect(cookies.find(({ name }) => name === "__Host-operator")).toMatchObject({ httpOnly: true, sameSite: "Strict" });
  expect((await page.goto(school.at("/operator")))?.status()).toBe(404);
  const other = await browserOf();
  await other.goto(platform("/operator"));
  await expect(heading(other, "For operators")).toBeVisible();

  // Signing out ends the session on the server: a copied cookie fails.
  const copy = cookies.find(({ name }) => name === "__Host-operator");
  await page.goto(platform("/operator"));
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(heading(page, "For operators")).toBeVisible();
  if (copy) await other.context().addCookies([copy]);
  await other.goto(platform("/operator"));
  await expect(heading(other, "For operators")).toBeVisible();
});

test("a school sees only its own errors at /admin/health", async ({ page, school, browserOf, trouble }) => {
  trouble.expect(/status of 403/);
  await Ops.gather([failed(school.route.schoolId)]);
  await school.signIn(page.context(), school.owner);
  await page.goto(school.at("/admin"));
  await page.getByRole("link", { name: "Health" }).click();
  await expect(page.getByRole("row", { name: /Course page/ })).toContainText("once");
  await expect(page.getByRole("main")).not.toContainText("odd");
  const teacher = await school.person("instructor");
  const theirs = await browserOf(school, teacher);
  expect((await theirs.goto(school.at("/admin/health")))?.status()).toBe(403);
});
