import type { Command } from "commander";
import pc from "picocolors";
import { connect } from "../cloud.ts";
import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { asOperator, requireLocal, splitName } from "../school.ts";
import { done, facts } from "../text.ts";

interface CreateOptions {
  school: string;
  email: string;
  name: string;
  role: string[];
  password?: string;
}

export function userCommands(program: Command, io: Io): void {
  const user = program.command("user").description("accounts of a school");
  user
    .command("create")
    .description("make an account")
    .requiredOption("--school <slug>", "which school")
    .requiredOption("--email <email>", "the person's address")
    .requiredOption("--name <name>", "the person's name")
    .requiredOption("--role <role...>", "one or more roles (learner, instructor, admin, ...)")
    .option("--password <password>", "local stages only; elsewhere the person sets one by mail")
    .addHelpText(
      "after",
      '\nExample:\n  lectern user create --school riverside --email leo@example.com --name "Leo Byron" --role learner',
    )
    .action(async (options: CreateOptions) => {
      const { Permission, roleNames } = await import("@lectern/core/kernel/permission");
      const roles = options.role
        .flatMap((words) => words.split(","))
        .map((word) => {
          const role = Permission.fromAlias(word);
          if (!role) throw new UsageError(`There is no role "${word}". Roles are: ${roleNames.join(", ")}.`);
          return role;
        });
      connect(io.globals);
      if (options.password !== undefined) requireLocal("A password on the command line");
      await closing(io);
      const { Identity } = await import("@lectern/core/identity");
      const { email, password } = options;
      const created = await asOperator(options.school, () =>
        Identity.create({
          email,
          ...splitName(options.name),
          roles,
          ...(password === undefined ? {} : { password }),
        }),
      );
      io.answer({ userId: created.id }, () =>
        [
          done(`${pc.bold(options.name)} has an account.`),
          facts([
            ["id", created.id],
            ["roles", roles.join(", ")],
          ]),
        ].join("\n"),
      );
    });

  const token = program.command("token").description("access tokens, on local stages");
  token
    .command("create")
    .description("an access token of a person, as if they had signed in")
    .requiredOption("--school <slug>", "which school")
    .requiredOption("--email <email>", "whose token")
    .addHelpText("after", "\nExample:\n  TOKEN=$(lectern token create --school riverside --email leo@example.com)")
    .action(async (options: { school: string; email: string }) => {
      connect(io.globals);
      requireLocal("A token without signing in");
      await closing(io);
      const [{ Token }, { userByEmail }] = await Promise.all([
        import("@lectern/core/identity"),
        import("../person.ts"),
      ]);
      const issued = await asOperator(options.school, async () =>
        Token.issue({ userId: await userByEmail(options.email) }),
      );
      io.answer({ accessToken: issued.accessToken }, () => issued.accessToken);
    });
}

async function closing(io: Io): Promise<void> {
  const { closeDatabase } = await import("../database.ts");
  io.onExit(closeDatabase);
}
