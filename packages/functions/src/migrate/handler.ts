import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { onAws } from "@lectern/core/kernel/aws/client";
import { log } from "@lectern/core/kernel/log";
import { Resource } from "sst";
import { mayLeave, migrate, open } from "./index.ts";
import { CellSeeds, Step } from "./seed.ts";

const client = new SecretsManagerClient(onAws(5_000));

async function read(arn: string): Promise<string> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  if (!SecretString) throw new Error(`${arn} has no value`);
  return SecretString;
}

/** Runs in deployments, and by hand for new passwords (docs/runbook.md). An exception stops the deployment. */
export async function handler(event: unknown) {
  const { cells } = CellSeeds.parse(Resource.CellSeed);
  const asked = Step.parse({ step: "migrate", ...Object(event) });
  if (asked.step === "may-leave") {
    await mayLeave(asked.cells);
    return { empty: asked.cells };
  }
  if (asked.step === "open") return { opened: await open(cells) };
  const migrated = await migrate(cells, read);
  log.info({ ...migrated }, "migrated");
  return migrated;
}
