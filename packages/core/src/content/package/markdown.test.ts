import { describe, expect, test } from "vitest";
import { memoryTree, openTree } from "../archive/index.ts";
import { fixture, sharedFixture, without } from "../testing/fixtures.ts";
import { expectWhole, lessonAt, outline } from "../testing/whole.ts";
import { type Package, readPackage } from "./index.ts";

const read = (files: Record<string, string>, name = "my-course"): Promise<Package> =>
  readPackage(memoryTree(name, files));
const lesson = lessonAt;

describe("order", () => {
  test("numbers in names, natural order, a README first, folders are modules", async () => {
    const course = await read({
      "README.md": "# My course\n\nIt is about many things that are worth knowing well.",
      "10-last/README.md": "# Last",
      "2-second/b.md": "# B",
      "2-second/a.md": "# A",
      "2-second/README.md": "# Second",
      "01-first/lesson-10.md": "# Ten",
      "01-first/lesson-9.md": "# Nine",
      "01-first/README.md": "# First",
    });
    expect(course).toMatchObject({
      kind: "markdown",
      title: "My course",
      description: expect.stringContaining("many things"),
    });
    expect(outline(course)).toEqual([
      ["About this course", ["My course"]],
      ["First", ["First", "Nine", "Ten"]],
      ["Second", ["Second", "A", "B"]],
      ["Last", ["Last"]],
    ]);
  });

  test("names alone, titles from names without numbers", async () => {
    const course = await read({ "b_side/02-two-words.md": "x", "b_side/01_one.md": "x", "a/z.md": "x", "a/y.md": "x" });
    expect(course.title).toBe("My course");
    expect(outline(course)).toEqual([
      ["A", ["Y", "Z"]],
      ["B side", ["One", "Two words"]],
    ]);
  });

  test("front matter gives title, order, minutes, draft and description", async () => {
    const course = await read({
      "README.md": "---\ntitle: The title\ndescription: What it is about\nlang: de\n---\n# Other",
      "m/b.md": "---\ntitle: First of all\norder: 1\nminutes: 12\n---\n# B",
      "m/a.md": "---\norder: 2\ndraft: true\n---\n# A",
    });
    expect(course).toMatchObject({ title: "The title", description: "What it is about", language: "de" });
    expect(course.modules[1]?.lessons.map(({ title, minutes, isDraft }) => [title, minutes, isDraft])).toEqual([
      ["First of all", 12, false],
      ["A", 1, true],
    ]);
  });

  test("pages without numbers follow the links of their README", async () => {
    const course = await read({
      "1-build/README.md":
        "# Build\n\n1. [Sensor](pi-sensor.md)\n1. [Actuator](pi-actuator.md)\n\n[Assignment](assignment.md)",
      "1-build/assignment.md": "# Research",
      "1-build/pi-actuator.md": "# Build a light",
      "1-build/pi-sensor.md": "# Build a light",
      "2-next/README.md": "# Next",
    });
    expect(outline(course)[0]).toEqual([
      "Build",
      ["Build", "Build a light (sensor)", "Build a light (actuator)", "Research"],
    ]);
  });

  test("a SUMMARY.md decides: parts, nesting, links out, what it forgets, what is not there", async () => {
    const course = await read({
      "src/SUMMARY.md":
        "# Summary\n\n[Welcome](README.md)\n\n# Basics\n\n- [Two](two.md)\n  - [One](deep/one.md)\n- [Planned]()\n\n# Beyond\n\n- [The web](https://example.com/)\n- [Gone](gone.md)\n- [Three](three.md#part)\n",
      "src/README.md": "# Hello",
      "src/two.md": "# The second",
      "src/deep/one.md": "# The first",
      "src/three.md": "text only",
      "src/forgotten.md": "# Forgotten",
      "book.toml": '[book]\ntitle = "A book"\n',
    });
    expect(course.title).toBe("A book");
    expect(outline(course)).toEqual([
      ["A book", ["Hello"]],
      ["Basics", ["The second", "The first"]],
      ["Beyond", ["The web", "Three"]],
      ["More material", ["Forgotten"]],
    ]);
    expect(course.modules[2]?.lessons[0]).toMatchObject({ format: "link", source: "https://example.com/" });
    expect(course.report.dropped).toContainEqual(expect.objectContaining({ what: "Gone" }));
    expect(course.report.changed).toContainEqual(expect.objectContaining({ what: "src/forgotten.md" }));
  });

  test("a SUMMARY.md without parts: items with items are modules", async () => {
    const course = await read({
      "SUMMARY.md":
        "# Table of contents\n\n* [Intro](README.md)\n* [Part A](a/README.md)\n  * [A1](a/1.md)\n* [Part B](b/README.md)\n  * [B1](b/1.md)\n",
      "README.md": "# Intro",
      "a/README.md": "# Part A",
      "a/1.md": "# A1",
      "b/README.md": "# Part B",
      "b/1.md": "# B1",
    });
    expect(outline(course)).toEqual([
      ["Introduction", ["Intro"]],
      ["Part A", ["Part A", "A1"]],
      ["Part B", ["Part B", "B1"]],
    ]);
  });

  test("a folder that wraps everything, and a lone folder of lessons, do not count", async () => {
    const course = await read({
      "course-main/README.md": "# Wrapped",
      "course-main/lessons/1-a/README.md": "# A",
      "course-main/lessons/2-b/README.md": "# B",
      "course-main/lessons/2-b/deep/er/c.md": "# C",
    });
    expect(outline(course)).toEqual([
      ["About this course", ["Wrapped"]],
      ["A", ["A"]],
      ["B", ["B", "C"]],
    ]);
  });

  test("pages only, one page, one page of HTML", async () => {
    expect(outline(await read({ "02-b.md": "# B", "01-a.md": "# A" }))).toEqual([["My course", ["A", "B"]]]);
    const one = await readPackage(await openTree(Buffer.from("# Only\n\nText"), "page.md"));
    expect([one.title, outline(one)]).toEqual(["Only", [["Only", ["Only"]]]]);
    const html = await readPackage(
      await openTree(Buffer.from("<title>T</title><h1>T</h1><p onclick=x>y</p>"), "page.html"),
    );
    expect(html.modules[0]?.lessons[0]).toMatchObject({ title: "T", format: "html", source: "<h2>T</h2>\n<p>y</p>" });
  });
});

