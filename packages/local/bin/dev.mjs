// npm run dev. Runs on Node 20 or later and starts the local cloud on the repository's Node, the version that Lambda
// runs.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const root = join(folder, "..", "..", "..");
const own = join(root, "node_modules", "node", "bin", "node");
const isNew = Number(process.versions.node.split(".")[0]) >= 24;

if (!existsSync(join(root, "node_modules", "tsx"))) {
  console.error("The packages are not installed. Run `npm install` first.");
  process.exit(1);
}
if (!isNew && !existsSync(own)) {
  console.error(
    `Node 24 is needed and ${own} is missing (this is ${process.version}). Run \`npm install\` again with install scripts allowed.`,
  );
  process.exit(1);
}

// npm changes the working directory to the repository; INIT_CWD holds the directory where the person typed the path.
const typedIn = (process.env.npm_lifecycle_event && process.env.INIT_CWD) || process.cwd();

const child = spawn(
  isNew ? process.execPath : own,
  [
    "--disable-warning=ExperimentalWarning",
    "--import",
    "tsx",
    "--import",
    join(folder, "preload.mjs"),
    join(folder, "..", "src", "dev", "main.ts"),
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: ["inherit", "inherit", "inherit", "ipc"], env: { ...process.env, LECTERN_CWD: typedIn } },
);
child.once("error", (error) => {
  console.error(`Node cannot be started: ${error.message}`);
  process.exit(1);
});
child.once("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" || signal === "SIGTERM" ? 0 : 1)));

// The terminal sends Ctrl-C to the whole process group, so the child receives it too.
process.on("SIGINT", () => {});
for (const name of ["SIGTERM", "SIGHUP"]) process.on(name, () => child.kill(name));

// npm starts a shell that does not forward signals, so exit when that parent exits.
if (process.env.npm_lifecycle_event) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) child.kill("SIGTERM");
  }, 500).unref();
}
