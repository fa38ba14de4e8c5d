import { expect, type Page } from "@playwright/test";
import { password } from "./school.ts";

export async function fillSignIn(page: Page, email: string, secret = password): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: /^Sign in to / })).toBeVisible();
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Chooses "Sign out" in the account menu. */
export async function signOut(page: Page): Promise<void> {
  await page.locator("summary", { hasText: "Menu of " }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "You are signed out" })).toBeVisible();
}
