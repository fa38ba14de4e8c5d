import { Agent } from "node:http";
import {
  CloudFrontKeyValueStoreClient,
  ConflictException,
  DescribeKeyValueStoreCommand,
  UpdateKeysCommand,
  ValidationException,
} from "@aws-sdk/client-cloudfront-keyvaluestore";
// The store is in no region, so its requests are signed for all of them: this brings the signature that can.
import "@aws-sdk/signature-v4a";
import { log } from "../log/index.ts";
import { localCloud, once, options } from "./options.ts";

// Beside the factory and not in it: one reaction writes the store, and every bundle would carry this client.

/** What the edge reads at each request. Only `kernel/edition` writes it. */
export const keyValueStore = once(
  () => new CloudFrontKeyValueStoreClient(localCloud() ? atHome(options("cloudfrontKvs")) : options("cloudfrontKvs")),
);

/** The client puts the account's number in front of the host; not every system knows that *.localhost is itself. */
const atHome = (usual: ReturnType<typeof options>) => ({
  ...usual,
  requestHandler: {
    ...usual.requestHandler,
    httpAgent: new Agent({
      keepAlive: true,
      lookup: (_host, { all }, done) =>
        all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4),
    }),
  },
});

/** The store's version as this process knows it; another one, or a deployment, may have written since. */
let version: string | undefined;
const attempts = 6;

/**
 * Puts all of these keys or none. The store accepts a change only with its current version, so callers of one process
 * run in sequence; after a change by another process or a deployment it retries.
 */
export async function putKeys(KvsARN: string, Puts: { Key: string; Value: string }[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    version ??= (await keyValueStore().send(new DescribeKeyValueStoreCommand({ KvsARN }))).ETag;
    try {
      const { ETag } = await keyValueStore().send(new UpdateKeysCommand({ KvsARN, IfMatch: version, Puts }));
      version = ETag;
      return;
    } catch (error) {
      version = undefined;
      if (!isConflict(error) || attempt === attempts) throw error;
      log.info({ attempt, hosts: Puts.length }, "somebody else wrote the edge's store; trying again");
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50 * 2 ** attempt));
    }
  }
}

/** AWS's description has a name for it, and a validation that could be it: both are taken for a version that has passed. */
const isConflict = (error: unknown): boolean =>
  error instanceof ConflictException ||
  (error instanceof ValidationException && /pre-?condition|etag|if-?match/i.test(error.message));
