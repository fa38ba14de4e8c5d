import type { Ops } from "@lectern/core/house/ops";
import { type Command, InvalidArgumentError } from "commander";
import pc from "picocolors";
import { connect } from "../cloud.ts";
import type { Io } from "../io.ts";
import { count, table } from "../text.ts";

export function opsCommands(program: Command, io: Io): void {
  const ops = program.command("ops").description("how the platform is doing: errors and response times");

  ops
    .command("errors")
    .description("what went wrong, grouped: the same error of many requests is one line")
    .option("--limit <n>", "how many groups, the one seen last first", positive, 50)
    .addHelpText("after", "\nExample:\n  lectern ops errors --limit 10 --json")
    .action(async ({ limit }: { limit: number }) => {
      connect(io.globals);
      const { Ops } = await import("@lectern/core/house/ops");
      const groups = await Ops.errors({ limit });
      io.answer(groups, () =>
        table(
          ["last seen", "times", "schools", "severity", "error", "at", "release", "group"],
          groups.map((group) => [
            instant(group.lastSeen),
            String(group.count),
            String(group.schoolCount),
            group.severity === "critical" ? pc.red(group.severity) : group.severity,
            `${pc.bold(group.type)} ${group.message}`,
            group.endpoint,
            group.lastRelease,
            pc.dim(group.fingerprint),
          ]),
          "No error has been seen.",
        ),
      );
    });

  rotateCommand(ops, io);

  ops
    .command("performance")
    .description("response times by route: the last nightly report, compared with the week before")
    .option("--today", "the day so far instead")
    .option("--analyse", "make yesterday's report now, as the night does")
    .addHelpText("after", "\nExample:\n  lectern ops performance --today")
    .action(async (options: { today?: boolean; analyse?: boolean }) => {
      connect(io.globals);
      const { Ops } = await import("@lectern/core/house/ops");
      const report = options.today
        ? await Ops.today()
        : options.analyse
          ? await Ops.analyse()
          : ((await Ops.lastReport()) ?? null);
      io.answer(report, () => (report === null ? noReport : inWords(report)));
    });
}

function rotateCommand(ops: Command, io: Io): void {
  ops
    .command("rotate-keys")
    .description("replaces the key that signs access tokens; tokens of the key before stay valid until they expire")
    .option("--revoke", "the key leaked: refuse what it signed within five minutes", false)
    .addHelpText("after", "\nExample:\n  lectern ops rotate-keys --revoke")
    .action(async ({ revoke }: { revoke: boolean }) => {
      connect(io.globals);
      const { Token } = await import("@lectern/core/people/identity");
      const { keyId, retired } = await Token.rotateKeys({ revoke });
      const before = revoke ? "refused within five minutes" : "checked until the last of their tokens expires";
      io.answer({ keyId, retired, revoke }, () => `Key ${keyId} signs. ${count(retired.length, "key")} ${before}.`);
    });
}

const noReport = pc.dim("No night has passed yet. See the day so far: lectern ops performance --today");

function inWords({ day, routes }: Ops.Report): string {
  const slower = routes.filter(({ isRegression }) => isRegression).length;
  return [
    `${pc.bold(day)}: ${slower === 0 ? pc.green("no route has become slower") : pc.red(`${count(slower, "route")} slower`)}`,
    table(
      ["route", "requests", "p50", "p95", "p99", "p95 of the week"],
      routes.map((route) => [
        route.isRegression ? pc.red(route.endpoint) : route.endpoint,
        String(route.requests),
        ms(route.p50),
        ms(route.p95),
        ms(route.p99),
        route.weekP95 === null ? pc.dim("-") : ms(route.weekP95),
      ]),
      "Nothing was asked for on that day.",
    ),
  ].join("\n");
}

const ms = (n: number): string => `${n} ms`;
/** Formats an ISO time as "2025-03-31 14:05:09" in UTC. */
const instant = (iso: string): string => iso.slice(0, 19).replace("T", " ");

function positive(text: string): number {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < 1) throw new InvalidArgumentError("It must be a whole number from 1.");
  return n;
}
