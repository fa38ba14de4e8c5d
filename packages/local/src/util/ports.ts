import { createServer, type Server } from "node:net";
import { codeOf, StartError } from "./part.ts";

const host = "127.0.0.1";

/** A TCP port of 127.0.0.1 that nobody listens on: `preferred` when it is free, else one the system picks. */
export async function freePort(preferred = 0): Promise<number> {
  const port = await tryPort(preferred);
  if (port !== undefined) return port;
  const other = await tryPort(0);
  if (other === undefined) throw new StartError("No free TCP port on 127.0.0.1. Close some programs and start again.");
  return other;
}

/** Listens on 127.0.0.1 and resolves with the port, falling back to a free one when `preferred` is taken. */
export async function listen(server: Server, preferred = 0): Promise<number> {
  try {
    return await listenOn(server, preferred);
  } catch (error) {
    if (preferred === 0 || !["EADDRINUSE", "EACCES"].includes(codeOf(error) ?? "")) throw error;
    return listenOn(server, 0);
  }
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      if (address && typeof address === "object") resolve(address.port);
      else reject(new Error("The server has no TCP address."));
    });
  });
}

async function tryPort(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    const found = await listenOn(server, port);
    await new Promise((resolve) => server.close(resolve));
    return found;
  } catch (error) {
    if (["EADDRINUSE", "EACCES"].includes(codeOf(error) ?? "")) return undefined;
    throw error;
  }
}
