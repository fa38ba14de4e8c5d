import { DomainError } from "@lectern/core/kernel/error";
import { Course } from "@lectern/core/learn/course";

/** Returns a course of the actor's school by id or slug. */
export async function courseByName(name: string): Promise<{ id: string; title: string }> {
  try {
    const { id, title } = await Course.page({ courseIdOrSlug: name });
    return { id, title };
  } catch (error) {
    if (!(error instanceof DomainError && error.kind === "not_found")) throw error;
    const message = `There is no course "${name}" in this school.`;
    throw new DomainError("not_found", "course.not_found", message, { course: message });
  }
}
