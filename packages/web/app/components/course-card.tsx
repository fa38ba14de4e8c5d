import { pathTo } from "@lectern/core/kernel/path";
import { Link } from "@remix-run/react";
import { levelWord, school } from "../messages/en/school.ts";
import { minutesInWords } from "../util/time.ts";
import { Cover } from "./cover.tsx";
import { Facts } from "./ui/facts.tsx";

export interface CourseCardData {
  readonly slug: string;
  readonly title: string;
  readonly summary: string;
  readonly level: "any" | "beginner" | "intermediate" | "advanced";
  readonly language: string;
  readonly coverUrl: string | null;
  readonly lessonCount: number;
  readonly minutes: number;
}

/** Picks the fields a course list shows, so the page does not send whole courses to the browser. */
export const toCard = <C extends CourseCardData>(course: C): CourseCardData => ({
  slug: course.slug,
  title: course.title,
  summary: course.summary,
  level: course.level,
  language: course.language,
  coverUrl: course.coverUrl,
  lessonCount: course.lessonCount,
  minutes: course.minutes,
});

export function CourseCard({ course, as: Heading = "h2" }: { course: CourseCardData; as?: "h2" | "h3" }) {
  const facts = [
    course.lessonCount > 0 && school("lessons", { count: course.lessonCount }),
    course.minutes > 0 && minutesInWords(course.minutes),
    course.level !== "any" && levelWord(course.level),
  ];
  return (
    <article className="group relative grid content-start gap-y-1">
      <div className="mb-2.5">
        <Cover title={course.title} url={course.coverUrl} />
      </div>
      <Heading className="font-read text-xl font-medium" lang={course.language} dir="auto">
        <Link
          to={pathTo.course(course.slug)}
          prefetch="intent"
          className="decoration-1 underline-offset-4 group-hover:underline after:absolute after:inset-0 after:rounded-m"
        >
          {course.title}
        </Link>
      </Heading>
      <Facts className="text-sm text-muted" items={facts} />
      {course.summary && (
        <p className="line-clamp-2 text-ui text-soft" lang={course.language} dir="auto">
          {course.summary}
        </p>
      )}
    </article>
  );
}

export function CourseGrid({ courses, as }: { courses: readonly CourseCardData[]; as?: "h2" | "h3" }) {
  return (
    <ul className="grid gap-x-8 gap-y-11 sm:grid-cols-2 lg:grid-cols-3">
      {courses.map((course) => (
        <li key={course.slug} className="min-w-0">
          <CourseCard course={course} {...(as && { as })} />
        </li>
      ))}
    </ul>
  );
}
