import type { Locator, Page } from "@playwright/test";

/** Counts what a person clicks on a journey: buttons, links, and the link in a mail. */
export class Clicks {
  count = 0;

  async on(target: Locator): Promise<void> {
    this.count += 1;
    await target.click();
  }

  /** Follows a mail's link in this browser. */
  async onMail(page: Page, link: string): Promise<void> {
    this.count += 1;
    await page.goto(link);
  }
}
