import { expect, type Page } from "@playwright/test";
import { password } from "./school.ts";

/** Fills the sign-in page the browser stands on. */
export async function fillSignIn(page: Page, email: string, secret = password): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: /^Sign in to / })).toBeVisible();
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
}
