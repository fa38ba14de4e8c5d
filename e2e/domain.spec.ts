import { Resource } from "sst";
import { aCourse, expect, fillSignIn, heading, mailTo, smallPackage, test } from "./support/index.ts";
import { unique } from "./support/school.ts";

const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const panel = () => `${Resource.LocalCloud?.endpoints.cloudfront}/dns`;

test("a school connects its own domain, signs people in there, and removes it", async ({
  page,
  school,
  browserOf,
  trouble,
}) => {
  test.setTimeout(180_000);
  trouble.expect(/status of (404|422)/);
  const host = `learn.harbour-${unique()}.localhost`;
  const own = `http://${host}:${new URL(school.at()).port}`;
  const visitor = await browserOf();
  expect((await visitor.goto(own))?.status()).toBe(404);

  await school.signIn(page.context(), school.owner);
  await page.goto(school.at("/admin"));
  await page.getByRole("link", { name: "Domains" }).click();
  await expect(page.getByRole("heading", { name: "No domain of your own yet" })).toBeVisible();
  await page.getByLabel("Domain", { exact: true }).fill(`https://${host}/`);
  await page.getByRole("button", { name: "Add domain" }).click();
  await expect(page.getByRole("alert")).toContainText("without https://");
  await page.getByLabel("Domain", { exact: true }).fill(host);
  await page.getByRole("button", { name: "Add domain" }).click();
  const card = page.getByRole("article", { name: host });
  await expect(card.getByText("Waiting for DNS")).toBeVisible();
  await expect(card.getByText("The name servers know no record")).toBeVisible({ timeout: 30_000 });

  // Copies the record from the page, as an admin would, and sets it at the "provider".
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await card
    .getByRole("button", { name: `Copy the Value of ${host}` })
    .first()
    .click();
  await expect(card.getByText("Copied")).toBeVisible();
  const value = await page.evaluate(() => navigator.clipboard.readText());
  expect(value).toMatch(/^[0-9a-f]{32}\.domains\.localhost$/);
  const provider = await browserOf();
  await provider.goto(panel());
  await provider.getByRole("textbox", { name: "Name" }).fill(host);
  await provider.getByRole("textbox", { name: "Value" }).fill(value);
  await provider.getByRole("button", { name: "Set" }).click();
  await expect(provider.getByRole("cell", { name: value })).toBeVisible();

  await card.getByRole("button", { name: "Check now" }).click();
  await expect(page.getByRole("status").filter({ hasText: `We are looking at ${host} now.` })).toBeVisible();
  // The page updates without a reload.
  await expect(card.getByText("Active", { exact: true })).toBeVisible({ timeout: 45_000 });
  expect((await mailTo(school.owner.email, /leads to Journey School/)).text).toContain(own);

  await visitor.goto(own);
  await expect(visitor.getByRole("banner").getByRole("link", { name: "Journey School" })).toBeVisible();
  await visitor.getByRole("link", { name: "Sign in" }).first().click();
  await fillSignIn(visitor, school.owner.email);
  await expect(visitor).toHaveURL(new RegExp(`^${own}/`));
  await visitor.goto(`${own}/account`);
  await expect(visitor.getByLabel("Given name")).toHaveValue("Olive");
  // Storage must redirect the browser back to this host for pictures and packages.
  const { courseId } = await aCourse(school);
  await visitor.goto(`${own}/studio/courses/${courseId}/details`);
  await visitor.getByLabel("Cover image").setInputFiles({ name: "cover.png", mimeType: "image/png", buffer: picture });
  await visitor.getByRole("button", { name: "Upload cover" }).click();
  await expect(visitor.getByRole("status").filter({ hasText: "The cover is in place." })).toBeVisible();
  await expect(visitor).toHaveURL(`${own}/studio/courses/${courseId}/details`);
  const cover = visitor.getByRole("main").locator("img").last();
  await expect.poll(() => cover.evaluate((each: HTMLImageElement) => each.naturalWidth)).toBe(1);
  await visitor.goto(`${own}/studio/import`);
  await visitor
    .getByLabel("File")
    .setInputFiles({ name: "again.zip", mimeType: "application/zip", buffer: smallPackage() });
  await visitor.getByRole("button", { name: "Upload and import" }).click();
  await expect(visitor).toHaveURL(new RegExp(`^${own}/studio/import/imp_`));
  await expect(visitor.getByRole("heading", { level: 1, name: "Again" })).toBeVisible({ timeout: 30_000 });
  // The session belongs to this host only.
  await visitor.goto(school.at("/account"));
  await expect(heading(visitor, /^Sign in to /)).toBeVisible();

  await card.locator("summary", { hasText: "Remove" }).click();
  await card.getByRole("button", { name: `Remove ${host}` }).click();
  await expect(page.getByRole("heading", { name: "No domain of your own yet" })).toBeVisible();
  await expect.poll(async () => (await visitor.goto(own))?.status(), { timeout: 45_000 }).toBe(404);
});

test("a domain can be entered, looked at and removed without scripts", async ({ school, browserOf }) => {
  const host = `learn.plain-${unique()}.localhost`;
  const page = await browserOf(school, school.owner, { javaScriptEnabled: false });
  await page.goto(school.at("/admin/domains"));
  await page.getByLabel("Domain", { exact: true }).fill(host);
  await page.getByRole("button", { name: "Add domain" }).click();
  const card = page.getByRole("article", { name: host });
  await expect(card.getByText("Waiting for DNS")).toBeVisible();
  await card.getByRole("button", { name: "Check now" }).click();
  await expect(page.getByText(`We are looking at ${host} now.`)).toBeVisible();
  await card.locator("summary", { hasText: "Remove" }).click();
  await card.getByRole("button", { name: `Remove ${host}` }).click();
  await expect(page.getByRole("heading", { name: "No domain of your own yet" })).toBeVisible();
});
