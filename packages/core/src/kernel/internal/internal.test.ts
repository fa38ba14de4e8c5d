import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Internal } from "./index.ts";

// The client against a real server that accepts signed calls. The API's own tests cover forgeries.

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const { method = "", url = "" } = request;
  const signature = request.headers[Internal.header];
  const call = { method, target: url, body: Buffer.concat(chunks) };
  const refused = await Internal.refusalOf(call, typeof signature === "string" ? signature : undefined);
  if (url === "/moved") response.writeHead(302, { location: "/elsewhere" }).end();
  else response.writeHead(refused ? 401 : 200).end(refused ?? call.body);
});
let origin: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test("what the client sends is let in: path, query and body as they are", async () => {
  const read = await Internal.send(`${origin}/a%20b/ü?x=1&y=%2F+z#part`);
  expect(read.status).toBe(200);
  const written = await Internal.send(`${origin}/things`, { method: "POST", body: { name: "Zoë", n: [1, 2] } });
  expect(written.status).toBe(200);
  expect(await written.json()).toEqual({ name: "Zoë", n: [1, 2] });
});

test("the same call again is signed anew, and is let in", async () => {
  const statuses = await Promise.all(
    Array.from({ length: 5 }, async () => (await Internal.send(`${origin}/a`)).status),
  );
  expect(statuses).toEqual([200, 200, 200, 200, 200]);
});

test("a redirect is not followed", async () => {
  await expect(Internal.send(`${origin}/moved`)).rejects.toThrow();
});
