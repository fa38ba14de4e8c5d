import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { log } from "@lectern/core/kernel/log";
import { Resource } from "sst";
import { type Migrated, migrate, open } from "./index.ts";
import { CellSeeds, Step } from "./seed.ts";

const client = new SecretsManagerClient({ maxAttempts: 4 });

async function read(arn: string): Promise<string> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  if (!SecretString) throw new Error(`${arn} has no value`);
  return SecretString;
}

/**
 * Called by each deployment that brings a migration or another set of cells, and, where there are several, once more with
 * the step `open` when all code may reach them. What it throws stops the deployment.
 */
export async function handler(event: unknown): Promise<Migrated | { opened: readonly string[] }> {
  const { cells } = CellSeeds.parse(Resource.CellSeed);
  const { step } = Step.parse(event ?? {});
  if (step === "open") return { opened: await open(cells) };
  const migrated = await migrate(cells, read);
  log.info({ ...migrated }, "migrated");
  return migrated;
}
