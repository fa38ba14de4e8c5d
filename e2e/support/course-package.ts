import { readFileSync } from "node:fs";
import path from "node:path";
import { CourseImport } from "@lectern/core/learn/course-import";
import { zipBytes } from "../../packages/core/src/content/testing/zip-bytes.ts";
import type { TestPerson, TestSchool } from "./school.ts";

const courses = path.join(import.meta.dirname, "../../packages/local/src/demo/courses");
const pages = path.join(courses, "web-development/1-the-page");

/** The content of `smallPackage()`: one module, two lessons. */
export const smallCourse = {
  file: "web-development-in-two-lessons.zip",
  title: "Web development in two lessons",
  slug: "web-development-in-two-lessons",
  lessons: [
    { title: "What a page is", slug: "what-a-page-is" },
    { title: "Structure that reads well", slug: "structure-that-reads-well" },
  ],
} as const;

/** Two lessons of the demo's web development course as a zip of Markdown; the first has a picture. */
export function smallPackage(): Buffer {
  const first = readFileSync(path.join(pages, "1-what-a-page-is.md"), "utf8");
  return zipBytes([
    { name: "SUMMARY.md", content: summary },
    {
      name: "the-page/what-a-page-is.md",
      content: `${first}\n\n![A broker between two devices](../images/mqtt.png)\n`,
    },
    { name: "the-page/structure.md", content: readFileSync(path.join(pages, "2-structure-that-reads-well.md")) },
    { name: "images/mqtt.png", content: readFileSync(path.join(courses, "iot-for-beginners/images/mqtt.png")) },
    { name: "notes.xyz", content: "Nothing a learner can read." },
  ]);
}

const summary = `# Summary

## The page

- [What a page is](the-page/what-a-page-is.md)
- [Structure that reads well](the-page/structure.md)
`;

/** Imports the small course as `teacher` and publishes it. */
export const aCourse = (school: TestSchool, teacher: TestPerson = school.owner): Promise<CourseImport.Result> =>
  school.as(teacher, () => CourseImport.run({ buffer: smallPackage(), fileName: smallCourse.file, publish: true }));
