import { Agent } from "node:http";
import { CloudFrontKeyValueStoreClient } from "@aws-sdk/client-cloudfront-keyvaluestore";
// The store is in no region, so its requests are signed for all of them: this brings the signature that can.
import "@aws-sdk/signature-v4a";
import { localCloud, once, options } from "./options.ts";

// Beside the factory and not in it: one reaction writes the store, and every bundle would carry this client.

/** What the edge reads at each request. Only `kernel/edition` asks for it. */
export const keyValueStore = once(
  () => new CloudFrontKeyValueStoreClient({ ...options("cloudfrontKvs"), ...(localCloud() && atHome()) }),
);

/** The client puts the account's number in front of the host; not every system knows that *.localhost is itself. */
const atHome = () => ({
  requestHandler: {
    httpAgent: new Agent({
      keepAlive: true,
      lookup: (_host, { all }, done) =>
        all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4),
    }),
  },
});
