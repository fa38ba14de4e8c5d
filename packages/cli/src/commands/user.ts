import { localCloud } from "@lectern/core/kernel/aws";
import { DomainError } from "@lectern/core/kernel/error";
import type { Command } from "commander";
import pc from "picocolors";
import { connect } from "../cloud.ts";
import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { asOperator, requireLocal, splitName } from "../school.ts";
import { count, done, facts } from "../text.ts";

interface CreateOptions {
  school: string;
  email: string;
  name: string;
  role: string[];
  password?: string;
}

export function userCommands(program: Command, io: Io): void {
  const user = erasingCommands(program, io);
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
      const { Identity } = await import("@lectern/core/people/identity");
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
        import("@lectern/core/people/identity"),
        import("../person.ts"),
      ]);
      const issued = await asOperator(options.school, async () =>
        Token.issue({ userId: await userByEmail(options.email) }),
      );
      io.answer({ accessToken: issued.accessToken }, () => issued.accessToken);
    });
}

/** Adds the commands that erase people permanently; operators run them on stages. */
export function erasingCommands(program: Command, io: Io): Command {
  const user = program.command("user").description("accounts of a school");
  user
    .command("erase <user>")
    .description("erase a person for good, by id or address: rows, progress, sessions; no restore brings them back")
    .requiredOption("--school <slug>", "which school")
    .option("--yes", "do it; asked for where real people learn, because there is no way back")
    .addHelpText("after", "\nExample:\n  lectern user erase leo@example.com --school riverside --yes")
    .action(async (who: string, { school, yes }: { school: string; yes?: boolean }) => {
      connect(io.globals);
      if (!yes && !localCloud())
        throw new DomainError("invalid", "confirmation.required", `This erases ${who} for good. Add --yes to do it.`);
      await closing(io);
      const { Erasure } = await import("@lectern/tenants/erasure");
      const { userByEmail } = await import("../person.ts");
      const erased = await asOperator(school, async () =>
        Erasure.erase({ userId: who.includes("@") ? await userByEmail(who) : who }),
      );
      io.answer(erased, () => done(`${pc.bold(erased.userId)} is erased; dumps hold the person until they are gone.`));
    });

  user
    .command("erase-again")
    .description("erase whoever a restore of the whole database has brought back")
    .option("--school <slug>", "only in this school")
    .action(async ({ school }: { school?: string }) => {
      connect(io.globals);
      await closing(io);
      const { eraseAgain } = await import("../erase-again.ts");
      const found = await eraseAgain(school);
      io.answer(found, () => done(`${count(found.erased.length, "person", "people")} erased again.`));
    });
  return user;
}

async function closing(io: Io): Promise<void> {
  const { closeDatabase } = await import("../database.ts");
  io.onExit(closeDatabase);
}
