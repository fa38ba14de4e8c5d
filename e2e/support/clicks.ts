import type { Locator, Page } from "@playwright/test";

export class Clicks {
  count = 0;

  async on(target: Locator): Promise<void> {
    this.count += 1;
    await target.click();
  }

  async onMail(page: Page, link: string): Promise<void> {
    this.count += 1;
    await page.goto(link);
  }
}
