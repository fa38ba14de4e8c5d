import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SQSClient } from "@aws-sdk/client-sqs";
import { startCloud } from "@lectern/local/cloud";
import { editionMoved } from "../reactions/edition-moved.ts";
import { reactions } from "../reactions.ts";
import { drain } from "../relay.ts";
import { connectAll, depth, pump } from "./queues.ts";

export interface InboxMail {
  readonly subject: string;
  readonly to: readonly string[];
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly replyTo: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * A local cloud of this file's own, with a queue for every reaction and no worker on them: the test is the relay
 * and the worker. `values` are its settings. Must be called before anything reads `Resource`.
 */
export async function ownCloud(values: Readonly<Record<string, string>> = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), "lectern-events-"));
  const cloud = await startCloud({ dataDir, port: 0, site: false, worker: false });
  const { endpoints } = cloud.resources.LocalCloud;
  const as = (endpoint: string) => ({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local-secret" },
  });
  const urls = await connectAll(
    new EventBridgeClient(as(endpoints.eventbridge)),
    new SQSClient(as(endpoints.sqs)),
    cloud.resources.Bus.name,
  );
  const resources = { ...cloud.resources, Queues: { urls }, Settings: { values } };
  process.env.SST_RESOURCES_JSON = JSON.stringify(resources);
  return {
    resources,
    mails: async (): Promise<InboxMail[]> => {
      const answer = await fetch(`${cloud.mailUrl}/mails?limit=1000`);
      return (await answer.json()) as InboxMail[];
    },
    kill: cloud.kill,
    stop: async () => {
      await cloud.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/**
 * Relays and consumes until nothing is left anywhere; `without` names a reaction whose queue is left alone. What waits half
 * a minute on purpose, for a second move of a school's editions, is left as well.
 */
export async function settle(options: { without?: string; withinMs?: number } = {}): Promise<void> {
  const mine = reactions.filter(({ name }) => name !== options.without);
  const end = Date.now() + (options.withinMs ?? 60_000);
  let quiet = 0;
  while (quiet < 3) {
    if (Date.now() > end) throw new Error("events did not come to rest");
    const published = await drain();
    const taken = await Promise.all(mine.map((reaction) => pump(reaction)));
    const waiting = await Promise.all(mine.filter((each) => each !== editionMoved).map(({ name }) => depth(name)));
    const busy = published + [...taken, ...waiting].reduce((sum, n) => sum + n, 0);
    quiet = busy === 0 ? quiet + 1 : 0;
    await sleep(busy === 0 ? 60 : 20);
  }
}
