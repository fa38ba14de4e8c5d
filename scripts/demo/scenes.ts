import { readFileSync } from "node:fs";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "@playwright/test";
import { expect } from "@playwright/test";
import { smallCourse, smallPackage } from "../../e2e/support/course-package.ts";
import { type Camera, view } from "./camera.ts";
import { card, paper } from "./paper.ts";
import type { Terminal } from "./terminal.ts";

// The steps of docs/demo.md, each through the product's own pages.

export interface Stage {
  readonly camera: Camera;
  readonly browser: Browser;
  readonly terminal: Terminal;
  readonly url: string;
  readonly mailUrl: string;
  readonly operatorToken: string;
  workerPid(): number;
  owner?: Page;
  learner?: Page;
}

const slug = "night-school";
const school = { name: "Harbour Night School", ownerEmail: "olive@night-school.example" };
const learnerEmail = "lena@night-school.example";
/** A demo password; the people are fictional. */
const password = "lamps over the water 7";

const at = ({ url }: Stage, to = "/"): string => `${url.replace("://", `://${slug}.`)}${to}`;

export const contextOptions = { viewport: view, colorScheme: "light", locale: "en-GB" } as const;

const newPage = async (set: Stage, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> =>
  (await set.browser.newContext({ ...contextOptions, ...options })).newPage();

const ownerOf = ({ owner }: Stage): Page => {
  if (!owner) throw new Error("nobody has opened the school yet");
  return owner;
};
const learnerOf = ({ learner }: Stage): Page => {
  if (!learner) throw new Error("nobody has joined the school yet");
  return learner;
};

/** Returns the newest mail to an address, once it has been sent. */
async function mailTo({ mailUrl }: Stage, to: string, subject: RegExp): Promise<{ id: string; text: string }> {
  let found: { id: string; text: string } | undefined;
  await expect
    .poll(
      async () => {
        const answer = await fetch(`${mailUrl}/mails?${new URLSearchParams({ to })}`);
        const mails = (await answer.json()) as { id: string; subject: string; text: string }[];
        found = mails.find((mail) => subject.test(mail.subject));
        return found !== undefined;
      },
      { timeout: 30_000 },
    )
    .toBe(true);
  if (!found) throw new Error("unreachable: the poll has passed");
  return found;
}

const linkIn = (text: string, part: string): string => {
  const link = text.match(/https?:\/\/\S+/g)?.find((each) => each.includes(part));
  if (!link) throw new Error(`no link with ${part} in a mail`);
  return link.replace(/[).,]+$/, "");
};

export interface Scene {
  readonly name: string;
  play(set: Stage): Promise<void>;
}

