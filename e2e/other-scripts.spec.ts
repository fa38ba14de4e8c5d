import { Course } from "@lectern/core/learn/course";
import { expect, linkIn, mailTo, type Page, type TestSchool, test } from "./support/index.ts";

// Slugs keep the title's letters, so every address of this course needs encoding.
const courses = [
  {
    language: "Arabic",
    locale: "ar",
    title: "مُقَدِّمَة في إنترنت الأشياء",
    module: "الوحدة الأولى",
    lessons: ["ما هو إنترنت الأشياء؟", "الدرس الثاني: الشبكات"],
  },
  {
    language: "Japanese",
    locale: "ja",
    title: "はじめてのネットワーク入門",
    module: "第一章",
    lessons: ["ネットワークとは何か", "パケットの旅"],
  },
];

async function publishedCourse(school: TestSchool, { title, locale, module, lessons }: (typeof courses)[number]) {
  return school.as(school.owner, async () => {
    const course = await Course.create({ title, language: locale });
    const { id: moduleId } = await Course.addModule({ courseId: course.id, title: module });
    for (const lesson of lessons)
      await Course.addLesson({ moduleId, title: lesson, source: `# ${lesson}\n\n${title}`, status: "published" });
    return Course.publish({ courseId: course.id });
  });
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });
    for (const given of courses)
      test(`a learner finishes a course in ${given.language}`, async ({ page, school }) => {
        const course = await publishedCourse(school, given);
        const learner = await school.person("learner");
        await school.signIn(page.context(), learner);
        await page.goto(school.at("/courses"));
        await page.getByRole("main").getByRole("link", { name: given.title }).click();
        await page.getByRole("button", { name: "Enroll for free" }).click();
        await expect(page.getByRole("status")).toContainText("You are enrolled.");
        for (const [at, lesson] of given.lessons.entries()) {
          await expect(page.getByRole("heading", { level: 1, name: lesson })).toBeVisible();
          const isLast = at === given.lessons.length - 1;
          await page.getByRole("button", { name: isLast ? "Complete and finish" : "Complete and continue" }).click();
        }
        await expect(page).toHaveURL(school.at(`/learn/${encodeURIComponent(course.slug)}`));
        await expect(page.getByText("You finished it.")).toBeVisible();
        await expectLinks(page, school, learner.email, given.title);
      });
  });
}

/** Mails about the course must contain ASCII links that resolve. */
async function expectLinks(page: Page, school: TestSchool, email: string, title: string): Promise<void> {
  const enrolled = linkIn(await mailTo(email, /^You are enrolled: /), "/learn/");
  expect(enrolled).toMatch(/^[\x21-\x7e]+$/);
  await page.goto(enrolled);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.goto(linkIn(await mailTo(email, /^Your certificate: /), "/certificates/"));
  await expect(page.getByRole("article")).toContainText(title);
  await expect(page.getByText(new RegExp(`^Valid\\. ${school.route.name} issued this certificate on `))).toBeVisible();
}
