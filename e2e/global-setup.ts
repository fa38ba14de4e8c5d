import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startCloud } from "@lectern/local/cloud";
import { setStage } from "./support/stage.ts";

type Running = Pick<Awaited<ReturnType<typeof startCloud>>, "url" | "mailUrl" | "resources">;

/**
 * Starts one local cloud for all browser tests: the built site, API, worker and inbox. LECTERN_E2E_DATA_DIR uses a
 * running one instead, and leaves it running.
 */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const running = process.env.LECTERN_E2E_DATA_DIR;
  if (running) {
    tell(JSON.parse(await readFile(path.join(running, "running.json"), "utf8")) as Running);
    return async () => {};
  }
  const dataDir = await mkdtemp(path.join(tmpdir(), "lectern-e2e-"));
  const cloud = await startCloud({ dataDir, port: 0, site: true, worker: true });
  tell(cloud);
  return async () => {
    await cloud.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}

function tell({ url, mailUrl, resources }: Running): void {
  process.env.SST_RESOURCES_JSON = JSON.stringify(resources);
  setStage({ url, mailUrl, localKey: resources.LocalCloud.localKey });
}
