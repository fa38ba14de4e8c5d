import { createServer, type Server } from "node:net";
import { codeOf, StartError } from "./part.ts";

const host = "127.0.0.1";
const host6 = "::1";

/** Returns a free TCP port of 127.0.0.1: `preferred` if possible. */
export async function freePort(preferred = 0): Promise<number> {
  return (await tryPort(preferred)) ?? (await anyPort());
}

/**
 * As `freePort`, and free on ::1 too: browsers may use either address for `localhost`, so another program on ::1 could
 * answer instead.
 */
export async function freeSitePort(preferred = 0): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = await (attempt === 0 ? tryPort(preferred) : anyPort());
    if (port !== undefined && (await tryPort(port, host6)) !== undefined) return port;
  }
  throw new StartError("No TCP port is free on both 127.0.0.1 and ::1. Close some programs and start again.");
}

async function anyPort(): Promise<number> {
  const port = await tryPort(0);
  if (port === undefined) throw new StartError("No free TCP port on 127.0.0.1. Close some programs and start again.");
  return port;
}

/** Listens on 127.0.0.1 and resolves with the port; a free one when `preferred` is taken. */
export async function listen(server: Server, preferred = 0): Promise<number> {
  try {
    return await listenOn(server, preferred);
  } catch (error) {
    if (preferred === 0 || !["EADDRINUSE", "EACCES"].includes(codeOf(error) ?? "")) throw error;
    return listenOn(server, 0);
  }
}

function listenOn(server: Server, port: number, at = host): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, at, () => {
      server.off("error", reject);
      const address = server.address();
      if (address && typeof address === "object") resolve(address.port);
      else reject(new Error("The server has no TCP address."));
    });
  });
}

async function tryPort(port: number, at = host): Promise<number | undefined> {
  const server = createServer();
  try {
    const found = await listenOn(server, port, at);
    await new Promise((resolve) => server.close(resolve));
    return found;
  } catch (error) {
    if (["EADDRINUSE", "EACCES"].includes(codeOf(error) ?? "")) return undefined;
    // Without IPv6 on this machine, no program can listen there.
    if (at === host6) return port;
    throw error;
  }
}
