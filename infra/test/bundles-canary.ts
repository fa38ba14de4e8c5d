import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { Resource } from "sst";
import { expect } from "vitest";
import { type Launched, launch, type Unpacked, unpack } from "./bundles.ts";
import type { Case } from "./bundles-case.ts";
import { through } from "./bundles-doors.ts";
import type { Town } from "./bundles-town.ts";
import { recorded } from "./events/index.ts";
import { graphOf } from "./graphs.ts";

// Runs the canary against bundles of pages, API and sign-in behind a front that routes like the edge. The canary uses
// it as a proxy, so that no name needs DNS.

const graph = graphOf("production");
const doors = { auth: "Auth", api: "Api", web: "WebServerUseast1" } as const;
type Door = keyof typeof doors;

interface House {
  readonly proxy: string;
  end(door: Door): void;
  stop(): Promise<void>;
}

let house: House | undefined;

const doorOf = (host: string, path: string): Door =>
  host.startsWith("auth.") ? "auth" : /^\/(api|health|metrics)(\/|$)/.test(path) ? "api" : "web";

async function build(town: Town): Promise<House> {
  const unpacked: Unpacked[] = [];
  const running: Partial<Record<Door, Launched>> = {};
  for (const [door, name] of Object.entries(doors) as [Door, string][]) {
    const bundle = graph.bundles.find((each) => each.name === name);
    if (!bundle) throw new Error(`there is no function ${name}`);
    const made = await unpack(graph, bundle, town.cloud.resources);
    unpacked.push(made);
    running[door] = await launch(made);
  }
  // A process handles one event at a time, as on Lambda.
  const turns: Partial<Record<Door, Promise<unknown>>> = {};
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { host, pathname, search } = new URL(request.url ?? "", `http://${request.headers.host}`);
    const body = await buffer(request);
    const door = doorOf(host, pathname);
    const fn = running[door];
    if (!fn) return void response.writeHead(502).end("<h1>The edge found nobody</h1>");
    const ask = through(town, fn, host);
    const asked = (turns[door] ?? Promise.resolve()).then(() =>
      ask({
        ...{ method: request.method ?? "GET", path: `${pathname}${search}` },
        ...(body.length > 0 && { body: body.toString() }),
      }),
    );
    turns[door] = asked.catch(() => {});
    const { statusCode, headers, body: text } = await asked;
    const { "content-encoding": _, "content-length": __, "Transfer-Encoding": ___, ...kept } = headers;
    response.writeHead(statusCode, kept).end(text);
  };
  const server: Server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(502).end());
  });
  // The proxy ends tunnels to every host here.
  server.on("connect", (_, socket: Socket) => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    server.emit("connection", socket);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    proxy: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    end(door) {
      running[door]?.kill();
      delete running[door];
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((ended) => server.close(ended));
      for (const each of Object.values(running)) each.kill();
      for (const each of unpacked) each.remove();
    },
  };
}

export const canaryCases: Readonly<Record<string, Case>> = {
  Canary: {
    async prepare(town) {
      house = await build(town);
      return {
        env: { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: house.proxy, LECTERN_CANARY_SCHOOL: town.school.slug },
        stop: house.stop,
      };
    },
    async run(_, fn) {
      expect(Resource.Platform.protocol).toBe("http");
      expect(await walked(await fn.another())).toEqual({ apex: 100, school: 100, "sign-in": 100, api: 100 });
      house?.end("auth");
      expect(await walked(await fn.another())).toEqual({ apex: 100, school: 100, "sign-in": 0, api: 100 });
      house?.end("web");
      expect(await walked(await fn.another())).toEqual({ apex: 0, school: 0, "sign-in": 0, api: 100 });
    },
  },
};

async function walked(canary: Launched): Promise<Record<string, unknown>> {
  expect(await canary.invoke(recorded("schedule"))).toBeNull();
  const lines = canary
    .said()
    .split("\n")
    .filter((line) => line.includes('"CanarySuccess"'))
    .map((line) => JSON.parse(line));
  return Object.fromEntries(lines.map(({ check, CanarySuccess }) => [check, [CanarySuccess].flat().at(-1)]));
}
