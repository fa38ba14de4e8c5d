import { isDomainError } from "@lectern/core/kernel/error";
import * as CourseImport from "@lectern/core/learn/course-import";
import { consumer } from "../consumer.ts";
import { RetryLater } from "../retry.ts";

/**
 * Runs an import that was asked for; the import's own row says how far it is, so a repeated event does no harm. A long
 * import outlives its message's time in the queue: what comes back meanwhile waits, to take over if this worker dies.
 */
export const courseImport = consumer("course-import", CourseImport.Events.Requested, async (event) => {
  const { importId } = event.data;
  if (await isLeftToItsTask(importId, event.occurredAt))
    throw new RetryLater(taskSeconds, `import ${importId} has a task`);
  try {
    await CourseImport.process(importId);
  } catch (error) {
    if (isDomainError(error)) throw error;
    throw Object.assign(new RetryLater(65, `import ${importId} is not finished`), { cause: error });
  }
});
export const { handler } = courseImport;

/** A task takes a minute to begin. */
const taskSeconds = 150;

/** A heavy package has a task of its own where the stage has such tasks; only if that did not begin is it done here. */
async function isLeftToItsTask(importId: string, occurredAt: string): Promise<boolean> {
  if (process.env.LECTERN_JOBS !== "1" || Date.now() - Date.parse(occurredAt) > taskSeconds * 1000) return false;
  return ((await CourseImport.packageBytes(importId)) ?? 0) > CourseImport.heavyBytes;
}
