import { DomainError } from "../../kernel/error/index.ts";

/** As many as a course can hold. */
const maxLessons = 5_000;

/** Refuses a package with more lessons than a course can hold, before they are read. */
export function checkLessons(count: number): void {
  if (count > maxLessons)
    throw new DomainError(
      "invalid",
      "package.too_many_lessons",
      `The package holds more than ${maxLessons.toLocaleString("en")} lessons. Split it into several courses.`,
    );
}
