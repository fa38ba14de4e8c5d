// The site: one public port in front of the API, the sign-in host, static files and pages, like CloudFront and the
// functions on AWS. A process that the supervisor starts and watches.
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { pathToFileURL } from "node:url";
import { Aws } from "@lectern/core/kernel/aws";
import { Edge } from "@lectern/core/kernel/edge";
import { behindEdge } from "@lectern/web/door";
import type { ServerBuild } from "@remix-run/node";
import { inRepository } from "../cloud/paths.ts";
import type { Resources } from "../cloud/resources.ts";
import { applyHead, type HttpHandler, invoke } from "../lambda/index.ts";
import { messageOf } from "../util/part.ts";
import { ensureWebBuild } from "../web-build/index.ts";
import { compressor } from "./compress.ts";
import { hotPages } from "./hot.ts";
import { type Pages, pages } from "./pages.ts";
import { malformed } from "./request-line.ts";
import { StaticFiles } from "./static.ts";

const resources: Resources = JSON.parse(process.env.SST_RESOURCES_JSON ?? "{}");
const port = Number(process.env.LECTERN_PORT);
const hot = process.argv.includes("--hot");
const isRestart = process.env.LECTERN_RESTARTED === "1";
const authHost = `auth.${resources.Platform.domain}`.split(":")[0];
const say = (message: Record<string, unknown>) => process.send?.(message);
const log = (line: string) => say({ type: "log", line });

process.on("SIGINT", () => {}); // Ctrl-C reaches the whole group; the supervisor decides
process.on("unhandledRejection", (error) => console.error(error));

/** Returns the `handler` of a module of packages/functions; undefined when the module does not exist. */
async function handlerOf(path: string): Promise<HttpHandler | undefined> {
  const file = inRepository("packages", "functions", "src", path);
  if (!existsSync(file)) return undefined;
  const module: unknown = await import(file);
  const handler = typeof module === "object" && module !== null ? Reflect.get(module, "handler") : undefined;
  return typeof handler === "function" ? (handler as HttpHandler) : undefined;
}

async function main(): Promise<void> {
  const server = createServer({ keepAliveTimeout: 65_000, headersTimeout: 70_000 });
  const webFolder = inRepository("packages", "web", "build");
  const [api, auth, files, site] = await Promise.all([
    handlerOf("api/handler.ts"),
    handlerOf("auth/handler.ts"),
    (async () => {
      if (hot) return new StaticFiles("");
      if (!isRestart) await ensureWebBuild({ log });
      return new StaticFiles(`${webFolder}/client`);
    })(),
    (async (): Promise<Pages> => {
      if (hot) return hotPages(server);
      if (!isRestart) await ensureWebBuild({ log });
      const build = (await import(pathToFileURL(`${webFolder}/server/index.js`).href)) as ServerBuild;
      return pages(build, "production", behindEdge);
    })(),
    gatherLogs(),
  ]);

  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    front(request, response).catch((error: unknown) => {
      console.error(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { "content-type": "text/plain" }).end("Internal Server Error");
    });
  });

  async function front(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers } = request;
    for (const name of Object.keys(headers)) if (Edge.edgeOnlyHeaders.test(name)) delete headers[name];
    const refused = malformed(request);
    if (refused) {
      response.writeHead(refused.status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
      response.end(refused.message);
      return;
    }
    headers["x-forwarded-host"] = headers.host ?? "";
    headers["x-forwarded-proto"] = "http";
    headers["x-forwarded-for"] = request.socket.remoteAddress ?? "127.0.0.1";
    headers["x-lectern-ip"] = headers["x-forwarded-for"];
    headers[Edge.header] = resources.LocalCloud.localKey;
    if (headers.cookie || headers.authorization) headers[Edge.ownHeader] = randomUUID();
    headers["x-request-id"] = `req_${randomUUID()}`;

    const path = (request.url ?? "/").split("?")[0] ?? "/";
    if (path === "/api" || path.startsWith("/api/") || path === "/metrics" || /^\/health(\/|$)/.test(path)) {
      await call(api, "Api", request, response);
    } else if ((headers.host ?? "").split(":")[0]?.toLowerCase() === authHost) {
      // The sign-in pages use the site's styles and fonts.
      if (!(await files.serve(request, response, path))) await call(auth, "Auth", request, response);
    } else if (!(await files.serve(request, response, path))) {
      await Aws.asDoor("Web", () => site(request, response));
    }
  }

  server.once("error", (error) => {
    log(`site: port ${port} cannot be opened: ${messageOf(error)}`);
    process.exit(1);
  });
  // Localhost only: everyone knows a development site's logins.
  server.listen(port, "127.0.0.1", () => say({ type: "ready" }));
  const second = createTcpServer((socket) => server.emit("connection", socket));
  second.on("error", () => {}); // no IPv6 here, or the port is taken
  second.listen(port, "::1");

  const stop = () => {
    second.close();
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), 2000).unref();
  };
  process.on("SIGTERM", stop);
  process.on("disconnect", stop); // the supervisor exited
}

async function call(
  handler: HttpHandler | undefined,
  name: "Api" | "Auth",
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!handler) {
    response.writeHead(503, { "content-type": "text/plain" }).end(`The ${name} function is not in this checkout.`);
    return;
  }
  const result = await Aws.asDoor(name, () => invoke(handler, request, name.toLowerCase()));
  applyHead(result, response);
  const packed = result.body.length > 0 ? compressor(request, response, result.body.length) : undefined;
  if (packed) {
    packed.end(result.body);
    return;
  }
  if (!response.hasHeader("content-length") && result.status !== 204 && result.status !== 304) {
    response.setHeader("content-length", result.body.length);
  }
  response.end(request.method === "HEAD" ? undefined : result.body);
}

/** Collects the site's error and timing lines for operators, as a log subscription does on AWS. */
async function gatherLogs(): Promise<void> {
  if (!existsSync(inRepository("packages", "functions", "src", "ops", "index.ts"))) return;
  const { Ops } = await import("@lectern/functions/ops");
  const stop = Ops.gatherHere();
  process.once("SIGTERM", () => void stop());
}

try {
  await main();
} catch (error) {
  console.error(error);
  say({ type: "failed", reason: messageOf(error) });
  setTimeout(() => process.exit(1), 50); // flush the message first
}
