import { Certificate } from "@lectern/core/learn/certificate";
import { Course } from "@lectern/core/learn/course";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { Progress } from "@lectern/core/learn/progress";
import {
  aCourse,
  expect,
  heading,
  look,
  smallCourse,
  type TestPerson,
  type TestSchool,
  test,
} from "../support/index.ts";

const [first, second] = smallCourse.lessons;

const learn = (school: TestSchool, learner: TestPerson, courseId: string, done: number) =>
  school.as(learner, async () => {
    await Enrollment.create({ courseId });
    const { remaining } = await Progress.of({ courseId });
    for (const { lessonId } of remaining.slice(0, done)) await Progress.markDone({ courseId, lessonId });
  });

/** Returns the certificate's number once the worker has issued it. */
async function certificateOf(school: TestSchool, learner: TestPerson): Promise<string> {
  let number: string | undefined;
  await expect
    .poll(
      async () => {
        number = (await school.as(learner, () => Certificate.mine({}))).items[0]?.number;
        return number;
      },
      { timeout: 30_000 },
    )
    .toBeDefined();
  return number ?? "";
}

test("what a visitor sees of a school", async ({ page, school, trouble }) => {
  test.setTimeout(300_000);
  trouble.expect(/status of (403|404)/);
  await page.goto(school.at());
  await look(page, "home, no course yet", page.getByRole("heading", { name: "The first course is being written" }));
  await page.goto(school.at("/courses"));
  await look(page, "catalog, no course yet", page.getByRole("heading", { name: "The first course is being written" }));

  const { courseId } = await aCourse(school);
  const { modules } = await school.as(school.owner, () => Course.editor({ courseId }));
  const opening = modules[0]?.lessons[0];
  if (!opening) throw new Error("the course has no lesson");
  await school.as(school.owner, async () => {
    const { lesson } = await Course.lesson({ courseIdOrSlug: courseId, lessonIdOrSlug: opening.id });
    await Course.updateLesson({
      ...{ lessonId: lesson.id, version: lesson.version ?? 0, title: lesson.title, source: lesson.source ?? "" },
      ...{ minutes: lesson.minutes, status: "published", isPreview: true },
    });
  });
  await page.goto(school.at());
  await look(page, "home", page.getByRole("heading", { name: "Newest courses" }));
  await page.getByRole("banner").getByRole("link", { name: "Search" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("searchbox").or(dialog.getByRole("textbox")).or(dialog.getByRole("combobox")).fill("web");
  await look(page, "search box over the page", dialog.getByText(smallCourse.title));
  await page.goto(school.at("/courses?q=web"));
  await look(page, "catalog, found", page.getByText("1 course for “web”"));
  await page.goto(school.at("/courses?q=zebra&level=advanced"));
  await look(page, "catalog, nothing found", page.getByRole("heading", { name: "Nothing matches" }));
  await page.goto(school.at(`/courses/${smallCourse.slug}`));
  await look(page, "course", heading(page, smallCourse.title));
  await page.goto(school.at(`/learn/${smallCourse.slug}/${first.slug}`));
  await look(page, "lesson, free preview", page.getByText(/^This is a free preview/));
  await page.goto(school.at(`/learn/${smallCourse.slug}/${second.slug}`));
  await look(page, "lesson, closed: sign in to read it", heading(page, /^Sign in to/));
  await page.goto(school.at(`/courses/no-such-course`));
  await look(page, "course gone", heading(page, "This course is not here"));
  await page.goto(school.at("/no-such-page"));
  await look(page, "not found", heading(page, "This page is not here"));
  await page.goto(school.at("/teach"));
  await look(page, "teach, visitor", page.getByRole("link", { name: "Sign in to send a request" }));
  await page.goto(school.at("/certificates"));
  await look(page, "certificate check", heading(page, "Check a certificate"));
  await page.getByLabel("Certificate number").fill("ABCD-1234");
  await page.getByRole("button", { name: "Check certificate" }).click();
  await look(page, "certificate, mistyped or unknown", page.getByText(/^(Mistyped|Not found)\./));
});

test("what a learner sees", async ({ page, school, trouble }) => {
  test.setTimeout(300_000);
  trouble.expect(/status of (403|404|422)/);
  const learner = await school.person("learner", { givenName: "Lena" });
  await school.signIn(page.context(), learner);
  await page.goto(school.at("/learn"));
  await look(page, "my learning, school without courses", heading(page, "No courses yet"));

  const finished = await aCourse(school);
  const open = await aCourse(school);
  await page.goto(school.at("/learn"));
  await look(page, "my learning, not enrolled", page.getByRole("link", { name: "Browse all courses" }));
  await learn(school, learner, finished.courseId, 2);
  await learn(school, learner, open.courseId, 1);
  const number = await certificateOf(school, learner);
  const slug = `${smallCourse.slug}-2`;

  await page.goto(school.at());
  await look(page, "home, signed in", heading(page, "Go on learning"));
  await page.locator("summary", { hasText: "Menu of Lena Person" }).click();
  await look(page, "home, own menu open", page.getByRole("button", { name: "Sign out", exact: true }));
  await page.goto(school.at("/learn"));
  await look(page, "my learning", page.getByRole("region", { name: "Finished" }));
  await page.goto(school.at(`/courses/${slug}`));
  await look(page, "course, enrolled", page.getByRole("link", { name: /^Continue: / }).first());
  await page.goto(school.at(`/courses/${smallCourse.slug}`));
  await look(page, "course, completed", page.getByRole("link", { name: "See your certificate" }).first());
  await page.goto(school.at(`/learn/${slug}`));
  await look(page, "progress", page.getByRole("region", { name: "All lessons" }));
  await page.locator("summary", { hasText: "Leave this course" }).click();
  await look(page, "progress, asked whether to leave", page.getByRole("button", { name: /^Leave “/ }));
  await page.goto(school.at(`/learn/${smallCourse.slug}`));
  await look(page, "progress, finished", page.getByText("You finished it."));
  await page.goto(school.at(`/learn/${slug}/${second.slug}`));
  await look(page, "lesson", page.getByRole("button", { name: "Mark done" }));
  await page.getByRole("link", { name: /^Outline/ }).click();
  await look(page, "lesson, outline open", page.getByRole("dialog").getByRole("link", { name: first.title }));
  await page.goto(school.at(`/learn/${slug}/${first.slug}`));
  await look(page, "lesson, done", page.getByRole("status").filter({ hasText: "Done" }));
  await page.goto(school.at(`/certificates/${number}`));
  await look(page, "certificate", heading(page, "Certificate of completion"));

  await page.goto(school.at("/notifications"));
  await look(page, "notifications", page.getByRole("button", { name: "Mark all read" }));
  await page.goto(school.at("/account"));
  await look(page, "account", heading(page, "Account"));
  await page.getByLabel("Current password").fill("not the password");
  await page.getByLabel("New password").fill("short");
  await page.getByRole("button", { name: "Change password" }).click();
  await look(page, "account, password refused", page.getByRole("alert"));
  await page.locator("summary", { hasText: "Sign out everywhere" }).click();
  await look(page, "account, asked to sign out", page.getByRole("button", { name: "Sign out everywhere, here too" }));
  await page.goto(school.at("/teach"));
  await look(page, "teach", page.getByRole("button", { name: "Send request" }));
  await page.getByRole("button", { name: "Send request" }).click();
  await look(page, "teach, nothing written", page.getByRole("alert"));
  await page.getByLabel("What would you like to teach?").fill("Knots, for people who sail.");
  await page.getByRole("button", { name: "Send request" }).click();
  await look(page, "teach, waiting", page.getByText("Your request is waiting for an answer"));
  await page.goto(school.at("/admin/people"));
  await look(page, "not open to a learner", heading(page, "This page is not open to you"));
});
