import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { isRecord } from "../util/files.ts";
import { messageOf, type Part, since } from "../util/part.ts";
import { listen } from "../util/ports.ts";
import { Deliverer, type FunctionTarget } from "./delivery.ts";
import { EventBridgeError, fromAws, Operations } from "./operations.ts";
import { InvalidPattern } from "./pattern.ts";
import { EventStore } from "./store.ts";

export type { FunctionTarget } from "./delivery.ts";
export { busArn } from "./operations.ts";

export interface EventBridgeOptions {
  dataDir: string;
  port?: number;
  sqsEndpoint: string;
  /** Buses that exist besides `default`. */
  buses?: readonly string[];
  functions?: ReadonlyMap<string, FunctionTarget>;
  log?: (line: string) => void;
}

export interface EventBridge extends Part {
  port: number;
  endpoint: string;
  /** Publishes an event on the default bus as an AWS service would (`aws.ses`). */
  publishFromAws(source: string, detailType: string, detail: unknown, resources?: readonly string[]): void;
}

/**
 * EventBridge on 127.0.0.1 for the unmodified SDK client: buses, rules with the full pattern language, queue and
 * function targets with retries and dead-letter queues. `PutEvents` answers after each matching target's delivery is on
 * disk. Delivery is at least once, in no fixed order.
 */
export async function start(options: EventBridgeOptions): Promise<EventBridge> {
  const begin = performance.now();
  const store = new EventStore(options.dataDir);
  for (const bus of options.buses ?? []) store.addBus(bus);
  const deliverer = new Deliverer({
    store,
    sqsEndpoint: options.sqsEndpoint,
    functions: options.functions ?? new Map(),
    log: options.log ?? (() => {}),
  });
  const operations = new Operations(store, () => deliverer.wake());

  const app = new Hono();
  app.get("/", (c) => c.text("EventBridge"));
  app.post("/", async (c) => {
    const requestId = randomUUID();
    const answer = (status: 200 | 400 | 500, body: unknown) =>
      c.body(JSON.stringify(body), status, {
        "content-type": "application/x-amz-json-1.1",
        "x-amzn-requestid": requestId,
      });
    const [service, operation = ""] = (c.req.header("x-amz-target") ?? "").split(".");
    if (service !== "AWSEvents") return answer(400, { __type: "UnknownOperationException" });
    if (!c.req.header("authorization")) {
      return answer(400, { __type: "MissingAuthenticationTokenException", message: "Missing Authentication Token" });
    }
    try {
      const input: unknown = await c.req.json();
      return answer(200, operations.run(operation, isRecord(input) ? input : {}));
    } catch (error) {
      if (error instanceof EventBridgeError || error instanceof InvalidPattern) {
        return answer(400, { __type: error.name, message: error.message });
      }
      if (error instanceof SyntaxError)
        return answer(400, { __type: "SerializationException", message: error.message });
      options.log?.(`EventBridge ${operation} failed: ${messageOf(error)}`);
      return answer(500, { __type: "InternalException", message: "Internal failure." });
    }
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  const port = await listen(server, options.port);
  deliverer.wake(); // deliveries left by an earlier run

  let stopped: Promise<void> | undefined;
  return {
    name: "EventBridge",
    address: `http://127.0.0.1:${port}`,
    ms: since(begin),
    port,
    endpoint: `http://127.0.0.1:${port}`,
    publishFromAws: (source, detailType, detail, resources = []) => {
      const entry = { Source: source, DetailType: detailType, Detail: JSON.stringify(detail), Resources: resources };
      operations.run("PutEvents", { Entries: [{ ...entry, [fromAws]: true }] });
    },
    stop: () => {
      stopped ??= (async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
        await deliverer.stop();
        store.close();
      })();
      return stopped;
    },
  };
}
