import { join } from "node:path";
import { buildApp } from "fauxqs";
import { privateFolder } from "../util/files.ts";
import { type Part, since } from "../util/part.ts";
import { freePort } from "../util/ports.ts";
import { openStores } from "./durable.ts";

export interface QueueAddress {
  url: string;
  arn: string;
}

export interface Sqs extends Part {
  port: number;
  endpoint: string;
  /** Creates the queue, or sets an existing queue's attributes. */
  ensureQueue(name: string, attributes?: Record<string, string>): QueueAddress;
  /** Ends every long poll, so that no message goes to a dead consumer. */
  cancelPolls(): void;
  /** Makes a dead consumer's messages visible now instead of after their visibility timeout. */
  releaseInFlight(): void;
}

export interface SqsOptions {
  dataDir: string;
  port?: number;
}

const region = "us-east-1";
const account = "000000000000";

/** SQS and SNS on one port of 127.0.0.1; messages are on disk before the sender gets an answer. */
export async function start(options: SqsOptions): Promise<Sqs> {
  const begin = performance.now();
  const port = await freePort(options.port);
  const endpoint = `http://127.0.0.1:${port}`;
  const urlOf = (name: string) => `${endpoint}/${account}/${name}`;
  const folder = join(options.dataDir, "sqs");
  privateFolder(folder);
  const { sqsStore, snsStore, s3Store, persistence } = await openStores(folder, urlOf);
  const app = buildApp({
    logger: false,
    defaultRegion: region,
    stores: { sqsStore, snsStore, s3Store } as unknown as NonNullable<Parameters<typeof buildApp>[0]>["stores"] &
      object,
  });
  await app.listen({ port, host: "127.0.0.1" });

  let stopped: Promise<void> | undefined;
  return {
    name: "SQS, SNS",
    address: endpoint,
    ms: since(begin),
    port,
    endpoint,
    ensureQueue: (name, attributes = {}) => {
      const known = sqsStore.getQueueByName(name);
      if (known) {
        known.setAttributes(attributes);
        return { url: known.url, arn: known.arn };
      }
      const arn = `arn:aws:sqs:${region}:${account}:${name}`;
      sqsStore.createQueue(name, urlOf(name), arn, attributes);
      return { url: urlOf(name), arn };
    },
    cancelPolls: () => {
      for (const queue of sqsStore.allQueues()) queue.cancelWaiters();
    },
    releaseInFlight: () => {
      for (const queue of sqsStore.allQueues()) {
        for (const handle of [...queue.inflightMessages.keys()]) queue.changeVisibility(handle, 0);
      }
    },
    stop: () => {
      stopped ??= (async () => {
        for (const queue of sqsStore.allQueues()) queue.cancelWaiters();
        await app.close();
        persistence.close();
      })();
      return stopped;
    },
  };
}
