import { createSocket } from "node:dgram";
import { type Part, since } from "../util/part.ts";
import type { Records } from "./records.ts";
import { answer, parse, types } from "./wire.ts";

export { RecordInput, Records } from "./records.ts";

export interface NameServer extends Part {
  port: number;
  /** `127.0.0.1:<port>`, for `Resolver.setServers`. */
  server: string;
}

const names = new Map<number, string>(Object.entries(types).map(([name, code]) => [code, name]));

/** A name server on 127.0.0.1 (UDP) for Node's unmodified resolver. It answers only the records a developer has set. */
export async function start(options: { port?: number; records: Records }): Promise<NameServer> {
  const begin = performance.now();
  const socket = createSocket("udp4");
  socket.on("message", (message, from) => {
    const question = parse(message);
    if (!question) return;
    const { records, exists } = options.records.lookup(question.name, names.get(question.type) ?? "");
    socket.send(answer(question, records, exists), from.port, from.address);
  });
  const bind = (port: number) =>
    new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(port, "127.0.0.1", () => {
        socket.off("error", reject);
        resolve();
      });
    });
  // Another program may use the last port now.
  await bind(options.port ?? 0).catch(() => bind(0));
  const { port } = socket.address();
  let stopped: Promise<void> | undefined;
  return {
    name: "DNS",
    address: `127.0.0.1:${port}`,
    ms: since(begin),
    port,
    server: `127.0.0.1:${port}`,
    stop: () => {
      stopped ??= new Promise((resolve) => socket.close(() => resolve()));
      return stopped;
    },
  };
}
