import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { isRecord } from "../util/files.ts";
import { messageOf, type Part, since } from "../util/part.ts";
import { listen } from "../util/ports.ts";
import { isSigned } from "./signature.ts";
import { bytesOf, KeyValueStoreError, KeyValueStores } from "./store.ts";

export interface KeyValueStoreOptions {
  dataDir: string;
  port?: number;
  stores: readonly string[];
  log?: (line: string) => void;
}

export interface KeyValueStore extends Part {
  port: number;
  endpoint: string;
  /** Returns a store's current values, as the edge would read them. */
  valuesOf(arn: string): ReadonlyMap<string, string>;
}

const statuses = {
  AccessDeniedException: 403,
  ConflictException: 409,
  ResourceNotFoundException: 404,
  ServiceQuotaExceededException: 402,
  ValidationException: 400,
} as const;

const credentials = { id: "local", secret: "local-secret" };

/**
 * CloudFront's key-value stores for the unmodified SDK client: ETags, all-or-nothing changes, AWS's limits, and SigV4A
 * signatures. The client puts the account in front of the host, so the endpoint must be a name. `GET /value?arn=&key=`
 * answers as the edge would read.
 */
export async function start(options: KeyValueStoreOptions): Promise<KeyValueStore> {
  const begin = performance.now();
  const stores = new KeyValueStores(options.dataDir);
  for (const arn of options.stores) stores.ensure(arn);

  const app = new Hono();
  app.use("/key-value-stores/*", async (c, next) => {
    const url = new URL(c.req.url);
    const request = {
      method: c.req.method,
      target: `${url.pathname}${url.search}`,
      headers: c.req.header(),
      body: await c.req.text(),
    };
    if (!isSigned(request, credentials, "cloudfront-keyvaluestore"))
      return refused(c, new KeyValueStoreError("AccessDeniedException", "The request is not signed for all regions."));
    return next();
  });
  const at = "/key-value-stores/:arn";
  const arnOf = (c: Context) => c.req.param("arn") ?? "";
  const keyOf = (c: Context) => c.req.param("key") ?? "";
  const counts = (values: ReadonlyMap<string, string>) => ({
    ItemCount: values.size,
    TotalSizeInBytes: bytesOf(values),
  });
  const changed = (c: Context, puts: readonly [string, string][], deletes: readonly string[]) => {
    const { etag, values } = stores.change(arnOf(c), c.req.header("if-match"), puts, deletes);
    c.header("ETag", etag);
    return c.json(counts(values));
  };
  app.get(at, (c) => {
    const { createdAt, modifiedAt, etag, values } = stores.get(arnOf(c));
    c.header("ETag", etag);
    const times = { Created: createdAt / 1000, LastModified: modifiedAt / 1000 };
    return c.json({ KvsARN: arnOf(c), ...counts(values), ...times, Status: "READY" });
  });
  app.get(`${at}/keys`, (c) => {
    const all = [...stores.get(arnOf(c)).values].sort(([a], [b]) => (a < b ? -1 : 1));
    const from = Number(c.req.query("NextToken") ?? 0);
    const most = Math.min(Number(c.req.query("MaxResults")) || 10, 50);
    const Items = all.slice(from, from + most).map(([Key, Value]) => ({ Key, Value }));
    return c.json({ Items, ...(from + most < all.length && { NextToken: String(from + most) }) });
  });
  app.post(`${at}/keys`, async (c) => {
    const body: unknown = await c.req.json();
    const list = (name: string) => {
      const found: unknown = isRecord(body) ? body[name] : undefined;
      return Array.isArray(found) ? found.filter(isRecord) : [];
    };
    return changed(
      c,
      list("Puts").map(({ Key, Value }) => [String(Key), String(Value)]),
      list("Deletes").map(({ Key }) => String(Key)),
    );
  });
  app.get(`${at}/keys/:key`, (c) => {
    const Value = stores.value(arnOf(c), keyOf(c));
    return c.json({ Key: keyOf(c), Value, ...counts(stores.get(arnOf(c)).values) });
  });
  app.put(`${at}/keys/:key`, async (c) => {
    const body: unknown = await c.req.json();
    return changed(c, [[keyOf(c), String(isRecord(body) ? body.Value : "")]], []);
  });
  app.delete(`${at}/keys/:key`, (c) => changed(c, [], [keyOf(c)]));
  // Not part of AWS: the local edge reads its store here without a signature.
  app.get("/value", (c) => {
    const { arn = "", key = "" } = c.req.query();
    return c.text(stores.value(arn, key));
  });
  app.onError((error, c) => {
    if (error instanceof KeyValueStoreError) return refused(c, error);
    options.log?.(`CloudFront's key-value store failed: ${messageOf(error)}`);
    c.header("x-amzn-errortype", "InternalServerException");
    return c.json({ Message: "Internal failure." }, 500);
  });

  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  const port = await listen(server, options.port);
  let stopped: Promise<void> | undefined;
  return {
    name: "Edge's keys",
    address: `http://127.0.0.1:${port}`,
    ms: since(begin),
    port,
    endpoint: `http://localhost:${port}`,
    valuesOf: (arn) => stores.get(arn).values,
    stop: () => {
      stopped ??= (async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      })();
      return stopped;
    },
  };
}

const refused = (c: Context, error: KeyValueStoreError) => {
  c.header("x-amzn-errortype", error.name);
  return c.json({ Message: error.message }, statuses[error.name]);
};
