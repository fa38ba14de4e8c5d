import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { bundling } from "../../infra/bundling.ts";
import { startBuilder } from "../../infra/synth/build.ts";
import type { Graph } from "../../infra/synth/graph.ts";
import { graphs, laneOf } from "../../infra/synth/paths.ts";
import type { Launchable } from "../../infra/test/bundles.ts";
import type { Town } from "../../infra/test/bundles-town.ts";

export function evaluated(): Graph {
  const file = path.join(graphs, "production.json");
  if (!existsSync(file)) throw new Error(`${file} is not there: npm run synth -- --stage production`);
  return JSON.parse(readFileSync(file, "utf8"));
}

export async function baselines(
  town: Town,
): Promise<Record<"bare" | "mail" | "empty", Launchable> & { stop: () => Promise<void> }> {
  const builder = await startBuilder(laneOf("bench"));
  const { endpoints, dataDir } = town.cloud.resources.LocalCloud;
  const { ports, secrets } = JSON.parse(readFileSync(path.join(dataDir, "settings.json"), "utf8"));
  const build = async (name: string, env: Record<string, string>): Promise<Launchable> => {
    const params = [{ functionID: `Bench-${name}`, handler: `bench/bundle/${name}.handler`, properties: bundling }];
    const answer = await fetch(builder.url, {
      method: "POST",
      body: JSON.stringify({ id: name, method: "Runtime.Build", params }),
    });
    const { result, error } = (await answer.json()) as { result: { out: string; handler: string }; error: unknown };
    if (error) throw new Error(`${name} does not build: ${String(error)}`);
    const own = { PATH: process.env.PATH ?? "", AWS_REGION: "us-east-1", AWS_LAMBDA_FUNCTION_NAME: name };
    return { bundle: { name, handler: result.handler }, folder: result.out, env: { ...own, ...env } };
  };
  const env = {
    DYNAMODB: endpoints.dynamodb,
    SES: endpoints.ses,
    TABLE: town.cloud.resources.DirectoryTable.name,
    DATABASE: `postgres://postgres:${encodeURIComponent(secrets.superuser)}@127.0.0.1:${ports.postgres}/postgres`,
  };
  const bare = await build("bare", env);
  const mail = await build("mail", env);
  const empty = await build("empty", {});
  return {
    bare,
    mail,
    empty,
    stop: async () => builder.stop(),
  };
}