export const scenes: readonly Scene[] = [
  {
    name: "Open",
    async play(set) {
      const { camera } = set;
      const page = await newPage(set);
      set.owner = page;
      await page.goto(set.url);
      await camera.on(page);
      await camera.say("Lectern is rented, not installed. A school begins with its name.");
      await camera.type(page.getByLabel("Name of your school"), school.name);
      await camera.press(page.getByRole("button", { name: "Open a school" }));
      await expect(page.getByRole("heading", { level: 1, name: "Open a school" })).toBeVisible();
      await camera.say("An address, and who owns it. Nothing else is asked.");
      await camera.type(page.getByLabel("Address"), slug);
      await camera.type(page.getByLabel("Given name"), "Olive");
      await camera.type(page.getByLabel("Family name"), "Hart");
      await camera.type(page.getByLabel("E-mail"), school.ownerEmail);
      await camera.type(page.getByLabel("Password", { exact: true }), password);
      await camera.press(page.getByRole("button", { name: "Open a school" }));
      await expect(page).toHaveURL(/\/studio$/);
      await camera.say(
        "About a second later there is a site, a database schema and people of its own. Learners see its name only.",
      );
    },
  },
  {
    name: "Brand",
    async play(set) {
      const { camera } = set;
      const page = ownerOf(set);
      await page.goto(at(set, "/admin/brand"));
      await camera.on(page);
      await camera.say("Admin, Brand: one color, a typeface, a corner.");
      await camera.type(page.getByLabel("Tagline"), "Learn the web after dark.");
      await page.getByLabel("Color").first().fill("#ffe100");
      await camera.rest(600);
      await page.getByLabel("Typeface").selectOption({ label: "Newsreader" });
      await camera.press(page.getByLabel("Round"));
      await camera.press(page.getByRole("button", { name: "Save brand" }));
      await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
      await camera.say("Even this yellow: contrast is worked out, so no choice becomes unreadable.");
      await page.goto(at(set));
      await camera.say("The school's home in its new dress, with nothing in it yet.");
      await page.emulateMedia({ colorScheme: "dark" });
      await camera.say("And in the dark.");
      await page.emulateMedia({ colorScheme: "light" });
      await page.goto(at(set, "/admin/brand"));
      await camera.say("Back to something calmer.");
      await page.getByLabel("Color").first().fill("#0e6b7c");
      await camera.press(page.getByRole("button", { name: "Save brand" }));
      await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
    },
  },
  {
    name: "Import",
    async play(set) {
      const { camera } = set;
      const page = ownerOf(set);
      await page.goto(at(set, "/studio/import"));
      await camera.on(page);
      await camera.say("Courses come in from what people have. Here: a zip of Markdown files and pictures.");
      await page
        .getByLabel("File")
        .setInputFiles({ name: smallCourse.file, mimeType: "application/zip", buffer: smallPackage() });
      await camera.rest(500);
      await camera.press(page.getByRole("button", { name: "Upload and import" }));
      await expect(page.getByRole("heading", { level: 1, name: smallCourse.title })).toBeVisible({ timeout: 60_000 });
      await camera.say("What was moved, what was changed, what was left out. It waits as a draft, and can be undone.");
      await camera.press(page.getByRole("link", { name: "Open the draft" }));
      await expect(page.getByRole("link", { name: smallCourse.lessons[0].title })).toBeVisible();
      await camera.say("The draft in the studio. Publish it.");
      await camera.press(page.getByRole("button", { name: "Publish course" }));
      await expect(page.getByRole("status")).toContainText("is published.");
      await camera.rest(1_200);
    },
  },
  {
    name: "Join",
    async play(set) {
      const { camera } = set;
      const page = await newPage(set);
      set.learner = page;
      await page.goto(at(set, "/courses"));
      await camera.on(page);
      await camera.say("Somebody else, in a window of her own. The catalog is there for everyone.");
      await camera.press(page.getByRole("main").getByRole("link", { name: smallCourse.title }));
      await expect(page.getByRole("heading", { level: 1, name: smallCourse.title })).toBeVisible();
      await camera.say("A form, and the link in a mail: then she is in the first lesson.");
      await camera.press(page.getByRole("link", { name: "Enroll for free" }));
      await camera.type(page.getByLabel("Given name"), "Lena");
      await camera.type(page.getByLabel("Family name"), "Moreau");
      await camera.type(page.getByLabel("E-mail address"), learnerEmail);
      await camera.type(page.getByLabel("Password", { exact: true }), password);
      await camera.press(page.getByRole("button", { name: "Create account" }));
      await expect(page.getByRole("heading", { level: 1, name: "Check your inbox" })).toBeVisible();
      const mail = await mailTo(set, learnerEmail, /^Confirm your e-mail address/);
      const inbox = await newPage(set);
      await inbox.goto(set.mailUrl);
      await camera.on(inbox);
      await camera.say("Mail goes to the local inbox. On AWS the same code sends it through SES.");
      await page.goto(linkIn(mail.text, "/verify"));
      await camera.on(page);
      await camera.say("The link in it confirms her address, signs her in and enrolls her.");
      await expect(page.getByRole("heading", { level: 1, name: smallCourse.lessons[0].title })).toBeVisible();
      await inbox.context().close();
    },
  },
  {
    name: "Learn",
    async play(set) {
      const { camera } = set;
      const page = learnerOf(set);
      await camera.on(page);
      await camera.say("A lesson is the page: text to read, pictures, nothing around it.");
      await camera.scrollTo(page.getByRole("img", { name: "A broker between two devices" }));
      await camera.scrollTo(page.getByRole("button", { name: "Mark done" }));
      await camera.press(page.getByRole("button", { name: "Mark done" }));
      await expect(page.getByRole("button", { name: "Mark done" })).toBeHidden();
      await camera.rest(900);
      await camera.press(page.getByRole("link", { name: /^\d+ % of the course$/ }));
      await expect(page.getByRole("region", { name: "Your progress" })).toBeVisible();
      await camera.say(
        "Progress says how far, what is left, and why. The figure follows from facts and can be worked out again.",
      );
    },
  },
  {
    name: "No script",
    async play(set) {
      const { camera } = set;
      const learner = learnerOf(set);
      const page = await newPage(set, { javaScriptEnabled: false, storageState: await stateOf(learner.context()) });
      await page.goto(at(set, `/learn/${smallCourse.slug}/${smallCourse.lessons[1].slug}`));
      await camera.on(page);
      await camera.say("The second lesson, in a browser without JavaScript. Every form works before scripts load.");
      await camera.press(page.getByRole("button", { name: "Mark done" }));
      await expect(page.getByText("You finished it.")).toBeVisible();
      await camera.say("That was the last lesson.");
      await page.context().close();
    },
  },
  {
    name: "Certificate",
    async play(set) {
      const { camera } = set;
      const mail = await mailTo(set, learnerEmail, /^Your certificate: /);
      const page = await newPage(set);
      await page.goto(linkIn(mail.text, "/certificates/"));
      await camera.on(page);
      await camera.say("Its certificate came by mail. Anybody may check it here, without an account.");
      await camera.scrollTo(page.getByRole("article"));
      await camera.say("There is exactly one, however often its event is delivered.");
      await page.context().close();
    },
  },
  {
    name: "Isolation",
    async play({ camera, terminal }) {
      await camera.on(terminal.page);
      await camera.say(
        "Is one school safe from another? Every operation is tried as every kind of person: own, foreign, not entitled.",
      );
      await terminal.run(camera, "npx lectern check isolation", { cuts: true, last: 18 });
      await camera.say("No leak. The same check runs in the test suite, with a planted mistake that turns it red.");
    },
  },
  {
    name: "Kill it",
    async play(set) {
      const { camera, terminal } = set;
      await camera.on(terminal.page);
      await camera.without(async () => {
        await terminal.clear();
        for (const name of ["ada", "ben", "cleo"])
          await terminal.quietly(
            `npx lectern user create --school ${slug} --email ${name}@night-school.example --name "${name} North" --role learner`,
          );
      });
      await camera.say("Three people enroll, and in the midst of it the worker that sends the mails is killed.");
      const enroll = (name: string) =>
        `npx lectern enroll --school ${slug} --course ${smallCourse.slug} --email ${name}@night-school.example`;
      await terminal.run(camera, enroll("ada"), { cuts: true });
      await terminal.run(camera, `kill -9 ${set.workerPid()}`);
      await terminal.run(camera, enroll("ben"), { cuts: true });
      await terminal.run(camera, enroll("cleo"), { cuts: true });
      await camera.without(async () => {
        for (const name of ["ada", "ben", "cleo"])
          await mailTo(set, `${name}@night-school.example`, /^You are enrolled/);
      });
      await camera.say(
        "It was started again by itself. What was acknowledged had been written down: outbox, bus, queue, inbox.",
      );
      await terminal.run(
        camera,
        `curl -s "${set.mailUrl}/mails?subject=You+are+enrolled:+Web" | node -e 'for (const m of JSON.parse(require("fs").readFileSync(0))) console.log(m.to[0], "|", m.subject)' | grep @${slug}`,
      );
      await camera.say("One mail each. None is missing, none came twice.");
    },
  },
  {
    name: "API",
    async play(set) {
      const { camera, terminal } = set;
      const page = await newPage(set);
      await page.goto(at(set, "/api/docs"));
      await camera.on(page);
      await camera.say("Everything a page can do, the API can do. Its reference is made from the routes.");
      await camera.scrollBy(700);
      await terminal.clear();
      await camera.on(terminal.page);
      await camera.say("A call as Lena. Rights are read at each request; a token carries none.");
      await terminal.run(
        camera,
        `curl -s -H "Authorization: Bearer $(npx lectern token create --school ${slug} --email ${learnerEmail})" ${at(set, "/api/v1/me")} | node -p 'JSON.parse(require("fs").readFileSync(0))'`,
        { cuts: true },
      );
      await camera.rest(2_500);
      await page.context().close();
    },
  },
  {
    name: "Operate",
    async play(set) {
      const { camera, terminal } = set;
      await terminal.clear();
      await camera.on(terminal.page);
      await camera.say("Counters for a scraper. The same ones go to CloudWatch.");
      await terminal.run(
        camera,
        `curl -s -H "Authorization: Bearer $OPERATOR_TOKEN" ${set.url}/metrics | grep -E "^lectern_requests_total" | sort -t" " -k3 -rn | head -12`,
      );
      await camera.rest(2_500);
      const page = await newPage(set);
      await page.goto(`${set.url}/operator`);
      await camera.on(page);
      await camera.say("The operators' own page, opened by their token.");
      await page.getByLabel("Operators’ token").fill(set.operatorToken);
      await camera.press(page.getByRole("button", { name: "Show me" }));
      await camera.say("Errors in groups, and response times by route.");
      await camera.scrollBy(420);
      await page.context().close();
    },
  },
  {
    name: "On AWS",
    async play({ camera, terminal, browser }) {
      await terminal.clear();
      await camera.on(terminal.page);
      await camera.say("The same code on AWS: the whole stage is evaluated without an account, and judged by rules.");
      await terminal.run(camera, "npm run --silent synth -- --stage production", { cuts: true, last: 16 });
      await camera.rest(1_500);
      const picture = readFileSync(path.join(import.meta.dirname, "../../docs/pictures/architecture.svg"), "utf8");
      const page = await paper(
        browser,
        `<main style="height:100vh;padding:14px;display:grid;place-items:center;background:#fff">${picture.replace("<svg ", '<svg style="max-height:100%;height:600px" ')}</main>`,
      );
      await camera.on(page);
      await camera.say(
        "Edge, code and data in a network of its own, events, and how it is watched and released.",
        2_500,
      );
      await page.context().close();
    },
  },
];

export async function opening({ camera, browser }: Stage): Promise<void> {
  const page = await card(browser, "Lectern", ["A school of your own, open in a minute.", "The demo, on one machine."]);
  await camera.on(page);
  await camera.say("Everything you see runs on one machine: no cloud account, no containers.");
}

export async function ending({ camera, browser }: Stage): Promise<void> {
  const page = await card(browser, "Try it yourself", ["npm install", "npm run dev -- --seed"]);
  await camera.on(page);
  await camera.say("docs/demo.md has every step of this film, and what to say.");
}

/** Copies the session for a browser with other settings. */
const stateOf = (context: BrowserContext) => context.storageState();
