import * as Inbox from "@lectern/core/house/inbox";
import * as Certificate from "@lectern/core/learn/certificate";
import * as Enrollment from "@lectern/core/learn/enrollment";
import * as Progress from "@lectern/core/learn/progress";
import { consumer } from "../consumer.ts";
import { reached } from "../steps.ts";

/**
 * Writes the completion into the enrollment and issues the certificate, both in the transaction that notes the event.
 * The certificate publishes `certificate.issued`, so its mail depends on the row and not on this event.
 */
export const courseCompleted = consumer("course-completed", Progress.Events.CourseCompleted, async (event) => {
  const { enrollmentId } = event.data;
  await Inbox.once("course-completed", event, async () => {
    await reached("course-completed: noted");
    const issued = await Certificate.issue({ enrollmentId });
    await reached("course-completed: issued");
    // Null: staff reset the course in the meantime. It will be completed again, with an event of its own.
    if (issued) await Enrollment.markCompleted({ enrollmentId });
    await reached("course-completed: marked");
  });
});
export const { handler } = courseCompleted;
