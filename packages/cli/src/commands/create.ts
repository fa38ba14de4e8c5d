import type { Command } from "commander";
import pc from "picocolors";
import { connect } from "../cloud.ts";
import type { Io } from "../io.ts";
import { nameFromEmail, requireLocal, splitName } from "../school.ts";
import { count, done, facts } from "../text.ts";

interface CreateOptions {
  slug: string;
  name: string;
  ownerEmail: string;
  ownerName?: string;
  ownerPassword?: string;
  locale?: string;
  zone?: string;
}

/**
 * Opens a school on a local cloud. Refused on stages: there the sign-up pages open schools, and addresses stay out of
 * shell histories.
 */
export function createCommand(school: Command, io: Io): void {
  school
    .command("create")
    .description("open a school with its owner")
    .requiredOption("--slug <slug>", "its name in the address: <slug>.<domain>")
    .requiredOption("--name <name>", "its name as people read it")
    .requiredOption("--owner-email <email>", "who owns it")
    .option("--owner-name <name>", "the owner's name (default: out of the e-mail address)")
    .option("--owner-password <password>", "local stages only; elsewhere the owner sets one by mail")
    .option("--locale <locale>", "language, such as en or de")
    .option("--zone <zone>", "time zone, such as Europe/Berlin")
    .addHelpText(
      "after",
      '\nExample:\n  lectern school create --slug riverside --name "Riverside College" --owner-email ada@example.com',
    )
    .action(async (options: CreateOptions) => {
      connect(io.globals);
      if (options.ownerPassword !== undefined) requireLocal("A password on the command line");
      const { closeDatabase } = await import("../database.ts");
      io.onExit(closeDatabase);
      const { School } = await import("@lectern/tenants/school");
      const { ownerEmail: email, ownerPassword: password } = options;
      const opened = await School.open({
        slug: options.slug,
        name: options.name,
        owner: {
          email,
          // The operator vouches for the address.
          emailVerified: true,
          ...(options.ownerName ? splitName(options.ownerName) : nameFromEmail(email)),
          ...(password === undefined ? {} : { password }),
        },
        ...(options.locale === undefined ? {} : { locale: options.locale }),
        ...(options.zone === undefined ? {} : { zone: options.zone }),
      });
      const { schoolId, slug, url, ms } = opened;
      io.answer({ schoolId, slug, url, ms }, () =>
        [
          done(`${pc.bold(options.name)} is open, after ${count(Math.round(ms), "ms", "ms")}.`),
          facts([
            ["address", url],
            ["id", schoolId],
            ["owner", email],
          ]),
        ].join("\n"),
      );
    });
}