describe("titles", () => {
  test.each([
    ["the main heading, even below a smaller one", "### Join us\n\n# The course\n", "The course"],
    ["a smaller heading that says something", "## How it works\n", "How it works"],
    ["the name, when the heading could stand anywhere", "## Instructions\n", "Assignment one"],
    ["the name, when the heading is empty", "#\n\n## Rubric\n", "Assignment one"],
    ["marked up words", "# `git` *basics* & [more](x.md) ![](a.png)\n", "git basics & more"],
    ["a heading underlined", "The title\n=========\n", "The title"],
    ["a rule is no front matter", "---\n\nText\n\n---\n\n# T\n", "T"],
  ])("%s", async (_, text, title) => {
    expect(lesson(await read({ "m/assignment-one.md": text, "m/other.md": "x" }), "m/assignment-one.md").title).toBe(
      title,
    );
  });

  test("the heading that became the title leaves the text", async () => {
    const course = await read({
      "m/a.md": "<!-- note -->\n# Title\n\nText",
      "m/b.md": "Before\n\n# Title two\n\nText",
    });
    expect(lesson(course, "m/a.md").source).toBe("<!-- note -->\n\nText");
    expect(lesson(course, "m/b.md").source).toContain("# Title two");
  });
});

describe("links, images and files", () => {
  const files = {
    "README.md": "# C\n\n[all](lessons-1/) [one](lessons-1/one.md#part-two) [lic](LICENSE)",
    LICENSE: "MIT License\n\nBe free.",
    "lessons-1/README.md":
      "# L\n\n![a](../img/My%20Pic.png) ![b](<../img/My Pic.png> 'T') ![c][ref] <img src='../IMG/my pic.png' width=10>\n\n[ref]: ../img/other(1).svg\n",
    "lessons-1/one.md":
      "# One\n\n[data](../files/data.csv) [html](one.html) [site](https://example.com/a_(b)) [up](/README.md) [out](../../../etc/passwd) ![gone](../img/gone.png) `[code](gone.md)`\n\n```md\n[code](gone.md)\n```\n\n## Part two\n\n[here](#part-two)",
    "img/My Pic.png": "png",
    "img/other(1).svg": "<svg/>",
    "img/unused.png": "png",
    "files/data.csv": "a,b",
  };

  test("become addresses inside the course, or are named", async () => {
    const tree = memoryTree("c", files);
    const course = await readPackage(tree);
    expectWhole(course, tree);
    expect(lesson(course, "README.md").source).toContain(
      "[all](lesson:lessons-1/README.md) [one](lesson:lessons-1/one.md#part-two) [lic](lesson:LICENSE)",
    );
    expect(lesson(course, "lessons-1/README.md").source).toBe(
      "![a](asset:img/My%20Pic.png) ![b](asset:img/My%20Pic.png 'T') ![c][ref] <img src=\"asset:img/My%20Pic.png\" width=10>\n\n[ref]: asset:img/other%281%29.svg\n",
    );
    const one = lesson(course, "lessons-1/one.md").source;
    expect(one).toContain(
      "[data](asset:files/data.csv) [html](lesson:lessons-1/one.md) [site](https://example.com/a_(b)) [up](lesson:README.md)",
    );
    expect(one).toContain("`[code](gone.md)`\n\n```md\n[code](gone.md)\n```");
    expect(one).toContain("[here](#part-two)");
    expect(course.assets.map(({ path, bytes }) => [path, bytes])).toEqual([
      ["files/data.csv", 3],
      ["img/My Pic.png", 3],
      ["img/other(1).svg", 6],
    ]);
    const dropped = course.report.dropped.map(({ what, where }) => [what, where]);
    expect(dropped).toContainEqual(["img/gone.png", "lessons-1/one.md"]);
    expect(dropped).toContainEqual(["img/unused.png", "img"]);
    expect(dropped.flat()).not.toContain("gone.md");
  });

  test("hidden files, translations and papers of the repository are left out, each with its reason", async () => {
    const tree = memoryTree("c", {
      "a.md": "# A",
      "b.md": "# B",
      ".github/ISSUE_TEMPLATE/bug.md": "x",
      "__MACOSX/._a.md": "x",
      "CONTRIBUTING.md": "x",
      "translations/de/a.md": "# A",
      "cover.png": "x",
    });
    const course = await readPackage(tree);
    expectWhole(course, tree);
    expect(outline(course)).toEqual([["C", ["A", "B"]]]);
    expect(course.coverPath).toBe("cover.png");
    expect(new Set(course.report.dropped.map(({ reason }) => reason)).size).toBe(3);
  });

  test("badges of the repository go, images elsewhere are named", async () => {
    const course = await read({
      "README.md":
        "[![b](https://img.shields.io/github/license/a/b.svg)](https://github.com/a/b)\n\n# T\n\n![x](https://i.example/a.png)",
      "m/a.md": "# A",
    });
    expect(lesson(course, "README.md").source).not.toContain("shields");
    expect(course.report.dropped).toContainEqual(expect.objectContaining({ what: "a badge" }));
    expect(course.report.changed).toContainEqual(expect.objectContaining({ what: "1 image", where: "README.md" }));
  });

  test("a page that is too long is named, not rendered", async () => {
    const course = await read({ "a.md": "x".repeat(2_200_000), "b.md": "# B" });
    expect(outline(course)).toEqual([["B", ["B"]]]);
    expect(course.report.dropped).toContainEqual(
      expect.objectContaining({ what: "a.md", reason: expect.stringContaining("2 MB") }),
    );
  });
});

