import { performance } from "node:perf_hooks";
import { aSchool, asUser } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import { Course } from "./index.ts";
import { renderSource } from "./rendering.ts";
import { aCourse } from "./testing/index.ts";

/** Blocks of code that are short enough to be colored, and that the grammar takes quadratic time for: enough for a fast machine. */
const hostile = `\`\`\`ini\n${`${"a".repeat(990)}\n`.repeat(8)}\n\`\`\`\n\n`.repeat(240);

test("a page that keeps the renderer busy is shown as text, and another school does not wait for it", async () => {
  const [one, other] = [await aSchool(), await aSchool()];
  const render = (source: string) => renderSource("markdown", source);
  const ordinary = () => asUser(other, { roles: ["instructor"] }, () => render("# Hello\n\n*World*"));
  await ordinary();
  await asUser(one, { roles: ["instructor"] }, async () => {
    const slow = Promise.allSettled(Array.from({ length: 5 }, () => render(hostile)));
    expect((await ordinary()).html).toContain("<em>World</em>");
    // The later ones of the same school wait too long for their turn, and are asked to try again.
    const [first, ...others] = await slow;
    expect(first).toMatchObject({ value: { isPlain: true, html: expect.stringContaining("<p>```ini<br>aaa") } });
    for (const other of others)
      expect(other.status === "fulfilled" ? other.value.isPlain : other.reason.code).toBeOneOf([true, "lesson.busy"]);
  });
  expect((await ordinary()).html).toContain("<em>World</em>");
});

test("one school renders one page at a time, so another school's page waits for none of its queue", async () => {
  const [one, other] = [await aSchool(), await aSchool()];
  const ordinary = () => asUser(other, { roles: ["instructor"] }, () => renderSource("markdown", "*World*"));
  await ordinary();
  let ended = 0;
  const count = () => {
    ended += 1;
  };
  const slow = asUser(one, { roles: ["instructor"] }, () =>
    Promise.all(Array.from({ length: 4 }, () => renderSource("markdown", hostile).then(count, count))),
  );
  // They are queued before the other school's page comes.
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await ordinary()).html).toContain("<em>World</em>");
  expect(ended).toBeLessThan(2);
  await slow;
});

test("the thread of requests goes on while a page is rendered", async () => {
  const school = await aSchool();
  await asUser(school, { roles: ["instructor"] }, async () => {
    await renderSource("markdown", "Hello");
    const begin = performance.eventLoopUtilization();
    await renderSource("markdown", hostile);
    expect(performance.eventLoopUtilization(begin).utilization).toBeLessThan(0.5);
  });
});

test("a refusal of a page comes back as it was thrown", async () => {
  await asUser(await aSchool(), { roles: ["instructor"] }, async () => {
    await expect(renderSource("link", "ftp://x")).rejects.toMatchObject({ kind: "invalid", code: "lesson.bad_link" });
  });
});

test("a lesson has at most 300 KB of text, in any script", async () => {
  const school = await aSchool();
  const course = await aCourse(school);
  await asUser(school, course.by, async () => {
    for (const source of ["a".repeat(300 * 1024 + 1), "ع".repeat(151 * 1024)])
      await expect(Course.addLesson({ moduleId: course.moduleId, title: "Long", source })).rejects.toMatchObject({
        code: "input.invalid",
        fields: { source: expect.stringMatching(/300 KB/) },
      });
    const source = "word ".repeat(50_000);
    expect((await Course.addLesson({ moduleId: course.moduleId, title: "Long", source })).minutes).toBe(250);
  });
});
