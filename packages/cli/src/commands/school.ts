import { localCloud } from "@lectern/core/kernel/aws";
import { DomainError } from "@lectern/core/kernel/error";
import type { School as Schools } from "@lectern/tenants/school";
import type { Command } from "commander";
import pc from "picocolors";
import { connect } from "../cloud.ts";
import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { inWords, statusOf } from "../status.ts";
import { done, facts, table } from "../text.ts";
import { backupCommands } from "./backup.ts";
import { createCommand } from "./create.ts";

export const schoolCommands = (program: Command, io: Io): void => createCommand(schoolsThatAre(program, io), io);

export function schoolsThatAre(program: Command, io: Io): Command {
  const school = program.command("school").description("open, list, suspend, restore and delete schools");
  backupCommands(school, io);

  school
    .command("list")
    .description("all schools")
    .option("--state <state>", "only schools in this state: active, suspended, opening, deleting")
    .action(async ({ state }: { state?: string }) => {
      connect(io.globals);
      const { School } = await tenants(io);
      const wanted = state === undefined ? {} : { state: stateFrom(state) };
      const schools: Schools.Summary[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof School.list>> = await School.list({
          ...wanted,
          limit: 100,
          ...(cursor === null ? {} : { cursor }),
        });
        schools.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null);
      io.answer(schools, () =>
        table(
          ["slug", "name", "state", "cell", "id"],
          schools.map((row) => [pc.bold(row.slug), row.name, coloured(row.state), row.cell, pc.dim(row.schoolId)]),
          "No school yet. Open one: lectern school create --slug <slug> --name <name> --owner-email <email>",
        ),
      );
    });

  named(school, "show", "one school, with what its cell says of it").action(async (slug?: string, options?: Named) => {
    const name = slugOf(slug, options);
    connect(io.globals);
    const { School } = await tenants(io);
    const found = await School.show({ slug: name });
    io.answer(found, () =>
      [pc.bold(found.name), facts(Object.entries(found).map(([key, value]) => [key, String(value ?? "")]))].join("\n"),
    );
  });

  named(school, "status", "what the running stage itself knows of a school, asked over a signed call")
    .option("--stage <stage>", "refuse to ask any other stage than this one")
    .addHelpText(
      "after",
      `
Where \`show\` reads the stores, this asks the API of the stage: that it answers, knows its keys, and goes by what is stored.

Examples:
  lectern school status riverside
  npm run operate -- --stage production -- school status riverside`,
    )
    .action(async (slug: string | undefined, options: Named & { stage?: string }) => {
      const name = slugOf(slug, options);
      connect(io.globals);
      const found = await statusOf(name, options.stage);
      io.answer(found, () => inWords(found));
    });

  named(school, "suspend", "close a school for the time being; its data stays")
    .option("--reason <text>", "why, for the record", "suspended by an operator")
    .addHelpText("after", '\nExample:\n  lectern school suspend riverside --reason "invoice 2041 unpaid"')
    .action(async (slug: string | undefined, options: Named & { reason: string }) => {
      const name = slugOf(slug, options);
      connect(io.globals);
      const { School } = await tenants(io);
      const found = await School.suspend({ slug: name, reason: options.reason });
      io.answer(found, () => done(`${pc.bold(name)} is suspended.`));
    });

  named(school, "resume", "open a suspended school again").action(async (slug?: string, options?: Named) => {
    const name = slugOf(slug, options);
    connect(io.globals);
    const { School } = await tenants(io);
    const found = await School.resume({ slug: name });
    io.answer(found, () => done(`${pc.bold(name)} is open again.`));
  });

  named(school, "delete", "remove a school and every trace of it")
    .option("--yes", "do it; asked for where real people learn, because there is no way back")
    .action(async (slug: string | undefined, options: Named & { yes?: boolean }) => {
      const name = slugOf(slug, options);
      connect(io.globals);
      if (!options.yes && !localCloud()) {
        throw new DomainError("invalid", "confirmation.required", `This removes ${name} for good. Add --yes to do it.`);
      }
      const { School } = await tenants(io);
      const gone = await School.remove({ slug: name });
      io.answer({ ...gone, state: "deleted" }, () => done(`${pc.bold(name)} is gone.`));
    });
  return school;
}

interface Named {
  readonly slug?: string;
}

const named = (school: Command, name: string, description: string): Command =>
  school.command(`${name} [slug]`).description(description).option("--slug <slug>", "the same, as an option");

function slugOf(given: string | undefined, options: Named | undefined): string {
  const slug = given ?? options?.slug;
  if (slug === undefined || (given !== undefined && options?.slug !== undefined && given !== options.slug)) {
    throw new UsageError("Name one school by its slug.");
  }
  return slug;
}

const states = ["opening", "active", "suspended", "deleting"] as const;

function stateFrom(text: string): (typeof states)[number] {
  const state = states.find((known) => known === text);
  if (!state) throw new UsageError(`There is no state "${text}". States are: ${states.join(", ")}.`);
  return state;
}

async function tenants(io: Io) {
  const { closeDatabase } = await import("../database.ts");
  io.onExit(closeDatabase);
  return import("@lectern/tenants/school");
}

const coloured = (state: string): string => (state === "active" ? pc.green(state) : pc.yellow(state));
