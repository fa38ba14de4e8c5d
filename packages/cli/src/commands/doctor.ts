import type { Command } from "commander";
import { dataDirOf } from "../cloud.ts";
import type { Io } from "../io.ts";
import { done, failed } from "../text.ts";

export function doctorCommand(program: Command, io: Io): void {
  program
    .command("doctor")
    .description("what is wrong with this machine, and the cure")
    .action(async () => {
      // Only this command may load packages/local; production code never imports it.
      const { doctor } = await import("@lectern/local/doctor");
      const findings = await doctor({ dataDir: dataDirOf(io.globals) });
      const isWell = findings.every(({ ok }) => ok);
      io.answer({ ok: isWell, checks: findings }, () =>
        [
          ...findings.map((finding) =>
            finding.ok ? done(finding.message) : `${failed(finding.message)}\n    ${finding.cure ?? ""}`,
          ),
          isWell ? "\nThis machine is ready: npm run dev" : "",
        ].join("\n"),
      );
      if (!isWell) await io.exit(1);
    });
}
