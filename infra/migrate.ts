import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { databases } from "./database.ts";
import { makeFunction, migratedTo, resource, type Use } from "./functions.ts";
import { keys } from "./keys.ts";
import { secrets, secretsLink } from "./secrets.ts";
import { stageOf } from "./stage.ts";
import { dataTables } from "./tables.ts";
import { itemsFor, uses } from "./uses.ts";

// A function inside the network migrates schools in every deployment with a migration. Its failure stops the
// deployment; the next one resumes.
const stage = stageOf($app.stage);

/** What the function needs to know of a cell (packages/functions/src/migrate/seed.ts). */
const cellSeeds = databases.map((database, at) => ({
  id: database.cell,
  host: database.host,
  directHost: database.directHost,
  port: database.port,
  database: database.name,
  table: dataTables[at]?.table.name,
  max: 1500,
  // A developer's local Postgres has no token sign-in.
  signsInByToken: !database.proxy && !$dev,
  secrets: {
    admin: database.adminSecret,
    migrator: secrets.DatabaseMigratorPassword.arn,
    provisioner: secrets.DatabaseProvisionerPassword.arn,
    ...(database.proxySecrets && {
      app: database.proxySecrets.app.arn,
      platform: database.proxySecrets.platform.arn,
    }),
  },
}));

const read = databases.flatMap(({ adminSecret, proxySecrets }) => [
  adminSecret,
  ...(proxySecrets ? [proxySecrets.app.arn, proxySecrets.platform.arn] : []),
]);
const seed: Use = {
  links: [resource("CellSeed", { cells: cellSeeds })],
  permissions: [
    { actions: ["secretsmanager:GetSecretValue"], resources: read },
    {
      actions: ["kms:Decrypt"],
      resources: [keys.secrets.arn],
      conditions: [{ test: "StringEquals", variable: "kms:EncryptionContext:SecretARN", values: read }],
    },
  ],
};

const used = [
  seed,
  uses.directory,
  itemsFor("cells"),
  secretsLink("DatabaseMigratorPassword", "DatabaseProvisionerPassword"),
];
const migrate = makeFunction("Migrate", {
  handler: "packages/functions/src/migrate/handler.handler",
  description: "Brings the database of every school to the newest version",
  timeout: "15 minutes",
  memory: "1024 MB",
  network: "direct",
  isMigration: true,
  uses: used,
  environment: { LECTERN_MIGRATIONS: "/var/task/migrations" },
  copyFiles: [{ from: "migrations", to: "migrations" }],
});

/** Hashes all files of a migration and of its runner. */
function hash(...folders: string[]): string {
  const found = createHash("sha256");
  for (const folder of folders) {
    const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /\.(sql|ts)$/.test(entry.name) && !entry.name.endsWith(".test.ts"))
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort();
    for (const file of entries) found.update(file).update("\0").update(readFileSync(file)).update("\0");
  }
  return found.digest("hex");
}

/**
 * This deployment's run. All code waits for it (`afterMigration`), so code never meets older schemas. The previous
 * release runs on the new schemas until its replacement and after a rollback, so columns it reads are dropped one
 * release later (docs/deploy.md).
 */
const run = $dev
  ? undefined
  : new aws.lambda.Invocation(
      "Migrated",
      {
        functionName: migrate.fn.name,
        input: JSON.stringify({ stage: stage.kind }),
        triggers: {
          migrations: hash("migrations", "packages/tenants/src/cell", "packages/tenants/src/migration"),
          // A new cell gets roles and catalog; a removed one is released, or stops the deployment.
          ...(stage.cells.length > 1 && { cells: stage.cells.join() }),
        },
      },
      { dependsOn: [migrate.live] },
    );

if (run) migratedTo(run.triggers.apply((triggers) => String(triggers?.migrations ?? "").slice(0, 12)));

/**
 * Adds further cells to the directory once all code may reach them. From then on schools open there, the relay drains
 * them, and dumps include them.
 */
export function openCells(after: $util.Input<$util.Resource>[]): void {
  if (!run || stage.cells.length === 1) return;
  new aws.lambda.Invocation(
    "CellsOpened",
    {
      functionName: migrate.fn.name,
      input: JSON.stringify({ stage: stage.kind, step: "open" }),
      triggers: { cells: stage.cells.join() },
    },
    { dependsOn: [run, ...after] },
  );
}

// AWS cannot reach a developer's Postgres, so the same handler runs on the developer's machine.
if ($dev)
  new sst.x.DevCommand("MigrateLocal", {
    dev: {
      title: "Migrate",
      autostart: true,
      command: "node --import tsx packages/functions/src/migrate/run.ts",
    },
    link: used.flatMap(({ links = [] }) => links),
  });
