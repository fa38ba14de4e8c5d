import { Agent } from "node:http";
import {
  CloudFrontKeyValueStoreClient,
  ConflictException,
  DescribeKeyValueStoreCommand,
  UpdateKeysCommand,
  ValidationException,
} from "@aws-sdk/client-cloudfront-keyvaluestore";
// The store is global, so requests need the multi-region signature (SigV4a) that this import provides.
import "@aws-sdk/signature-v4a";
import { log } from "../log/index.ts";
import { localCloud, once, options } from "./options.ts";

// Outside the factory: only one reaction writes the store, and every bundle would contain this client.

/** What the edge reads at each request. Only `kernel/edition` writes it. */
export const keyValueStore = once(
  () => new CloudFrontKeyValueStoreClient(localCloud() ? atHome(options("cloudfrontKvs")) : options("cloudfrontKvs")),
);

/** The client prefixes the host with the account id; not every system resolves *.localhost. */
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

/** AWS documents one name for a version conflict and a validation error that may be one; both count as a conflict. */
const isConflict = (error: unknown): boolean =>
  error instanceof ConflictException ||
  (error instanceof ValidationException && /pre-?condition|etag|if-?match/i.test(error.message));