describe("what is no course", () => {
  test.each([
    [{ "a.pdf": "x", "b.png": "x" }, /neither/],
    [{ "moodle_backup.xml": "<x/>", "course/a.xml": "<x/>" }, /Moodle/],
    [{ "h5p.json": "{}", "content/content.json": "{}" }, /H5P/],
  ])("%j", async (files, message) => {
    await expect(read(files)).rejects.toMatchObject({
      kind: "invalid",
      code: "package.unknown",
      message: expect.stringMatching(message),
    });
  });
});

describe("a real course", () => {
  test("part of it", async () => {
    const tree = await openTree(fixture("iot-for-beginners"));
    const course = await readPackage(tree);
    expectWhole(course, tree);
    expect(course.title).toBe("IoT for Beginners - A Curriculum");
    expect(outline(course)).toEqual([
      ["About this course", ["IoT for Beginners - A Curriculum", "For Educators", "Image attributions", "License"]],
      [
        "Getting Started with IoT",
        [
          "Getting Started with IoT",
          "Introduction to IoT",
          "Wio Terminal",
          "Raspberry Pi",
          "Virtual single-board computer",
          "Investigate an IoT project",
          "Interact with the physical world with sensors and actuators",
          "Add a sensor - Wio Terminal",
          "Build a nightlight - Raspberry Pi (sensor)",
          "Build a nightlight - Virtual IoT Hardware (sensor)",
          "Build a nightlight - Wio Terminal",
          "Build a nightlight - Raspberry Pi (actuator)",
          "Build a nightlight - Virtual IoT Hardware (actuator)",
          "Research sensors and actuators",
        ],
      ],
      [
        "Farming with IoT",
        [
          "Farming with IoT",
          "Detect soil moisture",
          "Measure soil moisture - Wio Terminal",
          "Measure soil moisture - Raspberry Pi",
          "Measure soil moisture - Virtual IoT Hardware",
          "Calibrate your sensor",
        ],
      ],
    ]);
    expect(course.assets.map(({ path, contentType }) => [path, contentType])).toEqual([
      ["images/button.png", "image/png"],
      ["images/connected-iot-devices.svg", "image/svg+xml"],
      ["images/led.png", "image/png"],
      ["images/pwm-motor-75rpm.png", "image/png"],
    ]);
  });

  test.skipIf(without("markdown-course"))(
    "the whole of it (skipped where the shared fixtures are absent)",
    async () => {
      const tree = await openTree(sharedFixture("markdown-course/iot-for-beginners") ?? "");
      const course = await readPackage(tree);
      expectWhole(course, tree);
      expect(course.modules.map(({ title, lessons }) => [title.split(" - ")[0], lessons.length])).toEqual([
        ["About this course", 4],
        ["Getting Started with IoT", 24],
        ["Farming with IoT", 28],
        ["Transport from farm to factory", 14],
        ["Manufacturing and processing", 20],
        ["Retail", 9],
        ["Consumer IoT", 26],
      ]);
      const titles = course.modules.flatMap((module) => module.lessons.map((each) => `${module.title}/${each.title}`));
      expect(new Set(titles).size).toBe(titles.length);
      expect(course.assets.length).toBeGreaterThan(80);
      expect(course.report.dropped.filter(({ reason }) => reason.startsWith("image not"))).not.toHaveLength(0);
    },
  );
});
