import type { Command } from "commander";
import pc from "picocolors";
import { connect } from "../cloud.ts";
import type { Io } from "../io.ts";
import { asOperator } from "../school.ts";
import { count, done, meter, table } from "../text.ts";

interface Options {
  school: string;
  course: string;
  email: string;
}

export function learnerCommands(program: Command, io: Io): void {
  program
    .command("enroll")
    .description("enroll a person in a course")
    .requiredOption("--school <slug>", "which school")
    .requiredOption("--course <course>", "id or slug of the course")
    .requiredOption("--email <email>", "who learns")
    .addHelpText("after", "\nExample:\n  lectern enroll --school riverside --course git-basics --email leo@example.com")
    .action(async ({ school, course, email }: Options) => {
      connect(io.globals);
      await closing(io);
      const [{ Enrollment }, { courseByName }] = await Promise.all([
        import("@lectern/core/learn/enrollment"),
        import("../course.ts"),
      ]);
      const enrolled = await asOperator(school, async () => {
        const { id } = await courseByName(course);
        return Enrollment.add({ courseId: id, email });
      });
      io.answer(
        { enrollmentId: enrolled.id, courseId: enrolled.courseId, userId: enrolled.userId, status: enrolled.status },
        () => done(`${pc.bold(email)} is enrolled.`),
      );
    });

  program
    .command("progress")
    .description("what people have learned")
    .command("show")
    .description("one person's progress in a course, and what is left")
    .requiredOption("--school <slug>", "which school")
    .requiredOption("--course <course>", "id or slug of the course")
    .requiredOption("--email <email>", "whose progress")
    .addHelpText(
      "after",
      "\nExample:\n  lectern progress show --school riverside --course git-basics --email leo@example.com",
    )
    .action(async ({ school, course, email }: Options) => {
      connect(io.globals);
      await closing(io);
      const [{ Progress }, { courseByName }, { userByEmail }] = await Promise.all([
        import("@lectern/core/learn/progress"),
        import("../course.ts"),
        import("../person.ts"),
      ]);
      const found = await asOperator(school, async () => {
        const [{ id, title }, userId] = await Promise.all([courseByName(course), userByEmail(email)]);
        return { title, progress: await Progress.learner({ courseId: id, userId }) };
      });
      const { percent, completed, remaining } = found.progress;
      io.answer({ percent, completed, remaining }, () =>
        [
          pc.bold(found.title),
          meter(percent),
          completed
            ? done("Completed.")
            : [
                `${count(remaining.length, "lesson")} left:`,
                table(
                  ["lesson", "module", "minutes", "why"],
                  remaining.map((lesson) => [
                    lesson.title,
                    pc.dim(lesson.module),
                    String(lesson.minutes),
                    pc.dim(lesson.reason),
                  ]),
                  "",
                ),
              ].join("\n"),
        ].join("\n"),
      );
    });
}

async function closing(io: Io): Promise<void> {
  const { closeDatabase } = await import("../database.ts");
  io.onExit(closeDatabase);
}
