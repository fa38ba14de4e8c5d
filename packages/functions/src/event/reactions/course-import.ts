import { CourseImport } from "@lectern/core/course-import";
import { isDomainError } from "@lectern/core/kernel/error";
import { consumer } from "../consumer.ts";
import { RetryLater } from "../retry.ts";

/**
 * Runs an import that was asked for; the import's own row says how far it is, so a repeated event does no harm. A long
 * import outlives its message's time in the queue: what comes back meanwhile waits, to take over if this worker dies.
 */
export const courseImport = consumer("course-import", CourseImport.Events.Requested, async (event) => {
  try {
    await CourseImport.process(event.data.importId);
  } catch (error) {
    if (isDomainError(error)) throw error;
    throw Object.assign(new RetryLater(65, `import ${event.data.importId} is not finished`), { cause: error });
  }
});
