import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startCloud } from "@lectern/local/cloud";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** The JSON for SST_RESOURCES_JSON. */
    resources: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "lectern-test-"));
  const cloud = await startCloud({ dataDir, port: 0, site: false, worker: false, cells: 3, edgePaceMs: 100 });
  project.provide("resources", JSON.stringify(cloud.resources));
  return async () => {
    await cloud.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
