import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startCloud } from "@lectern/local/cloud";

/** One local cloud for all journeys: the built site, the API, the worker and the inbox, on free ports. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "lectern-e2e-"));
  const cloud = await startCloud({ dataDir, port: 0, site: true, worker: true });
  process.env.SST_RESOURCES_JSON = JSON.stringify(cloud.resources);
  process.env.LECTERN_E2E = JSON.stringify({ url: cloud.url, mailUrl: cloud.mailUrl });
  return async () => {
    await cloud.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
