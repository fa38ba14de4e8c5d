import { randomBytes, randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { type Part, since } from "../util/part.ts";
import { listen } from "../util/ports.ts";

export interface WebsocketManagement extends Part {
  readonly port: number;
  /** For `Resource.Socket.managementEndpoint`. */
  readonly endpoint: string;
  /** Opens a connection and returns its id. */
  open(): string;
  /** Closes it without notice: the next post to it fails with GoneException. */
  close(connectionId: string): void;
  messages(connectionId: string): readonly unknown[];
}

/** As API Gateway: frames of 32 KB, of which it joins up to four. */
const maxBytes = 128 * 1024;

/**
 * The management API of an API Gateway WebSocket for the unmodified SDK client: PostToConnection, GetConnection,
 * DeleteConnection. Tests open the connections; browsers cannot connect.
 */
export async function start({ port: wanted }: { port?: number } = {}): Promise<WebsocketManagement> {
  const begin = performance.now();
  const connections = new Map<string, unknown[]>();
  const app = new Hono();
  const refusal = (name: string, message: string, status: number) =>
    new Response(JSON.stringify({ message }), {
      status,
      headers: { "content-type": "application/json", "x-amzn-errortype": name, "x-amzn-requestid": randomUUID() },
    });
  app.use("/@connections/:id", async (c, next) => {
    if (!c.req.header("authorization")) return refusal("ForbiddenException", "Missing Authentication Token", 403);
    if (!connections.has(c.req.param("id"))) return refusal("GoneException", "", 410);
    return next();
  });
  app.post("/@connections/:id", async (c) => {
    const text = await c.req.text();
    if (Buffer.byteLength(text) > maxBytes) return refusal("PayloadTooLargeException", "Message too long", 413);
    connections.get(c.req.param("id"))?.push(JSON.parse(text));
    return c.body(null, 200);
  });
  app.get("/@connections/:id", (c) =>
    c.json({ connectedAt: new Date().toISOString(), identity: { sourceIp: "192.0.2.7", userAgent: "test" } }),
  );
  app.delete("/@connections/:id", (c) => {
    connections.delete(c.req.param("id"));
    return c.body(null, 204);
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  const port = await listen(server, wanted);
  let stopped: Promise<void> | undefined;
  return {
    name: "WebSocket management",
    address: `http://127.0.0.1:${port}`,
    ms: since(begin),
    port,
    endpoint: `http://127.0.0.1:${port}`,
    open() {
      // API Gateway's ids are padded base64.
      const id = `${randomBytes(11).toString("base64url")}=`;
      connections.set(id, []);
      return id;
    },
    close: (id) => void connections.delete(id),
    messages: (id) => connections.get(id) ?? [],
    stop: () => {
      server.closeAllConnections();
      stopped ??= new Promise((resolve) => server.close(() => resolve()));
      return stopped;
    },
  };
}
