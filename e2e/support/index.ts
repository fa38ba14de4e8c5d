import "../../packages/local/bin/preload.mjs";
import { type BrowserContext, type BrowserContextOptions, test as base, expect, type Page } from "@playwright/test";
import { openSchool, type TestPerson, type TestSchool } from "./school.ts";
import { localHeader } from "./stage.ts";

export { look, sidewaysOf, violationsOf } from "./accessibility.ts";
export { Clicks } from "./clicks.ts";
export { aCourse, smallCourse, smallPackage } from "./course-package.ts";
export { linkIn, mailsTo, mailTo } from "./inbox.ts";
export { tabTo } from "./keyboard.ts";
export { failed, slow } from "./lines.ts";
export { openSchool, password, type TestPerson, type TestSchool, unique } from "./school.ts";
export { fillSignIn, signOut } from "./sign-in.ts";
export { authHost, platform } from "./stage.ts";
export { expect, type Page };

export const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name });

interface Journey {
  readonly school: TestSchool;
  /** Opens another browser, signed in or anonymous; closed after the test. */
  readonly browserOf: (school?: TestSchool, person?: TestPerson, options?: BrowserContextOptions) => Promise<Page>;
  /** Errors that pages report fail the test unless it expects them here. */
  readonly trouble: Trouble;
}

interface Trouble {
  readonly expect: (told: RegExp) => void;
  readonly watch: (context: BrowserContext) => void;
}

/** The browser's message when a page is left before its data has arrived; harmless. */
const left = /AbortError: BodyStreamBuffer was aborted/;

/** Playwright's tracer injects a script into every frame; the brand preview's sandbox refuses it. */
const still = /Blocked script execution in '[^']*\/admin\/brand\/preview/;

export const test = base.extend<Journey>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's shape.
  extraHTTPHeaders: async ({}, use, info) => use(localHeader(`journey-${info.parallelIndex}`)),

  trouble: [
    async ({ context }, use) => {
      const told: string[] = [];
      const expected: RegExp[] = [];
      const watch = (each: BrowserContext) => {
        each.on("weberror", (error) => told.push(`${error.page()?.url()}: ${error.error().stack}`));
        each.on("console", (message) => {
          if (message.type() === "error") told.push(`${message.location().url}: ${message.text()}`);
        });
      };
      watch(context);
      await use({ watch, expect: (pattern) => expected.push(pattern) });
      const unexpected = told.filter((line) => ![left, still, ...expected].some((pattern) => pattern.test(line)));
      expect(unexpected, "errors on pages").toEqual([]);
    },
    { auto: true },
  ],

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's shape.
  school: async ({}, use) => use(await openSchool()),

  browserOf: async ({ browser, trouble }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (school, person, options = {}) => {
      const context = await browser.newContext(options);
      opened.push(context);
      trouble.watch(context);
      if (school && person) await school.signIn(context, person);
      return context.pages()[0] ?? context.newPage();
    });
    await Promise.all(opened.map((context) => context.close()));
  },
});
