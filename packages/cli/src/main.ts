import { cellCommands } from "./commands/cell.ts";
import { checkCommands } from "./commands/check.ts";
import { courseCommands } from "./commands/course.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { learnerCommands } from "./commands/learner.ts";
import { migrateCommands } from "./commands/migrate.ts";
import { opsCommands } from "./commands/ops.ts";
import { schoolCommands } from "./commands/school.ts";
import { userCommands } from "./commands/user.ts";
import { run } from "./run.ts";

await run({
  about: "Operate Lectern: schools, people, courses, migrations, cells, checks, errors and times.",
  commands: [
    schoolCommands,
    userCommands,
    courseCommands,
    learnerCommands,
    migrateCommands,
    cellCommands,
    checkCommands,
    opsCommands,
    doctorCommand,
  ],
  examples: [
    'school create --slug riverside --name "Riverside College" --owner-email ada@example.com',
    "course import --school riverside ./my-course --publish",
    "progress show --school riverside --course git-basics --email leo@example.com --json",
    "ops errors",
    'check isolation --plant "GET /courses/{courseId}"',
  ],
});
