import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { log } from "@lectern/core/kernel/log";
import { Resource } from "sst";
import { type Migrated, migrate } from "./index.ts";
import { CellSeed } from "./seed.ts";

const client = new SecretsManagerClient({ maxAttempts: 4 });

/** Called once by each deployment that brings a migration; what it throws stops the deployment. */
export async function handler(): Promise<Migrated> {
  const migrated = await migrate(CellSeed.parse(Resource.CellSeed), async (arn) => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    if (!SecretString) throw new Error(`${arn} has no value`);
    return SecretString;
  });
  log.info({ ...migrated }, "migrated");
  return migrated;
}
