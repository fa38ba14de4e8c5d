// Migrates the Postgres beside `npx sst dev`: the "Migrate" pane runs it, linked like the function.
import { handler } from "./handler.ts";

const migrated = await handler({ step: "migrate" });
await handler({ step: "open" });
if ("target" in migrated) {
  const { target, rings, ms } = migrated;
  const schools = rings.reduce((all, { done }) => all + done, 0);
  process.stdout.write(`Version ${target}: ${schools} schools brought along in ${ms} ms.\n`);
}
process.exit(0);
