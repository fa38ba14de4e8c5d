import { defineJob, type Job } from "../../kernel/job/index.ts";
import { Events } from "./course-import.event.ts";
import { importTable } from "./course-import.sql.ts";

/** Reading a package into a course, once. */
export const importJob: Job = defineJob({
  name: "import",
  table: importTable,
  request: (importId) => Events.Requested.emit({ importId }),
  trouble: {
    code: "import.failed",
    message: "Something went wrong on our side. We retry automatically.",
  },
});

/** The timer that requests an import anew whose worker died. */
export const Check: Job["check"] = importJob.check;
