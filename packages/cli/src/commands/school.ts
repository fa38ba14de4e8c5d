import type { Command } from "commander";
import pc from "picocolors";
import { connect } from "../cloud.ts";
import type { Io } from "../io.ts";
import { nameFromEmail, requireLocal, splitName } from "../school.ts";
import { count, done, facts, table } from "../text.ts";

interface CreateOptions {
  slug: string;
  name: string;
  ownerEmail: string;
  ownerName?: string;
  ownerPassword?: string;
  locale?: string;
  zone?: string;
}

export function schoolCommands(program: Command, io: Io): void {
  const school = program.command("school").description("open, list, suspend and delete schools");

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
      const { School } = await tenants(io);
      const { ownerEmail: email, ownerPassword: password } = options;
      const opened = await School.open({
        slug: options.slug,
        name: options.name,
        owner: {
          email,
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

  school
    .command("list")
    .description("all schools")
    .action(async () => {
      connect(io.globals);
      const { School } = await tenants(io);
      const schools = await School.list();
      io.answer(schools, () =>
        table(
          ["slug", "name", "state", "cell", "id"],
          schools.map((row) => [pc.bold(row.slug), row.name, stateOf(row.state), row.cell, pc.dim(row.schoolId)]),
          "No school yet. Open one: lectern school create --slug <slug> --name <name> --owner-email <email>",
        ),
      );
    });

  school
    .command("show <slug>")
    .description("one school")
    .action(async (slug: string) => {
      connect(io.globals);
      const { School } = await tenants(io);
      const found = await School.show({ slug });
      io.answer(found, () =>
        [pc.bold(found.name), facts(Object.entries(found).map(([name, value]) => [name, inLine(value)]))].join("\n"),
      );
    });

  school
    .command("suspend <slug>")
    .description("close a school for the time being; its data stays")
    .requiredOption("--reason <text>", "why, for the record")
    .addHelpText("after", '\nExample:\n  lectern school suspend riverside --reason "invoice 2041 unpaid"')
    .action(async (slug: string, { reason }: { reason: string }) => {
      connect(io.globals);
      const { School } = await tenants(io);
      await School.suspend({ slug, reason });
      io.answer({ slug, state: "suspended" }, () => done(`${pc.bold(slug)} is suspended.`));
    });

  school
    .command("resume <slug>")
    .description("open a suspended school again")
    .action(async (slug: string) => {
      connect(io.globals);
      const { School } = await tenants(io);
      await School.resume({ slug });
      io.answer({ slug, state: "active" }, () => done(`${pc.bold(slug)} is open again.`));
    });

  school
    .command("delete <slug>")
    .description("remove a school and every trace of it")
    .option("--yes", "do it; there is no way back")
    .action(async (slug: string, { yes }: { yes?: boolean }) => {
      connect(io.globals);
      if (!yes) {
        const { DomainError } = await import("@lectern/core/kernel/error");
        throw new DomainError("invalid", "confirmation.required", `This removes ${slug} for good. Add --yes to do it.`);
      }
      const { School } = await tenants(io);
      await School.remove({ slug });
      io.answer({ slug, state: "deleted" }, () => done(`${pc.bold(slug)} is gone.`));
    });
}

async function tenants(io: Io) {
  const { closeDatabase } = await import("../database.ts");
  io.onExit(closeDatabase);
  return import("@lectern/tenants/school");
}

const stateOf = (state: string): string => (state === "active" ? pc.green(state) : pc.yellow(state));

const inLine = (value: unknown): string =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
