import * as CourseImport from "@lectern/core/course-import";
import { log } from "@lectern/core/kernel/log";
import { minute, perSchool } from "../cron.ts";

const stuckAfterMs = 3 * minute;

export const job = perSchool("finish-imports", 10 * minute, finishImports);
export const { handler } = job;

/** Takes up imports whose worker died and whose event came to an end; those that are being worked on refuse. */
async function finishImports(): Promise<void> {
  const { items } = await CourseImport.list({ limit: 25 });
  for (const { id, status, createdAt } of items) {
    if (status !== "queued" && status !== "running") continue;
    if (Date.now() - Date.parse(createdAt) < stuckAfterMs) continue;
    try {
      await CourseImport.process(id);
    } catch (err) {
      log.info({ err, importId: id }, "import not taken up");
    }
  }
}
